#include "daemon/upgrade_9.h"

#include <errno.h>
#include <string.h>

#include "common/base/digest.h"
#include "common/wire/event.h"
#include "daemon/engine/engine.h"
#include "daemon/store/rows/attribute_row.h"
#include "daemon/store/rows/by_key.h"
#include "daemon/store/rows/case_row.h"
#include "daemon/store/rows/index_row.h"

enum { FLUSH_BYTES = 32 * 1024 * 1024, CASE_ARENA_BYTES = 16 * 1024 * 1024 };

/* ---- the first phase: rows ---- */

/* cases: version 5 has no re-contacts, and its calls no third byte. */
static int case_row(struct upgrade_row *row)
{
    struct rd_arena arena;
    rd_arena_init(&arena, CASE_ARENA_BYTES);
    struct case_row *decoded = case_row_new(&arena);
    int r = case_row_decode(row->value, &arena, decoded);
    if (r == 0) {
        case_row_encode(&row->room, decoded);
        r = upgrade_take_room(row);
    }
    rd_arena_done(&arena);
    return r;
}

/* attributes: who had the newest contact stands behind subject and warning: nobody is known. */
static int attribute_row(struct upgrade_row *row)
{
    enum { FROM = 1, TO = 2 };
    struct rd_get get = rd_get_of(row->value);
    uint8_t version = rd_get_u8(&get);
    struct rd_str subject = rd_get_str(&get), warning = rd_get_str(&get);
    size_t left = rd_get_left(&get);
    if (get.error != 0 || version != FROM) {
        return -EBADMSG;
    }
    rd_buf_put_u8(&row->room, TO);
    rd_buf_put_str(&row->room, subject);
    rd_buf_put_str(&row->room, warning);
    rd_buf_put_str(&row->room, (struct rd_str){0});
    rd_buf_put(&row->room, row->value.ptr + row->value.len - left, left);
    return upgrade_take_room(row);
}

/* ids, sequences: the content and type of the event stand at the end; they are not known. */
static int first_row(struct upgrade_row *row, size_t expected)
{
    static const uint8_t unknown[9];
    if (row->value.len != expected) {
        return -EBADMSG;
    }
    rd_buf_put_text(&row->room, row->value);
    rd_buf_put(&row->room, unknown, sizeof unknown);
    return upgrade_take_room(row);
}

/* sources: the day whose skew was told stands behind the flags: none. */
static int source_row(struct upgrade_row *row)
{
    enum { FROM = 3, TIMES = 4 };
    struct rd_get get = rd_get_of(row->value);
    uint8_t version = rd_get_u8(&get);
    (void)rd_get_u32(&get);
    for (int i = 0; i < 3; i++) { /* highest, lowest, ignored */
        (void)rd_get_uint(&get);
    }
    (void)rd_get_bytes(&get, TIMES * sizeof(int64_t) + 1);
    size_t left = rd_get_left(&get);
    if (get.error != 0 || version != FROM) {
        return -EBADMSG;
    }
    rd_buf_put(&row->room, row->value.ptr, row->value.len - left);
    rd_buf_put_uint(&row->room, 0);
    rd_buf_put(&row->room, row->value.ptr + row->value.len - left, left);
    return upgrade_take_room(row);
}

/* silences: no timer tells what one withheld once it has ended, and nothing of it is under way. */
static int silence_row(struct upgrade_row *row)
{
    enum { FROM = 1, TO = 2, BEFORE = 1 + 8 + 1 + 8 };
    if (row->value.len < BEFORE || row->value.ptr[0] != FROM) {
        return -EBADMSG;
    }
    rd_buf_put_u8(&row->room, TO);
    rd_buf_put(&row->room, row->value.ptr + 1, BEFORE - 1);
    rd_buf_put_i64(&row->room, RD_TIME_NONE);
    rd_buf_put(&row->room, row->value.ptr + BEFORE, row->value.len - BEFORE);
    rd_buf_put_uint(&row->room, 0);
    return upgrade_take_room(row);
}

/* unit_days: what was reported; what the events say of those days was not counted. */
static int unit_day_row(struct upgrade_row *row)
{
    enum { FROM = 1, TO = 2, REPORTED = 1, COUNTS = 5 };
    struct rd_get get = rd_get_of(row->value);
    uint8_t version = rd_get_u8(&get);
    int64_t opened = rd_get_int(&get), closed = rd_get_int(&get), open = rd_get_int(&get);
    size_t left = rd_get_left(&get);
    if (get.error != 0 || version != FROM || left != 2 * sizeof(uint64_t)) {
        return -EBADMSG;
    }
    rd_buf_put_u8(&row->room, TO);
    rd_buf_put_u8(&row->room, REPORTED);
    for (int i = 0; i < COUNTS; i++) {
        rd_buf_put_int(&row->room, 0);
    }
    rd_buf_put_int(&row->room, opened);
    rd_buf_put_int(&row->room, closed);
    rd_buf_put_int(&row->room, open);
    rd_buf_put_int(&row->room, 0); /* replaced */
    rd_buf_put(&row->room, row->value.ptr + row->value.len - left, left);
    return upgrade_take_room(row);
}

