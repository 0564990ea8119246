#include "daemon/store/audit.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/store/page.h"
#include "daemon/store/row_sum.h"

enum { WHAT_SIZE = 256, DEPTH_MAX = 32, TABLES_MAX = 64, NAME_MAX_BYTES = 64 };

/* A tree: a table, the table of tables, or the free list. */
struct tree {
    char name[NAME_MAX_BYTES];
    uint64_t branches, leaves, overflows, entries, root;
    unsigned depth, flags;
};

struct audit {
    int fd;
    char *what;
    size_t page_bytes;
    uint64_t pages;           /* in the snapshot: last page + 1 */
    uint8_t *seen;            /* a bit a page */
    uint8_t *path[DEPTH_MAX]; /* a page a level */
    uint8_t *big;             /* an overflow value */
    size_t big_cap;
    uint64_t at; /* the page at hand */
    bool is_foreign;
    size_t ours, tables; /* tables found: those with a name of ours, and all */
    struct tree found[TABLES_MAX];
};

/* One walk through a tree. */
struct walk {
    struct audit *audit;
    const struct tree *tree;
    struct tree count;            /* what was found */
    uint8_t last[STORE_KEY_MAX];  /* the last row's key */
    uint8_t floor[STORE_KEY_MAX]; /* the last separator since */
    size_t last_len, floor_len;
    int (*row)(struct walk *walk, struct rd_str key, struct rd_str value, unsigned flags);
    uint64_t seed;
};

static int bad(struct audit *audit, uint64_t page, const char *why)
{
    (void)snprintf(audit->what, WHAT_SIZE,
            "data.mdb is damaged: page %" PRIu64 ", offset %" PRIu64 ": %s", page,
            page * audit->page_bytes, why);
    return -EBADMSG;
}

static int read_at(struct audit *audit, uint64_t page, uint8_t *bytes, size_t size)
{
    size_t got = 0;
    while (got < size) {
        ssize_t n =
                pread(audit->fd, bytes + got, size - got, (off_t)(page * audit->page_bytes + got));
        if (n < 0 && errno != EINTR) {
            (void)snprintf(audit->what, WHAT_SIZE, "reading data.mdb: %s", strerror(errno));
            return -errno;
        }
        if (n == 0) {
            return bad(audit, page, "the file ends before it");
        }
        got += n > 0 ? (size_t)n : 0;
    }
    return 0;
}

/* Marks `count` pages; each may be used once. */
static int claim(struct audit *audit, uint64_t from, uint64_t page, uint64_t count)
{
    if (page < 2 || page >= audit->pages || count > audit->pages - page) {
        return bad(audit, from, "it names a page that there is not");
    }
    for (uint64_t i = page; i < page + count; i++) {
        if ((audit->seen[i / 8] & 1U << (i % 8)) != 0) {
            return bad(audit, from, "it names a page that is used elsewhere");
        }
        audit->seen[i / 8] |= (uint8_t)(1U << (i % 8));
    }
    return 0;
}

static int page_read(struct walk *walk, uint64_t from, uint64_t page, unsigned level)
{
    struct audit *audit = walk->audit;
    uint8_t *bytes = audit->path[level];
    int r = claim(audit, from, page, 1);
    if (r == 0) {
        r = read_at(audit, page, bytes, audit->page_bytes);
    }
    if (r < 0) {
        return r;
    }
    bool is_leaf = level + 1 == walk->tree->depth;
    unsigned lower = page_u16(bytes + 12), upper = page_u16(bytes + 14);
    if (page_u64(bytes) != page || page_u16(bytes + 10) != (is_leaf ? FLAG_LEAF : FLAG_BRANCH)) {
        return bad(audit, page, "it has another number or kind than its parent says");
    }
    if (lower < PAGE_HEAD || lower > upper || upper > audit->page_bytes || lower % 2 != 0 ||
            (lower == PAGE_HEAD && walk->tree->entries > 0)) {
        return bad(audit, page, "its bounds do not fit");
    }
    walk->count.leaves += is_leaf;
    walk->count.branches += !is_leaf;
    return 0;
}

