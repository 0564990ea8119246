/* tests/prop/prop_store.c — a store against sorted arrays: random puts, deletes, gets, scans,
 * marks, seals, checkpoints that end when they like, side views, and crashes: what is there after
 * one is the last checkpoint that completed. A side view that is shown the live view stays as it is
 * while all that goes on. */
#include <errno.h>
#include <poll.h>

#include "tests/prop/store_model.h"
#include "tests/scratch.h"

enum { STEPS = 250, MAP_BYTES = 64 * 1024 * 1024 };

static const enum store_table TABLE_OF[TABLES] = {STORE_CASES, STORE_TIMERS_WALL, STORE_FIGURES};

struct run {
    struct prop_gen *gen;
    struct scratch scratch;
    struct store *store;
    struct store_view *live;
    struct store_view *shown; /* a side view */
    bool is_marked, is_sealed, is_shown;
    uint64_t checkpoints;
    struct model now, at_mark, at_seal, at_show, durable;
};

/* Returns the line, as the law does. */
#define CHECK(cond)                                                                                \
    do {                                                                                           \
        if (!(cond)) {                                                                             \
            return __LINE__;                                                                       \
        }                                                                                          \
    } while (0)
#define CHECK_RUN(call)                                                                            \
    do {                                                                                           \
        int line_ = (call);                                                                        \
        if (line_ != 0) {                                                                          \
            return line_;                                                                          \
        }                                                                                          \
    } while (0)

/* ---- what is drawn ---- */

/* Few letters, zeros and 0xff among them, and at times a head longer than what nodes keep. */
static struct rd_str draw_key(struct run *run, char key[static KEY_MAX])
{
    static const char letters[] = {'\0', 'a', 'b', '\xff'};
    size_t len = 0;
    if (prop_below(run->gen, 2) == 0) {
        memset(key, prop_below(run->gen, 2) == 0 ? 'h' : '\0', 16);
        len = (size_t)prop_between(run->gen, 13, 17);
        memset(key + 13, '\0', 4);
    }
    size_t tail = (size_t)prop_between(run->gen, len == 0 ? 1 : 0, 4);
    for (size_t i = 0; i < tail; i++) {
        key[len++] = letters[prop_below(run->gen, sizeof letters)];
    }
    return (struct rd_str){.ptr = key, .len = len};
}

/* Mostly one that is there. */
static struct rd_str draw_some_key(struct run *run, size_t table, char key[static KEY_MAX])
{
    const struct model_table *rows = &run->now.tables[table];
    if (rows->count > 0 && prop_below(run->gen, 3) > 0) {
        const struct model_row *row = &rows->rows[prop_below(run->gen, rows->count)];
        memcpy(key, row->key, row->key_len);
        return (struct rd_str){.ptr = key, .len = row->key_len};
    }
    return draw_key(run, key);
}

static void do_put(struct run *run, size_t table, struct rd_str key)
{
    struct model_table *rows = &run->now.tables[table];
    if (rows->count == ROWS_MAX) {
        return;
    }
    struct model_row row = {.key_len = key.len, .seed = prop_u64(run->gen)};
    memcpy(row.key, key.ptr, key.len);
    row.value_len = (size_t)prop_below(run->gen, prop_below(run->gen, 8) == 0 ? VALUE_MAX : 24);
    char bytes[VALUE_MAX];
    value_fill(row.seed, bytes, row.value_len);
    store_put(run->live, TABLE_OF[table], key, (struct rd_str){.ptr = bytes, .len = row.value_len});
    memset(bytes, 'x', sizeof bytes); /* not kept by the store */
    model_put(rows, &row);
}

static void do_del(struct run *run, size_t table, struct rd_str key)
{
    store_del(run->live, TABLE_OF[table], key);
    model_del(&run->now.tables[table], key);
}

/* ---- what is checked ---- */