/* unit_cases: number 0 has how many they are, which is now counted by kind: the second phase does.
 */
static int unit_case_row(struct upgrade_row *row)
{
    row->is_dropped = row->key.len == 12 && row_key_read_u64(row->key, 4) == 0;
    return row->key.len == 12 ? 0 : -EBADMSG;
}

/* screened: when the risk was cleared stands before the event's number: never yet. */
static int screened_row(struct upgrade_row *row)
{
    enum { FROM = 1, TO = 2, SEQ = 8 };
    if (row->value.len < 1 + SEQ || row->value.ptr[0] != FROM) {
        return -EBADMSG;
    }
    size_t before = row->value.len - SEQ;
    rd_buf_put_u8(&row->room, TO);
    rd_buf_put(&row->room, row->value.ptr + 1, before - 1);
    rd_buf_put_i64(&row->room, RD_TIME_NONE);
    rd_buf_put(&row->room, row->value.ptr + before, SEQ);
    return upgrade_take_room(row);
}

int upgrade_9_row(struct upgrade_row *row)
{
    static const struct {
        const char *table;
        int (*row)(struct upgrade_row *row);
    } tables[] = {{"configs", upgrade_config}, {"cases", case_row}, {"attributes", attribute_row},
            {"sources", source_row}, {"silences", silence_row}, {"unit_days", unit_day_row},
            {"unit_cases", unit_case_row}, {"screened", screened_row}};
    for (size_t i = 0; i < RD_COUNT(tables); i++) {
        if (strcmp(row->table, tables[i].table) == 0) {
            return tables[i].row(row);
        }
    }
    if (strcmp(row->table, "ids") == 0) {
        return first_row(row, 16);
    }
    return strcmp(row->table, "sequences") == 0 ? first_row(row, 32) : 0;
}

/* ---- the second phase: what follows from the rows ---- */

/* A pass over a table that puts into others, and flushes between two rows. */
struct pass {
    struct store *store;
    enum store_table table;
    uint8_t at[STORE_KEY_MAX];
    size_t at_len;
    struct rd_arena arena;
    struct engine *engine; /* NULL: the pass needs none */
    /* what a pass counts or remembers */
    uint32_t unit;
    uint64_t counts[UNIT_CASE_KINDS];
    struct row_key newest;
    size_t newest_group;
};

static bool is_much(const struct pass *pass)
{
    return store_dirty_bytes(store_live(pass->store)) >= FLUSH_BYTES;
}

static int pass_over(
        struct pass *pass, void (*row)(struct pass *pass, struct rd_str key, struct rd_str value))
{
    struct store_view *view = store_live(pass->store);
    bool has_more = true;
    int r = 0;
    while (has_more && r == 0) {
        struct store_scan scan;
        struct rd_str key, value;
        struct rd_str from = {(const char *)pass->at, pass->at_len};
        store_scan_begin(&scan, view, pass->table, from);
        do {
            has_more = store_scan_next(&scan, &key, &value);
            if (has_more && !rd_str_eq(key, from)) {
                row(pass, key, value);
                memcpy(pass->at, key.ptr, key.len);
                pass->at_len = key.len;
            }
        } while (has_more && !is_much(pass));
        store_scan_end(&scan);
        r = store_view_error(view);
        r = r == 0 ? store_flush(pass->store) : r;
    }
    return r;
}

/* by_key, open: a customer's cases that are not over. */
static void index_case(struct pass *pass, struct rd_str key, struct rd_str value)
{
    (void)value;
    struct case_row *row;
    struct attribute_row attributes;
    uint8_t digest[RD_DIGEST_BYTES];
    struct store_view *view = store_live(pass->store);
    uint64_t number = row_key_read_u64(key, 0);
    rd_arena_reset(&pass->arena);
    if (!case_row_get(view, number, &pass->arena, &row) || row->kind == CASE_DUTY ||
            row->state == CASE_CLOSED || row->state == CASE_GROWN ||
            !attribute_row_get(view, number, &pass->arena, &attributes) ||
            attributes.values[RD_KEY_CUSTOMER].type != RD_VALUE_STR) {
        return;
    }
    rd_digest1(attributes.values[RD_KEY_CUSTOMER].bytes, digest);
    customer_open_put(view, digest, number, (uint8_t)row->kind);
}

/* duties: what lists need of them; the rectifications that a case waits for. */
static void index_duty(struct pass *pass, struct rd_str key, struct rd_str value)
{
    (void)value;
    engine_reindex_duty(pass->engine, row_key_read_u64(key, 0));
}

/* figures: what the cases count for. */
static void count_figures(struct pass *pass, struct rd_str key, struct rd_str value)
{
    (void)value;
    engine_recount(pass->engine, row_key_read_u64(key, 0));
}

/* unit_cases, number 0: how many of each kind. */
static void put_counts(struct pass *pass)
{
    struct row_key key = {0}, value = {0};
    uint64_t all = 0;
    row_key_u32(&key, pass->unit);
    row_key_u64(&key, 0);
    for (size_t i = 0; i < UNIT_CASE_KINDS; i++) {
        row_key_u64(&value, pass->counts[i]);
        all += pass->counts[i];
        pass->counts[i] = 0;
    }
    if (all > 0) {
        store_put(
                store_live(pass->store), STORE_UNIT_CASES, row_key_str(&key), row_key_str(&value));
    }
}