/* The node's key lies in the page; its other bytes are the caller's to judge. */
static int node_read(struct walk *walk, const uint8_t *bytes, uint64_t page, unsigned index,
        struct rd_str *ret_key)
{
    size_t size = walk->audit->page_bytes;
    unsigned at = page_u16(bytes + PAGE_HEAD + 2 * index);
    if (at < page_u16(bytes + 14) || at + NODE_HEAD > size || at % 2 != 0) {
        return bad(walk->audit, page, "a node lies outside of it");
    }
    size_t key_len = page_u16(bytes + at + 6);
    if (key_len > STORE_KEY_MAX || at + NODE_HEAD + key_len > size) {
        return bad(walk->audit, page, "a key is too long");
    }
    *ret_key = (struct rd_str){.ptr = (const char *)bytes + at + NODE_HEAD, .len = key_len};
    return 0;
}

static int key_order(const struct walk *walk, struct rd_str a, struct rd_str b)
{
    if ((walk->tree->flags & FREE_PAGE_FLAGS) == 0) {
        return rd_str_cmp(a, b);
    }
    if (a.len != sizeof(uint64_t) || b.len != sizeof(uint64_t)) {
        return 1;
    }
    uint64_t x = page_u64((const uint8_t *)a.ptr), y = page_u64((const uint8_t *)b.ptr);
    return (x > y) - (x < y);
}

static int key_rises(struct walk *walk, uint64_t page, struct rd_str key)
{
    struct rd_str last = {.ptr = (const char *)walk->last, .len = walk->last_len};
    if (walk->count.entries > 0 && key_order(walk, last, key) >= 0) {
        return bad(walk->audit, page, "its keys do not rise");
    }
    return 0;
}

static int big_read(struct walk *walk, uint64_t from, uint64_t page, struct rd_str *value)
{
    struct audit *audit = walk->audit;
    uint8_t head[PAGE_HEAD];
    uint64_t count = (PAGE_HEAD - 1 + value->len) / audit->page_bytes + 1;
    int r = claim(audit, from, page, count);
    if (r == 0) {
        r = read_at(audit, page, head, sizeof head);
    }
    if (r < 0) {
        return r;
    }
    if (page_u64(head) != page || page_u16(head + 10) != FLAG_OVERFLOW ||
            page_u32(head + 12) != count) {
        return bad(audit, page, "it does not begin a long value");
    }
    if (audit->big_cap < PAGE_HEAD + value->len) {
        free(audit->big);
        audit->big_cap = PAGE_HEAD + value->len;
        audit->big = malloc(audit->big_cap);
        if (audit->big == NULL) {
            rd_oom();
        }
    }
    r = read_at(audit, page, audit->big, PAGE_HEAD + value->len);
    value->ptr = (const char *)audit->big + PAGE_HEAD;
    walk->count.overflows += count;
    return r;
}

static int leaf_row(struct walk *walk, const uint8_t *bytes, uint64_t page, struct rd_str key)
{
    struct audit *audit = walk->audit;
    const uint8_t *node = (const uint8_t *)key.ptr - NODE_HEAD;
    unsigned flags = page_u16(node + 4);
    struct rd_str value = {
            .ptr = key.ptr + key.len, .len = page_u16(node) | (size_t)page_u16(node + 2) << 16};
    size_t room = audit->page_bytes - (size_t)((const uint8_t *)value.ptr - bytes);
    bool is_big = (flags & NODE_BIG) != 0;
    if ((flags & ~(unsigned)(NODE_BIG | NODE_TABLE)) != 0 || room < (is_big ? 8 : value.len)) {
        return bad(audit, page, "a value lies outside of it");
    }
    struct rd_str floor = {.ptr = (const char *)walk->floor, .len = walk->floor_len};
    audit->at = page;
    int r = key_rises(walk, page, key);
    if (r == 0 && floor.len > 0 && key_order(walk, key, floor) < 0) {
        return bad(audit, page, "its keys are less than its parent says");
    }
    walk->floor_len = 0;
    if (r == 0 && is_big) {
        r = big_read(walk, page, page_u64((const uint8_t *)value.ptr), &value);
    }
    if (r < 0) {
        return r;
    }
    r = walk->row(walk, key, value, flags);
    if (r < 0) {
        return r == -EBADMSG ? bad(audit, page, "a row is not what was written") : r;
    }
    memcpy(walk->last, key.ptr, key.len);
    walk->last_len = key.len;
    walk->count.entries++;
    return 0;
}

