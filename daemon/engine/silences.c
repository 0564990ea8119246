#include "daemon/engine/silences.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/nearest.h"
#include "common/base/num.h"
#include "common/base/sizes.h"
#include "common/plan/plan.h"
#include "common/wire/event.h"
#include "daemon/engine/alerts.h"
#include "daemon/engine/arm.h"
#include "daemon/engine/attributes.h"
#include "daemon/engine/names.h"
#include "daemon/engine/record.h"
#include "daemon/engine/state.h"
#include "daemon/store/rows/case_row.h"
#include "daemon/store/rows/name_row.h"
#include "daemon/store/rows/silence_row.h"
#include "daemon/store/rows/timer_row.h"
#include "daemon/store/rows/withheld_row.h"

/* Those that hold are compiled once and kept in memory, by number. */
enum {
    SILENCES_MAX = 1000,
    ROWS_MAX = 2000,
    COMPILED_BYTES_MAX = 64 * 1024, /* of one, so that all of them take 64 MiB */
    TRIAL_BYTES_MAX = 1024 * 1024,  /* what the compiling of the largest may take */
    NAME_SHOWN_BYTES = 48,          /* of what was written, in a message */
};

static void drop_at(struct engine *engine, size_t at)
{
    struct silence *silence = &engine->silences[at];
    rd_match_free(silence->match);
    rd_arena_done(&silence->memory);
    engine->silence_count--;
    memmove(silence, silence + 1, (engine->silence_count - at) * sizeof *silence);
}

void silences_close(struct engine *engine)
{
    while (engine->silence_count > 0) {
        drop_at(engine, engine->silence_count - 1);
    }
    free(engine->silences);
    engine->silences = NULL;
}

/* False: *ret_what says why. */
static bool compile(struct silence *silence, struct rd_str matchers, char ret_what[static 200])
{
    RD_CLEANUP(rd_tree_freep)
    struct rd_tree *tree = rd_tree_new();
    rd_node map;
    rd_arena_init(&silence->memory, TRIAL_BYTES_MAX);
    if (rd_tree_read(tree, matchers, &map, NULL) != 0 ||
            rd_match_compile(map, &silence->memory, &silence->match, ret_what) != 0) {
        rd_arena_done(&silence->memory);
        return false;
    }
    return true;
}

static void append(struct engine *engine, const struct silence *silence)
{
    if (engine->silences == NULL) {
        engine->silences = calloc(SILENCES_MAX, sizeof *engine->silences);
        if (engine->silences == NULL) {
            rd_oom();
        }
    }
    engine->silences[engine->silence_count++] = *silence;
}

/* Before the first record of a run `now` is not known yet. Time never goes back. */
static bool holds(const struct engine *engine, const struct silence_row *row)
{
    rd_time now =
            engine->now.wall > engine->counters.wall ? engine->now.wall : engine->counters.wall;
    return !row->is_ended && row->until > now;
}

/* Numbers ascend in the table and in memory, so both are walked side by side. Above `read` stands
 * what another view made of an event that came to nothing. */
void silences_load(struct engine *engine)
{
    struct store_scan scan;
    struct rd_str key, value;
    size_t at = 0;
    while (engine->silence_count > 0 &&
            engine->silences[engine->silence_count - 1].number > engine->silences_read) {
        drop_at(engine, engine->silence_count - 1);
    }
    store_scan_begin(&scan, engine->view, STORE_SILENCES, (struct rd_str){0});
    while (at < SILENCES_MAX && store_scan_next(&scan, &key, &value)) {
        struct silence_row row;
        uint64_t number = silence_row_read(key, value, &row);
        while (at < engine->silence_count && engine->silences[at].number < number) {
            drop_at(engine, at);
        }
        bool is_there = at < engine->silence_count && engine->silences[at].number == number;
        struct silence one = {.number = number, .until = row.until};
        char what[200];
        if (is_there && !holds(engine, &row)) {
            drop_at(engine, at);
        } else if (is_there) {
            at++;
        } else if (holds(engine, &row) && compile(&one, row.matchers, what)) {
            append(engine, &one); /* above all that were there */
            at++;
        }
    }
    store_scan_end(&scan);
    while (engine->silence_count > at) {
        drop_at(engine, engine->silence_count - 1);
    }
    engine->silences_read = engine->counters.silence_number;
}

static struct timer_row timer_of(uint64_t number)
{
    return (struct timer_row){.is_service = true, .kind = TIMER_SILENCE, .owner = number};
}

/* Without those that have run out since. */
static bool are_full(struct engine *engine)
{
    for (size_t i = engine->silence_count; i > 0; i--) {
        if (engine->silences[i - 1].until <= engine->now.wall) {
            drop_at(engine, i - 1);
        }
    }
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
        uint64_t number = oldest == 0 ? silence_row_read(key, value, &row) : 0;
        if (oldest == 0 && !holds(engine, &row) && row.armed == RD_TIME_NONE) {
            oldest = number;
        }
        count++;
    }
    store_scan_end(&scan);
    if (count > ROWS_MAX && oldest != 0) {
        silence_row_del(engine->view, oldest);
    }
}