static void count_case(struct pass *pass, struct rd_str key, struct rd_str value)
{
    uint32_t unit = row_key_read_u32(key, 0);
    if (unit != pass->unit) {
        put_counts(pass);
        pass->unit = unit;
    }
    uint8_t kind = value.len > 0 ? (uint8_t)value.ptr[0] : UNIT_CASE_KINDS;
    if (row_key_read_u64(key, 4) > 0 && kind < UNIT_CASE_KINDS) {
        pass->counts[kind]++;
    }
}

/* unacked, seq 0: how many. */
static void put_unacked(struct pass *pass)
{
    struct row_key key = {0}, value = {0};
    row_key_u32(&key, pass->unit);
    row_key_u64(&key, 0);
    row_key_u64(&value, pass->counts[0]);
    if (pass->counts[0] > 0) {
        store_put(store_live(pass->store), STORE_UNACKED, row_key_str(&key), row_key_str(&value));
    }
    pass->counts[0] = 0;
}

static void count_unacked(struct pass *pass, struct rd_str key, struct rd_str value)
{
    (void)value;
    uint32_t unit = row_key_read_u32(key, 0);
    if (unit != pass->unit) {
        put_unacked(pass);
        pass->unit = unit;
    }
    pass->counts[0] += row_key_read_u64(key, 4) > 0;
}

/* rounds: the last screening of each contract, all that is known of those before. */
static void count_round(struct pass *pass, struct rd_str key, struct rd_str value)
{
    (void)value;
    engine_recount_round(pass->engine, key);
}

/* by_key, newest: members of a value stand by time, so the last one of a group is it. */
enum { VALUE = 16, GROUP = BY_KEY_PREFIX + 8 + VALUE, DISTINCT_KEY = GROUP + 8 + 8 };

static void put_newest(struct pass *pass)
{
    if (pass->newest.len > 0) {
        store_put(store_live(pass->store), STORE_BY_KEY, row_key_str(&pass->newest),
                (struct rd_str){0});
    }
    pass->newest.len = 0;
}

static void note_member(struct pass *pass, struct rd_str key, struct rd_str value)
{
    (void)value;
    if (key.len != DISTINCT_KEY || key.ptr[BY_KEY_DIGEST] != BY_KEY_MEMBER) {
        return;
    }
    const uint8_t *bytes = (const uint8_t *)key.ptr;
    struct row_key made = by_key(bytes, BY_KEY_NEWEST);
    row_key_bytes(&made, bytes + BY_KEY_PREFIX, 8); /* the window */
    row_key_bytes(&made, bytes + GROUP, 8);         /* the time */
    row_key_bytes(&made, bytes + BY_KEY_PREFIX + 8, VALUE);
    bool is_same = pass->newest.len > 0 &&
                   memcmp(pass->newest.bytes, made.bytes, BY_KEY_PREFIX + 8) == 0 &&
                   memcmp(pass->newest.bytes + BY_KEY_PREFIX + 16, made.bytes + BY_KEY_PREFIX + 16,
                           VALUE) == 0;
    if (!is_same) {
        put_newest(pass);
    }
    pass->newest = made;
}

struct pass_rule {
    enum store_table table;
    void (*row)(struct pass *pass, struct rd_str key, struct rd_str value);
    void (*end)(struct pass *pass);
};

static int run_passes(struct store *store, const struct pass_rule *passes, size_t count)
{
    struct engine *engine = NULL;
    uint32_t number = 0;
    int r = engine_open(store_live(store), &engine, &number);
    for (size_t i = 0; i < count && r == 0; i++) {
        struct pass pass = {.store = store, .table = passes[i].table, .engine = engine};
        rd_arena_init(&pass.arena, CASE_ARENA_BYTES);
        r = pass_over(&pass, passes[i].row);
        if (r == 0 && passes[i].end != NULL) {
            passes[i].end(&pass);
            r = store_flush(store);
        }
        rd_arena_done(&pass.arena);
    }
    if (r == 0) { /* the sums of figures that wait in memory go into their rows */
        engine_note_position(engine, engine_position(engine));
        r = store_flush(store);
    }
    engine_close(engine);
    return r;
}

int upgrade_9_finish(struct store *store)
{
    static const struct pass_rule passes[] = {{STORE_CASES, index_case, NULL},
            {STORE_CASES, count_figures, NULL}, {STORE_CASES, index_duty, NULL},
            {STORE_SCREENED, count_round, NULL}, {STORE_UNIT_CASES, count_case, put_counts},
            {STORE_UNACKED, count_unacked, put_unacked}, {STORE_BY_KEY, note_member, put_newest}};
    return run_passes(store, passes, RD_COUNT(passes));
}

int upgrade_recount(struct store *store)
{
    static const struct pass_rule passes[] = {{STORE_CASES, count_figures, NULL}};
    return run_passes(store, passes, RD_COUNT(passes));
}