static int tree_walk(struct walk *walk)
{
    struct audit *audit = walk->audit;
    uint64_t pages[DEPTH_MAX] = {walk->tree->root};
    unsigned next[DEPTH_MAX] = {0};
    unsigned level = 0, depth = walk->tree->depth;
    int r = page_read(walk, 0, pages[0], 0);
    while (r == 0) {
        const uint8_t *bytes = audit->path[level];
        unsigned count = (page_u16(bytes + 12) - (unsigned)PAGE_HEAD) / 2, index = next[level]++;
        struct rd_str key;
        if (index >= count) {
            if (level-- == 0) {
                return 0;
            }
            continue;
        }
        r = node_read(walk, bytes, pages[level], index, &key);
        if (r == 0 && level + 1 == depth) {
            r = leaf_row(walk, bytes, pages[level], key);
        } else if (r == 0) {
            const uint8_t *node = (const uint8_t *)key.ptr - NODE_HEAD;
            r = index > 0 ? key_rises(walk, pages[level], key) : 0;
            if (r == 0 && index > 0) {
                memcpy(walk->floor, key.ptr, key.len);
                walk->floor_len = key.len;
            }
            if (r == 0) {
                uint64_t page = page_u16(node) | (uint64_t)page_u16(node + 2) << 16 |
                                (uint64_t)page_u16(node + 4) << 32;
                r = page_read(walk, pages[level], page, level + 1);
                pages[level + 1] = page;
                next[level + 1] = 0;
                level++;
            }
        }
    }
    return r;
}

static int tree_audit(struct walk *walk)
{
    const struct tree *tree = walk->tree;
    struct tree *count = &walk->count;
    if (tree->root == PAGE_NONE) {
        return tree->depth == 0 && tree->entries == 0
                       ? 0
                       : bad(walk->audit, 0, "a table lost its root");
    }
    if (tree->depth == 0 || tree->depth > DEPTH_MAX) {
        return bad(walk->audit, 0, "a table's depth is impossible");
    }
    int r = tree_walk(walk);
    if (r == 0 && (count->branches != tree->branches || count->leaves != tree->leaves ||
                          count->overflows != tree->overflows || count->entries != tree->entries)) {
        return bad(walk->audit, tree->root, "the counts of its table do not fit");
    }
    return r;
}

/* ---- rows ---- */

static int plain_row(struct walk *walk, struct rd_str key, struct rd_str value, unsigned flags)
{
    return (flags & NODE_TABLE) == 0 && row_strip(walk->seed, key, &value) ? 0 : -EBADMSG;
}

static int free_row(struct walk *walk, struct rd_str key, struct rd_str value, unsigned flags)
{
    uint64_t count = value.len >= 8 ? page_u64((const uint8_t *)value.ptr) : UINT64_MAX;
    if (key.len != 8 || (flags & NODE_TABLE) != 0 || value.len / 8 - 1 < count) {
        return -EBADMSG;
    }
    int r = 0;
    for (uint64_t i = 1; i <= count && r == 0; i++) {
        r = claim(walk->audit, walk->audit->at, page_u64((const uint8_t *)value.ptr + 8 * i), 1);
    }
    return r;
}

static void tree_read(const uint8_t *bytes, struct tree *tree)
{
    tree->flags = page_u16(bytes + 4);
    tree->depth = page_u16(bytes + 6);
    tree->branches = page_u64(bytes + 8);
    tree->leaves = page_u64(bytes + 16);
    tree->overflows = page_u64(bytes + 24);
    tree->entries = page_u64(bytes + 32);
    tree->root = page_u64(bytes + 40);
}

static int table_row(struct walk *walk, struct rd_str key, struct rd_str value, unsigned flags)
{
    if (flags != NODE_TABLE || value.len != DB_BYTES) {
        return -EBADMSG;
    }
    struct audit *audit = walk->audit;
    struct tree *found = &audit->found[audit->tables];
    bool is_ours = false;
    for (int i = 0; i < STORE_TABLE_COUNT; i++) {
        is_ours = is_ours || rd_str_eq(key, rd_str_of(store_table_name((enum store_table)i)));
    }
    if (audit->tables == TABLES_MAX || key.len >= NAME_MAX_BYTES ||
            (!is_ours && !audit->is_foreign)) {
        return -EBADMSG;
    }
    memcpy(found->name, key.ptr, key.len);
    tree_read((const uint8_t *)value.ptr, found);
    audit->tables++;
    audit->ours += is_ours;
    return found->flags == 0 ? 0 : -EBADMSG;
}