static int check_get(struct run *run, size_t table)
{
    char bytes[KEY_MAX];
    struct rd_str key = draw_some_key(run, table, bytes);
    const struct model_row *row = model_get(&run->now.tables[table], key);
    struct rd_str value = RD_STR("untouched");
    bool is_found = store_get(run->live, TABLE_OF[table], key, &value);
    CHECK(is_found == (row != NULL));
    CHECK(is_found ? value_is(value, row) : rd_str_is(value, "untouched"));
    return 0;
}

/* A borrowed value stays while others are put. */
static int check_borrow(struct run *run, size_t table)
{
    char bytes[KEY_MAX];
    struct rd_str key = draw_some_key(run, table, bytes);
    const struct model_row *there = model_get(&run->now.tables[table], key);
    if (there == NULL) {
        return 0;
    }
    struct model_row row = *there;
    struct rd_str value;
    CHECK(store_get(run->live, TABLE_OF[table], key, &value));
    for (int i = 0; i < 20; i++) {
        char other_bytes[KEY_MAX];
        struct rd_str other = draw_some_key(run, table, other_bytes);
        if (!rd_str_eq(other, key)) {
            do_put(run, table, other);
        }
    }
    CHECK(value_is(value, &row));
    return 0;
}

static int check_last(struct run *run, size_t table)
{
    char prefix_bytes[KEY_MAX];
    char before_bytes[KEY_MAX];
    struct rd_str prefix = draw_some_key(run, table, prefix_bytes);
    prefix.len = (size_t)prop_below(run->gen, prefix.len + 1);
    struct rd_str before = {0};
    if (prop_below(run->gen, 3) > 0) {
        before = draw_some_key(run, table, before_bytes);
    }
    const struct model_row *best = NULL;
    const struct model_table *rows = &run->now.tables[table];
    for (size_t i = 0; i < rows->count; i++) {
        struct rd_str key = row_key(&rows->rows[i]);
        if (rd_str_starts(key, prefix) && (before.len == 0 || rd_str_cmp(key, before) < 0)) {
            best = &rows->rows[i];
        }
    }
    struct rd_str key;
    struct rd_str value;
    bool is_found = store_last(run->live, TABLE_OF[table], prefix, before, &key, &value);
    CHECK(is_found == (best != NULL));
    CHECK(!is_found || (rd_str_eq(key, row_key(best)) && value_is(value, best)));
    return 0;
}

/* One scan, with changes of the same table, before and behind, while it is open. */
static int check_scan(struct run *run, size_t table, struct store_view *view, bool has_changes)
{
    struct model_table *rows = &run->now.tables[table];
    char bytes[KEY_MAX];
    struct rd_str from = {.ptr = bytes};
    if (prop_below(run->gen, 2) == 0) {
        from = draw_some_key(run, table, bytes);
    }
    size_t steps = prop_below(run->gen, 3) == 0 ? (size_t)prop_below(run->gen, 5) : SIZE_MAX;
    struct store_scan scan;
    store_scan_begin(&scan, view, TABLE_OF[table], from);
    size_t at = model_find(rows, from);
    struct rd_str key = {0};
    struct rd_str value;
    size_t step = 0;
    while (step < steps && store_scan_next(&scan, &key, &value)) {
        CHECK(at < rows->count);
        CHECK(rd_str_eq(key, row_key(&rows->rows[at])));
        CHECK(value_is(value, &rows->rows[at]));
        struct model_row given = rows->rows[at];
        while (has_changes && prop_below(run->gen, 2) == 0) {
            char other[KEY_MAX];
            struct rd_str changed = draw_some_key(run, table, other);
            if (prop_below(run->gen, 2) == 0) {
                do_put(run, table, changed);
            } else {
                do_del(run, table, changed);
            }
        }
        at = model_find(rows, row_key(&given));
        at += at < rows->count && rd_str_eq(row_key(&rows->rows[at]), row_key(&given));
        step++;
    }
    CHECK(step == steps || at == rows->count);
    CHECK(step == steps || !store_scan_next(&scan, &key, &value));
    store_scan_end(&scan);
    store_scan_end(&scan);
    return 0;
}

