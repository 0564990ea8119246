#include "daemon/engine/silences.h"

#include <string.h>

#include "daemon/engine/alerts.h"
#include "daemon/engine/attributes.h"
#include "daemon/engine/names.h"
#include "daemon/engine/record.h"
#include "daemon/engine/state.h"
#include "daemon/store/rows/key.h"
#include "daemon/store/rows/name_row.h"

/* Table `silences`: number u64 → version u8 = 1, until i64, ended u8, created i64, by, reason,
 * matchers (MessagePack). The compiled ones are kept in memory while they hold. */
enum { ROW_VERSION = 1, ROW_BYTES_MAX = 80 * 1024, SILENCES_MAX = 1000, ROWS_MAX = 2000 };

static bool holds(const struct engine *engine, struct rd_str row)
{
    struct rd_get get = rd_get_of(row);
    uint8_t version = rd_get_u8(&get);
    RD_ASSERT(version == ROW_VERSION);
    rd_time until = rd_get_i64(&get);
    bool has_ended = rd_get_u8(&get) != 0;
    /* Before the first record of a run `now` is not known yet. Time never goes back. */
    rd_time now =
            engine->now.wall > engine->counters.wall ? engine->now.wall : engine->counters.wall;
    return !has_ended && until > now;
}

static void unload(struct engine *engine)
{
    for (size_t i = 0; i < engine->silence_count; i++) {
        rd_match_free(engine->silences[i].match);
    }
    rd_arena_reset(&engine->silences_arena);
    engine->silences = NULL;
    engine->silence_count = 0;
}

/* Compiles what stands in the table and holds. */
void silences_load(struct engine *engine)
{
    unload(engine);
    struct store_scan scan;
    struct rd_str key, value;
    RD_CLEANUP(rd_tree_freep)
    struct rd_tree *tree = rd_tree_new();
    engine->silences = RD_ARENA_ARRAY(&engine->silences_arena, struct silence, SILENCES_MAX);
    store_scan_begin(&scan, engine->view, STORE_SILENCES, (struct rd_str){0});
    while (engine->silence_count < SILENCES_MAX && store_scan_next(&scan, &key, &value)) {
        struct rd_get get = rd_get_of(value);
        uint8_t version = rd_get_u8(&get);
        RD_ASSERT(version == ROW_VERSION);
        struct silence one = {.number = row_key_read_u64(key, 0), .until = rd_get_i64(&get)};
        (void)rd_get_u8(&get);
        (void)rd_get_i64(&get);
        (void)rd_get_str(&get);
        (void)rd_get_str(&get);
        struct rd_str matchers = rd_get_str(&get);
        rd_node map;
        char what[200];
        if (holds(engine, value) && rd_tree_read(tree, matchers, &map, NULL) == 0 &&
                rd_match_compile(map, &engine->silences_arena, &one.match, what) == 0) {
            engine->silences[engine->silence_count++] = one;
        }
    }
    store_scan_end(&scan);
}

static void put_row(struct engine *engine, uint64_t number, struct rd_str row)
{
    struct row_key key = {0};
    row_key_u64(&key, number);
    store_put(engine->view, STORE_SILENCES, row_key_str(&key), row);
}

bool silences_are_full(struct engine *engine)
{
    silences_load(engine); /* without those that have run out since */
    return engine->silence_count >= SILENCES_MAX;
}

/* The table keeps those that hold, and of the others the newest. */
static void drop_oldest(struct engine *engine)
{
    struct store_scan scan;
    struct rd_str key, value;
    struct row_key oldest = {0};
    size_t count = 0;
    store_scan_begin(&scan, engine->view, STORE_SILENCES, (struct rd_str){0});
    while (store_scan_next(&scan, &key, &value)) {
        if (oldest.len == 0 && !holds(engine, value)) {
            row_key_u64(&oldest, row_key_read_u64(key, 0));
        }
        count++;
    }
    store_scan_end(&scan);
    if (count > ROWS_MAX && oldest.len > 0) {
        store_del(engine->view, STORE_SILENCES, row_key_str(&oldest));
    }
}

