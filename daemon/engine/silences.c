#include "daemon/engine/silences.h"

#include "daemon/engine/alerts.h"
#include "daemon/engine/attributes.h"
#include "daemon/engine/names.h"
#include "daemon/engine/record.h"
#include "daemon/engine/state.h"
#include "daemon/store/rows/name_row.h"
#include "daemon/store/rows/silence_row.h"

/* The matchers that hold are kept compiled in memory. */
enum { SILENCES_MAX = 1000, ROWS_MAX = 2000 };

static bool holds(const struct engine *engine, const struct silence_row *row)
{
    /* Before the first record of a run `now` is not known yet. Time never goes back. */
    rd_time now =
            engine->now.wall > engine->counters.wall ? engine->now.wall : engine->counters.wall;
    return !row->is_ended && row->until > now;
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
        struct silence_row row;
        struct silence one = {.number = silence_row_read(key, value, &row), .until = row.until};
        rd_node map;
        char what[200];
        if (holds(engine, &row) && rd_tree_read(tree, row.matchers, &map, NULL) == 0 &&
                rd_match_compile(map, &engine->silences_arena, &one.match, what) == 0) {
            engine->silences[engine->silence_count++] = one;
        }
    }
    store_scan_end(&scan);
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
    uint64_t oldest = 0;
    size_t count = 0;
    store_scan_begin(&scan, engine->view, STORE_SILENCES, (struct rd_str){0});
    while (store_scan_next(&scan, &key, &value)) {
        struct silence_row row;
        uint64_t number = silence_row_read(key, value, &row);
        if (oldest == 0 && !holds(engine, &row)) {
            oldest = number;
        }
        count++;
    }
    store_scan_end(&scan);
    if (count > ROWS_MAX && oldest != 0) {
        silence_row_del(engine->view, oldest);
    }
}

uint64_t silence_create(struct engine *engine)
{
    const struct rd_value *data = engine->event->data;
    uint64_t number = ++engine->counters.silence_number;
    silence_row_put(engine->view, number,
            &(struct silence_row){.until = data[RD_KEY_UNTIL].integer,
                    .created = engine->now.wall,
                    .by = event_str(engine, RD_KEY_BY),
                    .reason = event_str(engine, RD_KEY_REASON),
                    .matchers = data[RD_KEY_MATCHERS].bytes});
    drop_oldest(engine);
    return number;
}

bool silence_exists(struct engine *engine, uint64_t number)
{
    struct silence_row row;
    return silence_row_get(engine->view, number, &row);
}

void silence_end(struct engine *engine, uint64_t number)
{
    struct silence_row row;
    bool is_found = silence_row_get(engine->view, number, &row);
    RD_ASSERT(is_found); /* find_silence() looked */
    row.is_ended = true;
    row.by = rd_arena_dup(&engine->arena, row.by); /* the put takes the old row away */
    row.reason = rd_arena_dup(&engine->arena, row.reason);
    row.matchers = rd_arena_dup(&engine->arena, row.matchers);
    silence_row_put(engine->view, number, &row);
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