/* ---- the file ---- */

static int head_read(struct audit *audit, uint64_t number, uint8_t bytes[static META_BYTES])
{
    uint8_t head[PAGE_HEAD + META_BYTES];
    int r = read_at(audit, number, head, sizeof head);
    memcpy(bytes, head + PAGE_HEAD, META_BYTES);
    if (r == 0 && (page_u64(head) != number || (page_u16(head + 10) & FLAG_META) == 0 ||
                          page_u32(bytes) != PAGE_MAGIC || page_u32(bytes + 4) != PAGE_VERSION)) {
        return bad(audit, number, "it is no head of an LMDB file");
    }
    /* LMDB would take its page size from this field, so a wrong one must not pass. */
    return r < 0 || page_u32(bytes + META_DBS) == audit->page_bytes
                   ? r
                   : bad(audit, number, "its page size is not this machine's");
}

static int trees_audit(struct audit *audit, const uint8_t *head)
{
    struct tree free_list = {.name = "free"}, tables = {.name = "tables"};
    tree_read(head + META_DBS, &free_list);
    tree_read(head + META_DBS + DB_BYTES, &tables);
    struct walk walk = {.audit = audit, .tree = &tables, .row = table_row};
    int r = tables.flags == 0 ? tree_audit(&walk) : bad(audit, 0, "its flags are unknown");
    bool is_new = audit->tables == 1 && strcmp(audit->found[0].name, "meta") == 0;
    if (r == 0 && audit->ours != STORE_TABLE_COUNT && !audit->is_foreign && !is_new &&
            tables.entries > 0) {
        return bad(audit, tables.root, "tables are missing");
    }
    for (size_t i = 0; i < audit->tables && r == 0; i++) {
        struct walk rows = {.audit = audit,
                .tree = &audit->found[i],
                .row = plain_row,
                .seed = row_name_seed(audit->found[i].name)};
        r = tree_audit(&rows);
    }
    if (r == 0) {
        struct walk pages = {.audit = audit, .tree = &free_list, .row = free_row};
        r = (free_list.flags & TREE_FLAGS) == FREE_PAGE_FLAGS
                    ? tree_audit(&pages)
                    : bad(audit, 0, "its flags are unknown");
    }
    for (uint64_t page = 2; page < audit->pages && r == 0; page++) {
        if ((audit->seen[page / 8] & 1U << (page % 8)) == 0) {
            r = bad(audit, page, "it is neither used nor free");
        }
    }
    return r;
}

static int snapshot_audit(struct audit *audit, const uint8_t *head)
{
    audit->seen = calloc(1, audit->pages / 8 + 1);
    uint8_t *levels = malloc(DEPTH_MAX * audit->page_bytes);
    if (audit->seen == NULL || levels == NULL) {
        rd_oom();
    }
    for (size_t i = 0; i < DEPTH_MAX; i++) {
        audit->path[i] = levels + i * audit->page_bytes;
    }
    int r = trees_audit(audit, head);
    free(levels);
    free(audit->seen);
    free(audit->big);
    return r;
}

int audit_file(int fd, bool is_foreign, uint64_t bytes_max, char ret_what[static 256])
{
    struct audit audit = {.fd = fd,
            .what = ret_what,
            .is_foreign = is_foreign,
            .page_bytes = (size_t)sysconf(_SC_PAGESIZE)};
    uint8_t heads[2][META_BYTES];
    struct stat status;
    if (fstat(fd, &status) != 0) {
        return -errno;
    }
    int r = head_read(&audit, 0, heads[0]);
    if (r == 0) {
        r = head_read(&audit, 1, heads[1]);
    }
    if (r < 0) {
        return r;
    }
    const uint8_t *head = heads[page_u64(heads[0] + META_TXN) < page_u64(heads[1] + META_TXN)];
    uint64_t last = page_u64(head + META_LAST),
             in_file = (uint64_t)status.st_size / audit.page_bytes;
    if (last >= in_file) {
        return bad(&audit, in_file, "the file ends before it, its head says that it goes on");
    }
    audit.pages = last + 1;
    return audit.pages <= bytes_max / audit.page_bytes ? snapshot_audit(&audit, head) : 0;
}
