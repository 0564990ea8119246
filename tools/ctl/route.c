/* route: what a configuration makes of a case before there is one: its policy, when each clock is
 * due, and who hears what and when while nobody acts. The engine itself is asked, on a state of its
 * own that is thrown away. */
#include "tools/ctl/route.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/ctl/event.h"
#include "tools/shared/when.h"

enum { TICKS_MAX = 100000, FIELD_MAX = 128, DAYS_DEFAULT = 60 };

#define MAP_BYTES   (UINT64_C(1) << 30) /* address space, not memory */
#define ARENA_BYTES ((size_t)64 << 20)

/* ---- the event that the words make ---- */

static const char *word_of(const struct ctl *ctl, const char *key)
{
    size_t len = strlen(key);
    for (size_t i = 0; i < ctl->word_count; i++) {
        if (strncmp(ctl->words[i], key, len) == 0 && ctl->words[i][len] == '=') {
            return ctl->words[i] + len + 1;
        }
    }
    return NULL;
}

static const char *type_of(const struct ctl *ctl)
{
    const char *kind = word_of(ctl, "kind");
    if (kind == NULL || strcmp(kind, "complaint") == 0) {
        return word_of(ctl, "ref") != NULL ? "case.forwarded" : "complaint.registered";
    }
    if (strcmp(kind, "contact") == 0) {
        return "contact.received";
    }
    if (strcmp(kind, "duty") == 0) {
        return "duty.opened";
    }
    say_error("kind=%s: a kind is contact, complaint or duty", kind);
    return NULL;
}

/* A unit that has none below it: where most cases are. */
static struct rd_str some_unit(const struct rd_plan *plan)
{
    size_t i = 0;
    while (i + 1 < plan->unit_count && plan->units[i + 1].parent == (int32_t)i) {
        i++;
    }
    return plan->units[i].path;
}

/* A channel that the configuration takes. */
static struct rd_str some_channel(const struct rd_plan *plan)
{
    const struct rd_plan_codes *codes = rd_plan_codes_of(plan, RD_KEY_CHANNEL);
    return codes != NULL && codes->count > 0 ? codes->at[0].code : RD_STR("phone");
}

static bool add_default(
        struct route *route, struct event_draft *draft, const char *key, struct rd_str value)
{
    if (event_value(draft, key) != NULL) {
        return true;
    }
    struct rd_str text = rd_arena_printf(&route->arena, "%.*s", RD_FMT(value));
    return event_add(draft, key, strlen(key), text.ptr);
}

static bool add_defaults(struct route *route, struct event_draft *draft)
{
    const struct rd_plan *plan = route->config->plan;
    bool is_duty = strcmp(draft->type, "duty.opened") == 0;
    if (!add_default(route, draft, "unit", some_unit(plan))) {
        return false;
    }
    if (is_duty) {
        return add_default(route, draft, "duty", RD_STR("duty"));
    }
    return add_default(route, draft, "customer", RD_STR("route")) &&
           add_default(route, draft, "channel", some_channel(plan)) &&
           (strcmp(draft->type, "case.forwarded") != 0 ||
                   add_default(route, draft, "body", RD_STR("regulator")));
}

static bool make_draft(struct route *route, struct event_draft *draft)
{
    const struct ctl *ctl = route->ctl;
    *draft = (struct event_draft){.type = type_of(ctl), .subject = route->is_zh ? "待办" : "route"};
    if (draft->type == NULL) {
        return false;
    }
    for (size_t i = 0; i < ctl->word_count; i++) {
        bool is_kind = strncmp(ctl->words[i], "kind=", 5) == 0;
        if (!is_kind && !event_add_word(draft, ctl->words[i])) {
            return false;
        }
    }
    if (strcmp(draft->type, "duty.opened") == 0) {
        draft->subject = NULL;
    }
    return add_defaults(route, draft);
}

