/* tests/prop/prop_rowtree.c — the tree of an overlay against a sorted array, many levels deep, in
 * growing, falling and random order. */
#include <string.h>

#include "daemon/store/rowtree.h"
#include "tests/prop.h"

enum { ROWS_MAX = 6000, KEY_MAX = 24, PROBES = 300 };

struct run {
    struct prop_gen *gen;
    struct slab slab;
    struct rowtree tree;
    struct row *sorted[ROWS_MAX];
    size_t count;
};

static struct row *row_make(struct run *run, const char *key, size_t len)
{
    struct row *row = slab_alloc(&run->slab, sizeof *row + KEY_MAX);
    memset(row, 0, sizeof *row);
    row->key_len = (uint16_t)len;
    memcpy(row->key, key, len);
    return row;
}

static int row_cmp(const void *a, const void *b)
{
    const struct row *const *left = a;
    const struct row *const *right = b;
    return rd_str_cmp(row_key(*left), row_key(*right));
}

/* A number of 8 bytes behind a head of 0, 6 or 12: the difference lies before, over and behind the
 * 16 bytes that nodes keep. */
static size_t key_of(char key[static KEY_MAX], size_t head, uint64_t number)
{
    memset(key, 'h', head);
    for (size_t i = 0; i < 8; i++) {
        key[head + i] = (char)(number >> (8 * (7 - i)) & 0xff);
    }
    return head + 8;
}

static void rows_add(struct run *run)
{
    size_t head = (size_t)prop_below(run->gen, 3) * 6;
    uint64_t order = prop_below(run->gen, 3);
    run->count = (size_t)prop_between(run->gen, 0, ROWS_MAX);
    uint64_t odd = prop_u64(run->gen) | 1;
    for (size_t i = 0; i < run->count; i++) {
        uint64_t number = order == 0 ? i * 2 : order == 1 ? (ROWS_MAX - i) * 2 : i * odd;
        char key[KEY_MAX];
        size_t len = key_of(key, head, number);
        run->sorted[i] = row_make(run, key, len);
        rowtree_insert(&run->tree, &run->slab, run->sorted[i]);
    }
    qsort(run->sorted, run->count, sizeof run->sorted[0], row_cmp);
}

/* How many are < key, or ≤ it. */
static size_t rank(const struct run *run, struct rd_str key, bool is_after)
{
    size_t at = 0;
    size_t high = run->count;
    while (at < high) {
        size_t middle = (at + high) / 2;
        if (rd_str_cmp(row_key(run->sorted[middle]), key) < (is_after ? 1 : 0)) {
            at = middle + 1;
        } else {
            high = middle;
        }
    }
    return at;
}

static int probe_check(const struct run *run, struct rd_str key)
{
    for (int is_after = 0; is_after < 2; is_after++) {
        size_t at = rank(run, key, is_after != 0);
        const struct row *expected = at < run->count ? run->sorted[at] : NULL;
        if (rowtree_row(rowtree_seek(&run->tree, key, is_after != 0)) != expected) {
            return __LINE__;
        }
    }
    size_t below = key.len > 0 ? rank(run, key, false) : run->count;
    const struct row *expected = below > 0 ? run->sorted[below - 1] : NULL;
    return rowtree_before(&run->tree, key) == expected ? 0 : __LINE__;
}

static int run_check(struct run *run)
{
    rows_add(run);
    struct rowtree_at at = rowtree_seek(&run->tree, (struct rd_str){0}, false);
    for (size_t i = 0; i < run->count; i++) {
        if (rowtree_row(at) != run->sorted[i]) {
            return __LINE__;
        }
        at = rowtree_step(at);
    }
    if (rowtree_row(at) != NULL) {
        return __LINE__;
    }
    int line = probe_check(run, (struct rd_str){0});
    for (int i = 0; i < PROBES && line == 0; i++) {
        char key[KEY_MAX];
        size_t len = key_of(key, (size_t)prop_below(run->gen, 3) * 6, prop_u64(run->gen));
        if (run->count > 0 && prop_below(run->gen, 2) == 0) {
            const struct row *row = run->sorted[prop_below(run->gen, run->count)];
            len = row->key_len;
            memcpy(key, row->key, len);
            key[len - 1] = (char)(key[len - 1] + (char)prop_between(run->gen, -1, 1));
            len -= (size_t)prop_below(run->gen, 2);
        }
        line = probe_check(run, (struct rd_str){.ptr = key, .len = len});
    }
    return line;
}

static int law_same_as_an_array(struct prop_gen *gen)
{
    struct run *run = calloc(1, sizeof *run);
    RD_ASSERT(run != NULL);
    run->gen = gen;
    int line = run_check(run);
    slab_done(&run->slab);
    free(run);
    return line;
}

int main(void)
{
    return prop_check("rowtree: same as a sorted array", law_same_as_an_array);
}