static bool is_type(struct rd_str text)
{
    enum rd_alert_type type;
    return rd_alert_type_parse(text, &type) == 0;
}

static void try_types(struct rd_nearest *nearest)
{
    for (int i = 0; i < RD_ALERT_TYPE_COUNT; i++) {
        rd_nearest_try(nearest, rd_str_of(rd_alert_type_name((enum rd_alert_type)i)));
    }
}

static bool is_severity(struct rd_str text)
{
    enum rd_severity severity;
    return rd_severity_parse(text, &severity) == 0;
}

static void try_severities(struct rd_nearest *nearest)
{
    for (int i = RD_INFO; i <= RD_CRITICAL; i++) {
        rd_nearest_try(nearest, rd_str_of(rd_severity_name((enum rd_severity)i)));
    }
}

static bool is_number(struct rd_str text)
{
    uint64_t number;
    return rd_u64_parse(text, &number) == 0;
}

/* Fields of the alert that a silence's matchers may name, besides the attributes of its case.
 * Values of a closed list are checked, too: a slip would withhold nothing or, negated with "!",
 * everything. */
static const struct of_alert {
    const char *name;
    bool (*is_known)(struct rd_str text);
    void (*try_all)(struct rd_nearest *nearest);
} OF_ALERT[] = {{"type", is_type, try_types}, {"severity", is_severity, try_severities},
        {"unit", NULL, NULL}, {"rung", is_number, NULL}, {"clock", NULL, NULL}};

static const struct of_alert *of_alert(struct rd_str name)
{
    for (size_t i = 0; i < RD_COUNT(OF_ALERT); i++) {
        if (rd_str_is(name, OF_ALERT[i].name)) {
            return &OF_ALERT[i];
        }
    }
    return NULL;
}

static bool refuse_name(struct rd_reject *reject, struct rd_str name)
{
    char room[RD_NEAREST_HINT_MAX];
    struct rd_nearest nearest = rd_nearest_of(name);
    for (size_t i = 0; i < RD_COUNT(OF_ALERT); i++) {
        rd_nearest_try(&nearest, rd_str_of(OF_ALERT[i].name));
    }
    for (size_t i = 0; i < RD_EVENT_KEY_COUNT; i++) {
        struct rd_str key = rd_str_of(rd_event_key_name((enum rd_event_key)i));
        if (rd_plan_is_attribute(key)) {
            rd_nearest_try(&nearest, key);
        }
    }
    return rd_reject_set(reject, "bad_value", "data.matchers",
            "\"%.*s\" is nothing that an alert or a case has; redress-events(7) lists it%s",
            RD_FMT(rd_str_cut(name, NAME_SHOWN_BYTES)), rd_nearest_hint(&nearest, room));
}

static bool refuse_value(
        struct rd_reject *reject, const struct of_alert *attribute, struct rd_str text)
{
    char room[RD_NEAREST_HINT_MAX];
    struct rd_nearest nearest = rd_nearest_of(text);
    if (attribute->try_all != NULL) {
        attribute->try_all(&nearest);
    }
    return rd_reject_set(reject, "bad_value", "data.matchers", "no alert has the %s \"%.*s\"%s",
            attribute->name, RD_FMT(rd_str_cut(text, NAME_SHOWN_BYTES)),
            rd_nearest_hint(&nearest, room));
}

static bool refuse(struct rd_reject *reject, const char *what)
{
    return rd_reject_set(reject, "bad_value", "data.matchers", "%s", what);
}

/* The first literal that a test compares with (plain, in a list, or negated) and that is no known
 * value; empty: all are known. */
static struct rd_str unknown_in(rd_node test, bool (*is_known)(struct rd_str text))
{
    struct rd_str found = {0}, text = rd_node_str(test);
    for (uint32_t i = 0; rd_node_type(test) == RD_NODE_ARRAY && i < rd_node_count(test); i++) {
        found = found.len > 0 ? found : unknown_in(rd_node_at(test, i), is_known);
    }
    if (text.len > 0 && text.ptr[0] == '!') {
        text.ptr++;
        text.len--;
    }
    bool is_plain = text.len > 0 && text.ptr[0] != '~' && text.ptr[0] != '<' && text.ptr[0] != '>';
    return is_plain && !is_known(text) ? text : found;
}

static bool check(const struct silence *silence, struct rd_str matchers, struct rd_reject *reject)
{
    RD_CLEANUP(rd_tree_freep)
    struct rd_tree *tree = rd_tree_new();
    rd_node map = NULL;
    int r = rd_tree_read(tree, matchers, &map, NULL);
    RD_ASSERT(r == 0); /* compile() did the same */
    for (size_t i = 0; i < rd_match_count(silence->match); i++) {
        struct rd_str name = rd_match_name_at(silence->match, i), unknown = {0};
        const struct of_alert *attribute = of_alert(name);
        if (attribute == NULL && !rd_plan_is_attribute(name)) {
            return refuse_name(reject, name);
        }
        if (attribute != NULL && attribute->is_known != NULL) {
            unknown = unknown_in(rd_node_find(map, attribute->name), attribute->is_known);
        }
        if (unknown.len > 0) {
            return refuse_value(reject, attribute, unknown);
        }
    }
    return silence->memory.used_bytes + rd_match_pattern_bytes(silence->match) <=
                   COMPILED_BYTES_MAX ||
           refuse(reject, "too many or too long tests for one silence: make several");
}