static bool make_event(struct route *route)
{
    struct event_draft draft;
    struct rd_reject reject = {0};
    struct rd_buf id, packed;
    rd_buf_init(&id, FIELD_MAX);
    rd_buf_init(&packed, EVENT_BYTES_MAX);
    bool is_good = make_draft(route, &draft) && event_pack(route->ctl, &draft, &id, &packed);
    if (is_good) {
        struct rd_str bytes = rd_arena_dup(&route->arena, rd_buf_str(&packed));
        is_good = rd_event_decode(route->tree, bytes, EVENT_BYTES_MAX, &route->event, &reject);
        if (!is_good) {
            say_error(
                    "%s: %s", reject.field[0] != '\0' ? reject.field : "the event", reject.message);
        }
    }
    rd_buf_done(&id);
    rd_buf_done(&packed);
    route->event.time = route->at;
    return is_good;
}

/* ---- the engine ---- */

static enum exit_status open_engine(struct route *route)
{
    char what[256] = "";
    uint32_t number;
    int r = scratch_make(&route->scratch);
    if (r == 0) {
        struct store_options options = {.dir = route->scratch.path, .map_bytes_max = MAP_BYTES};
        r = store_open(&options, &route->store, what);
    }
    if (r == 0) {
        r = engine_open(store_live(route->store), &route->engine, &number);
    }
    if (r == 0) {
        struct engine_time at = {.wall = route->at, .steady = route->at};
        r = engine_configure(route->engine, &at, route->config->tree);
    }
    if (r < 0) {
        say_error("a state for the time of the question: %s%s%s", strerror(-r),
                what[0] != '\0' ? ": " : "", what);
    }
    return r == 0 ? STATUS_OK : STATUS_USAGE;
}

static struct rd_str kept(struct route *route, struct rd_str text)
{
    return rd_arena_dup(&route->arena, text);
}

static void take_alerts(struct route *route)
{
    size_t count;
    const struct rd_alert *alerts = engine_alerts(route->engine, &count);
    for (size_t i = 0; i < count; i++) {
        const struct rd_alert *alert = &alerts[i];
        if (alert->case_number != 1) {
            continue; /* what units owe every day is no matter of the case */
        }
        if (route->told_count == ROUTE_TOLD_MAX || alert->repeated > 1) {
            route->more++;
            continue;
        }
        route->told[route->told_count++] = (struct route_told){.time = alert->time,
                .ack_by = alert->ack_by,
                .unit = kept(route, alert->unit),
                .unit_name = kept(route, alert->unit_name),
                .title = kept(route, alert->title),
                .clock = kept(route, alert->clock),
                .type = rd_alert_type_name(alert->type),
                .severity = rd_severity_name(alert->severity),
                .rung = alert->rung,
                .repeated = alert->repeated};
    }
}

/* Lets time pass without any event. */
static void let_pass(struct route *route)
{
    struct engine_time at = {.wall = route->at, .steady = route->at};
    for (int i = 0; i < TICKS_MAX; i++) {
        rd_time due = engine_next_due(route->engine, &at);
        if (due == RD_TIME_NONE || due > route->until) {
            return;
        }
        at.wall = at.steady = due > at.wall ? due : at.wall;
        if (engine_tick(route->engine, &at) == 0) {
            return;
        }
        take_alerts(route);
    }
}

/* Where a rung waits for the unit's opening, a later one may come first. */
static void mark_early(struct route *route, struct rd_str unit)
{
    uint32_t rung = 0;
    for (size_t i = 0; i < route->told_count && rung == 0; i++) {
        const struct route_told *told = &route->told[i];
        if (told->rung > 0 && rd_str_eq(told->unit, unit)) {
            rung = told->rung;
            route->heard = told->time;
        }
    }
    for (size_t i = 0; i < route->told_count && rung > 0; i++) {
        route->told[i].is_early = route->told[i].rung > rung && route->told[i].time < route->heard;
    }
}

static void keep_warning(struct route *route)
{
    if (route->receipt.warning == NULL) {
        return;
    }
    RD_CLEANUP(rd_buf_done)
    struct rd_buf packed;
    struct rd_warning *warning = RD_ARENA_ARRAY(&route->arena, struct rd_warning, 1);
    rd_buf_init(&packed, EVENT_BYTES_MAX);
    rd_warning_pack(&packed, route->receipt.warning);
    if (rd_warning_open(kept(route, rd_buf_str(&packed)), &route->arena, warning) == 0) {
        route->warning = warning;
    }
}