uint64_t silence_create(struct engine *engine)
{
    uint64_t number = ++engine->counters.silence_number;
    struct rd_buf buf;
    rd_buf_init(&buf, ROW_BYTES_MAX);
    rd_buf_put_u8(&buf, ROW_VERSION);
    rd_buf_put_i64(&buf, engine->event->data[RD_KEY_UNTIL].integer);
    rd_buf_put_u8(&buf, 0);
    rd_buf_put_i64(&buf, engine->now.wall);
    rd_buf_put_str(&buf, event_str(engine, RD_KEY_BY));
    rd_buf_put_str(&buf, event_str(engine, RD_KEY_REASON));
    rd_buf_put_str(&buf, engine->event->data[RD_KEY_MATCHERS].bytes);
    RD_ASSERT(buf.error == 0);
    put_row(engine, number, rd_buf_str(&buf));
    rd_buf_done(&buf);
    drop_oldest(engine);
    return number;
}

bool silence_exists(struct engine *engine, uint64_t number)
{
    struct row_key key = {0};
    row_key_u64(&key, number);
    struct rd_str value;
    return store_get(engine->view, STORE_SILENCES, row_key_str(&key), &value);
}

void silence_end(struct engine *engine, uint64_t number)
{
    struct row_key key = {0};
    row_key_u64(&key, number);
    struct rd_str value;
    bool is_found = store_get(engine->view, STORE_SILENCES, row_key_str(&key), &value);
    RD_ASSERT(is_found && value.len > 9);
    value = rd_arena_dup(&engine->arena, value);
    char *row = rd_arena_alloc(&engine->arena, value.len);
    memcpy(row, value.ptr, value.len);
    row[9] = 1; /* behind version and until */
    put_row(engine, number, (struct rd_str){row, value.len});
}

/* What a silence's matchers may name: of the alert type, severity, unit, rung, clock; else the
 * attributes of its case. */
struct silence_view {
    struct attribute_view of_case;
    bool has_case;
    const struct alert_draft *draft;
    struct rd_str unit;
};

static struct rd_value silence_lookup(const void *context, struct rd_str name)
{
    const struct silence_view *view = context;
    struct rd_value value = {.type = RD_VALUE_STR};
    if (rd_str_is(name, "type")) {
        value.bytes = rd_str_of(rd_alert_type_name(view->draft->type));
    } else if (rd_str_is(name, "severity")) {
        value.bytes = rd_str_of(rd_severity_name(view->draft->severity));
    } else if (rd_str_is(name, "unit")) {
        value.bytes = view->unit;
    } else if (rd_str_is(name, "clock")) {
        value.bytes = view->draft->clock_name;
        value.type = value.bytes.len > 0 ? RD_VALUE_STR : RD_NIL;
    } else if (rd_str_is(name, "rung")) {
        value = (struct rd_value){.type = view->draft->rung > 0 ? RD_VALUE_UINT : RD_NIL,
                .integer = view->draft->rung};
    } else {
        return view->has_case ? attribute_lookup(&view->of_case, name) : (struct rd_value){0};
    }
    return value;
}

bool silence_covers(struct engine *engine, struct work *work, const struct alert_draft *draft)
{
    if (engine->silence_count == 0 || draft->never_withheld || draft->unit == NAME_OPS) {
        return false;
    }
    struct silence_view view = {
            .draft = draft, .unit = name_shown(engine, draft->unit), .has_case = work != NULL};
    if (work != NULL) {
        view.of_case = case_view(engine, work);
    }
    for (size_t i = 0; i < engine->silence_count; i++) {
        if (engine->now.wall < engine->silences[i].until &&
                rd_match_holds(engine->silences[i].match, silence_lookup, &view)) {
            return true;
        }
    }
    return false;
}