bool silence_create(struct engine *engine, struct rd_reject *reject, uint64_t *ret_number)
{
    struct rd_str matchers = engine->event->data[RD_KEY_MATCHERS].bytes;
    struct silence one = {.number = engine->counters.silence_number + 1,
            .until = engine->event->data[RD_KEY_UNTIL].integer};
    rd_time armed = RD_TIME_NONE;
    char what[200] = "not a map";
    if (matchers.len > RD_SILENCE_BYTES_MAX) {
        return rd_reject_set(reject, "bad_value", "data.matchers",
                "the matchers of a silence have at most %d bytes; these have %zu",
                RD_SILENCE_BYTES_MAX, matchers.len);
    }
    if (!compile(&one, matchers, what)) {
        return refuse(reject, what);
    }
    if (!check(&one, matchers, reject) ||
            (are_full(engine) &&
                    !refuse(reject, "1,000 silences hold already: end one that is not needed "
                                    "(silence.ended)"))) {
        rd_match_free(one.match);
        rd_arena_done(&one.memory);
        return false;
    }
    if (one.until > engine->now.wall) {
        timer_arm(engine, &armed, one.until, timer_of(one.number));
    }
    silence_row_put(engine->view, one.number,
            &(struct silence_row){.until = one.until,
                    .created = engine->now.wall,
                    .armed = armed,
                    .by = event_str(engine, RD_KEY_BY),
                    .reason = event_str(engine, RD_KEY_REASON),
                    .matchers = matchers});
    drop_oldest(engine);
    append(engine, &one);
    *ret_number = engine->counters.silence_number = one.number;
    return true;
}

void silences_undo(struct engine *engine)
{
    if (engine->has_ended_silence) { /* what was undone may have ended it */
        silences_close(engine);
        silences_load(engine);
        engine->has_ended_silence = false;
    }
    while (engine->silence_count > 0 &&
            engine->silences[engine->silence_count - 1].number > engine->counters.silence_number) {
        drop_at(engine, engine->silence_count - 1);
    }
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
    if (row.armed != RD_TIME_NONE) {
        timer_arm(engine, &row.armed, engine->now.wall, timer_of(number));
    }
    row.by = rd_arena_dup(&engine->arena, row.by); /* the put takes the old row away */
    row.reason = rd_arena_dup(&engine->arena, row.reason);
    row.matchers = rd_arena_dup(&engine->arena, row.matchers);
    silence_row_put(engine->view, number, &row);
    for (size_t i = 0; i < engine->silence_count; i++) {
        if (engine->silences[i].number == number) {
            drop_at(engine, i);
            engine->has_ended_silence = true;
        }
    }
}

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

uint64_t silence_covering(
        struct engine *engine, struct work *work, const struct alert_draft *draft, uint64_t but)
{
    if (engine->silence_count == 0 || draft->never_withheld || draft->unit == NAME_OPS) {
        return 0;
    }
    struct silence_view view = {
            .draft = draft, .unit = name_shown(engine, draft->unit), .has_case = work != NULL};
    if (work != NULL) {
        view.of_case = case_view(engine, work);
    }
    /* Bounds the tests of all silences together; beyond it the alert is sent. */
    size_t budget =
            engine->silence_budget < RD_MATCH_BUDGET ? engine->silence_budget : RD_MATCH_BUDGET;
    size_t left = budget;
    uint64_t found = 0;
    for (size_t i = 0; i < engine->silence_count && found == 0 && left > 0; i++) {
        const struct silence *one = &engine->silences[i];
        if (engine->now.wall < one->until && one->number != but &&
                rd_match_holds_within(one->match, silence_lookup, &view, &left)) {
            found = one->number;
        }
    }
    engine->silence_budget -= budget - left;
    return found;
}

void silence_note(struct engine *engine, const struct work *work, const struct alert_draft *draft,
        uint64_t number)
{
    struct withheld_key key = {.silence = number,
            .unit = draft->unit,
            .case_number = work->row->number,
            .type = (uint8_t)draft->type,
            .rung = (uint8_t)draft->rung,
            .clock = draft->clock_name.len > 0 ? name_number(engine, draft->clock_name) : 0};
    withheld_row_put(engine->view, &key,
            &(struct withheld_row){
                    .severity = (uint8_t)draft->severity, .moments = work->row->moment_count});
}

bool silence_timer_is_live(struct engine *engine, const struct timer_row *row)
{
    struct silence_row silence;
    return !row->is_steady && silence_row_get(engine->view, row->owner, &silence) &&
           silence.armed == row->due;
}