static int check_model(struct model *model, struct store_view *view)
{
    for (size_t table = 0; table < TABLES; table++) {
        struct model_table *rows = &model->tables[table];
        struct store_scan scan;
        struct rd_str key;
        struct rd_str value;
        size_t at = 0;
        store_scan_begin(&scan, view, TABLE_OF[table], (struct rd_str){0});
        while (store_scan_next(&scan, &key, &value)) {
            CHECK(at < rows->count && rd_str_eq(key, row_key(&rows->rows[at])));
            CHECK(value_is(value, &rows->rows[at]));
            at++;
        }
        CHECK(at == rows->count);
    }
    CHECK(store_view_error(view) == 0);
    return 0;
}

static int check_all(struct run *run, struct store_view *view)
{
    return check_model(&run->now, view);
}

/* What the side view was shown, whatever became of it: all, and keys of now. */
static int check_shown(struct run *run)
{
    if (!run->is_shown) {
        return 0;
    }
    for (int i = 0; i < 8; i++) {
        char bytes[KEY_MAX];
        size_t table = (size_t)prop_below(run->gen, TABLES);
        struct rd_str key = draw_some_key(run, table, bytes);
        struct model_row *row = model_get(&run->at_show.tables[table], key);
        struct rd_str value;
        bool is_found = store_get(run->shown, TABLE_OF[table], key, &value);
        CHECK(is_found == (row != NULL));
        CHECK(row == NULL || value_is(value, row));
        struct rd_str last;
        is_found = store_last(run->shown, TABLE_OF[table], (struct rd_str){0}, key, &last, &value);
        size_t at = model_find(&run->at_show.tables[table], key);
        CHECK(is_found == (at > 0));
        CHECK(at == 0 || rd_str_eq(last, row_key(&run->at_show.tables[table].rows[at - 1])));
    }
    return check_model(&run->at_show, run->shown);
}

/* ---- the store's life ---- */

static int run_open(struct run *run)
{
    char what[256];
    struct store_options options = {.dir = run->scratch.path, .map_bytes_max = MAP_BYTES};
    CHECK(store_open(&options, &run->store, what) == 0);
    run->live = store_live(run->store);
    run->checkpoints = 0;
    CHECK(store_side_open(run->store, &run->shown) == 0);
    store_side_rest(run->shown);
    run->is_shown = false;
    return 0;
}

static void close_mark(struct run *run)
{
    if (!run->is_marked) {
        return;
    }
    if (prop_below(run->gen, 2) == 0) {
        store_undo(run->live);
        run->now = run->at_mark;
    } else {
        store_keep(run->live);
    }
    run->is_marked = false;
}

static int do_checkpointed(struct run *run, bool may_wait)
{
    if (run->is_sealed && may_wait) {
        struct pollfd poll_fd = {.fd = store_fd(run->store), .events = POLLIN};
        CHECK(poll(&poll_fd, 1, -1) == 1);
    }
    CHECK(store_checkpointed(run->store) == 0);
    uint64_t checkpoints = store_checkpoints(run->store);
    CHECK(checkpoints - run->checkpoints <= (run->is_sealed ? 1 : 0));
    CHECK(!may_wait || !run->is_sealed || checkpoints == run->checkpoints + 1);
    if (checkpoints != run->checkpoints) {
        run->checkpoints = checkpoints;
        run->durable = run->at_seal;
        run->is_sealed = false;
    }
    CHECK(store_is_checkpointing(run->store) == run->is_sealed);
    return 0;
}

static int do_seal(struct run *run)
{
    close_mark(run);
    CHECK(store_seal(run->store) == !run->is_sealed);
    if (!run->is_sealed) {
        run->is_sealed = true;
        run->at_seal = run->now;
    }
    return 0;
}