static enum exit_status run(struct route *route)
{
    struct engine_time at = {.wall = route->at, .steady = route->at};
    struct engine_sender sender = {0};
    engine_event(route->engine, &at, &sender, &route->event, &route->receipt);
    if (route->receipt.status != RD_ACCEPTED) {
        const struct rd_reject *error = route->receipt.error;
        say_error("the event would be refused: %s%s%s", error->field,
                error->field[0] != '\0' ? ": " : "", error->message);
        return STATUS_REFUSED;
    }
    keep_warning(route);
    take_alerts(route);
    (void)case_row_get(store_live(route->store), 1, &route->arena, &route->row);
    const struct rd_plan *plan = route->config->plan;
    int32_t unit = rd_plan_unit_find(plan, route->event.data[RD_KEY_UNIT].bytes);
    route->calendar = &plan->calendars[plan->units[unit].calendar];
    let_pass(route);
    mark_early(route, plan->units[unit].path);
    return STATUS_OK;
}

/* ---- the verb ---- */

static bool load(struct route *route)
{
    struct config_errors errors = {0};
    const char *path = ctl_option(route->ctl, "config");
    int r = config_load(path, &route->config, &errors);
    for (size_t i = 0; r < 0 && i < errors.count; i++) {
        say_error("%s", errors.lines[i]);
    }
    config_errors_done(&errors);
    return r == 0;
}

static bool take_times(struct route *route)
{
    const struct ctl_option *at = ctl_given(route->ctl, "at");
    const struct ctl_option *until = ctl_given(route->ctl, "until");
    route->at = at != NULL ? at->value.time : when_now();
    route->until = until != NULL ? until->value.time : route->at + DAYS_DEFAULT * RD_DAY_US;
    if (route->until < route->at) {
        say_error("--until lies before %s: give a later time",
                at != NULL ? "--at" : "now, when the case comes without --at");
        return false;
    }
    return true;
}

static enum exit_status route_case(struct ctl *ctl)
{
    if (ctl_option(ctl, "config") == NULL) {
        say_error("route wants --config");
        return ctl_usage(ctl);
    }
    struct route *route = calloc(1, sizeof *route);
    if (route == NULL) {
        rd_oom();
    }
    const char *lang = ctl_option(ctl, "lang");
    route->ctl = ctl;
    route->heard = RD_TIME_NONE;
    route->is_zh = lang != NULL && strcmp(lang, "zh-CN") == 0 && !ctl->is_json;
    route->tree = rd_tree_new();
    rd_arena_init(&route->arena, ARENA_BYTES);
    bool is_good = take_times(route) && load(route) && make_event(route);
    enum exit_status status = is_good ? STATUS_OK : STATUS_USAGE;
    if (status == STATUS_OK) {
        status = open_engine(route);
    }
    if (status == STATUS_OK) {
        status = run(route);
    }
    if (status == STATUS_OK) {
        (ctl->is_json ? route_print_json : route_print)(route);
    }
    engine_close(route->engine);
    store_close(route->store);
    scratch_remove(&route->scratch);
    config_freep(&route->config);
    rd_tree_free(route->tree);
    rd_arena_done(&route->arena);
    free(route);
    return status;
}

static const struct opt_rule RULES[] = {
        {.name = "config", .value = "FILE", .kind = OPT_FILE, .help = "the configuration"},
        {.name = "at", .value = "TIME", .kind = OPT_TIME_AHEAD, .help = "when it comes (now)"},
        {.name = "until",
                .value = "TIME",
                .kind = OPT_TIME_AHEAD,
                .help = "how far to look (60 days later)"},
        {.name = "lang", .value = "en|zh-CN", .kind = OPT_CHOICE, .help = "in this language (en)"},
};

static const struct ctl_verb VERBS[] = {
        {"route", "KEY=VALUE…", "config at until lang",
                "what a configuration makes of a case: policy, clocks, who hears what and when", 0,
                EVENT_KEYS_MAX, route_case, NULL},
};

const struct ctl_group ctl_group_route = {.title = "A case before it is there",
        .verbs = VERBS,
        .verb_count = RD_COUNT(VERBS),
        .rules = RULES,
        .rule_count = RD_COUNT(RULES)};