/* All in LMDB looks like overlays over it; to a side view too. */
static int do_flush(struct run *run)
{
    close_mark(run);
    uint8_t before[32];
    uint8_t after[32];
    CHECK(store_hash(run->live, 0, before) == 0);
    CHECK(store_flush(run->store) == 0);
    CHECK(store_hash(run->live, 0, after) == 0);
    CHECK(memcmp(before, after, sizeof before) == 0);
    CHECK(store_dirty_rows(run->live) == 0 && store_dirty_bytes(run->live) == 0);
    run->is_sealed = false;
    run->checkpoints = store_checkpoints(run->store);
    run->durable = run->now;
    struct store_view *side = NULL;
    CHECK(store_side_open(run->store, &side) == 0);
    CHECK_RUN(check_all(run, side));
    store_put(side, STORE_CASES, RD_STR("only here"), RD_STR("x"));
    CHECK(store_hash(side, 0, after) == 0);
    CHECK(memcmp(before, after, sizeof before) != 0);
    store_side_rest(side);
    CHECK(store_side_renew(side) == 0);
    CHECK(store_hash(side, 0, after) == 0);
    CHECK(memcmp(before, after, sizeof before) == 0);
    store_side_close(side);
    return 0;
}

/* A mark may be open and a checkpoint running: the one is lost, the other completes. */
static int do_crash(struct run *run)
{
    store_side_close(run->shown);
    store_close(run->store);
    run->now = run->is_sealed ? run->at_seal : run->durable;
    run->durable = run->now;
    run->is_marked = run->is_sealed = false;
    CHECK_RUN(run_open(run));
    return check_all(run, run->live);
}

/* Its own puts are gone with what it was shown. */
static int do_show(struct run *run)
{
    close_mark(run);
    if (run->is_shown && prop_below(run->gen, 4) == 0) {
        store_put(run->shown, STORE_CASES, RD_STR("only here"), RD_STR("x"));
    }
    store_side_rest(run->shown);
    run->is_shown = prop_below(run->gen, 4) > 0;
    if (run->is_shown) {
        CHECK(store_side_show(run->shown, run->live) == 0);
        run->at_show = run->now;
    }
    return 0;
}

static void do_mark(struct run *run)
{
    if (run->is_marked) {
        close_mark(run);
    } else {
        store_mark(run->live);
        run->at_mark = run->now;
        run->is_marked = true;
    }
}

static int do_step(struct run *run)
{
    size_t table = (size_t)prop_below(run->gen, TABLES);
    char bytes[KEY_MAX];
    uint64_t draw = prop_below(run->gen, 1000);
    if (draw < 350) {
        do_put(run, table, draw_some_key(run, table, bytes));
    } else if (draw < 500) {
        do_del(run, table, draw_some_key(run, table, bytes));
    } else if (draw < 650) {
        return check_get(run, table);
    } else if (draw < 700) {
        return check_borrow(run, table);
    } else if (draw < 760) {
        return check_last(run, table);
    } else if (draw < 820) {
        return check_scan(run, table, run->live, true);
    } else if (draw < 910) {
        do_mark(run);
    } else if (draw < 925) {
        return do_show(run);
    } else if (draw < 940) {
        return check_shown(run);
    } else if (draw < 960) {
        return do_seal(run);
    } else if (draw < 985) {
        return do_checkpointed(run, prop_below(run->gen, 2) == 0);
    } else if (draw < 993) {
        return do_flush(run);
    } else {
        return do_crash(run);
    }
    return 0;
}

static int run_steps(struct run *run)
{
    CHECK_RUN(run_open(run));
    for (int i = 0; i < STEPS; i++) {
        CHECK_RUN(do_step(run));
    }
    CHECK_RUN(check_all(run, run->live));
    CHECK_RUN(do_flush(run));
    CHECK_RUN(check_shown(run));
    return check_all(run, run->live);
}

static int law_same_as_arrays(struct prop_gen *gen)
{
    struct run *run = calloc(1, sizeof *run);
    RD_ASSERT(run != NULL);
    run->gen = gen;
    run->scratch = scratch_make();
    int line = run_steps(run);
    if (line == 0) { /* after a failure a mark or a scan may be open: the process ends anyway */
        store_side_close(run->shown);
        store_close(run->store);
    }
    scratch_remove(&run->scratch);
    free(run);
    return line;
}

int main(void)
{
    return prop_check("store: same as sorted arrays", law_same_as_arrays);
}
