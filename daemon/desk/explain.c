#include "common/plan/waits_for.h"
#include "daemon/desk/account.h"
#include "daemon/desk/cases.h"

/* explain: why a due date is what it is, day by day. */

enum { DAYS_MAX = 20000 };

static void pack_steps(struct fields *fields, const struct account *account)
{
    field_key(fields, "steps");
    rd_pack_array(fields->buf, (uint32_t)account->step_count);
    for (size_t i = 0; i < account->step_count; i++) {
        struct fields map = fields_begin(fields->buf);
        field_time(&map, "time", account->steps[i].time);
        field_str(&map, "what", account->steps[i].what);
        fields_end(&map);
    }
}

static void field_day(struct fields *fields, const char *key, rd_day day)
{
    char text[RD_DATE_TEXT_MAX];
    if (day != RD_DAY_NONE) {
        rd_day_format(day, text);
        field_cstr(fields, key, text);
    }
}

static void pack_days(struct fields *fields, const struct account *account)
{
    struct rd_why_walk walk;
    struct rd_why_day day;
    uint32_t count = 0;
    rd_why_begin(&walk, &account->why, rd_calendar_day(account->calendar, account->at));
    field_key(fields, "days");
    size_t mark = rd_pack_array_begin(fields->buf);
    while (count < DAYS_MAX && rd_why_next(&walk, &day)) {
        struct fields map = fields_begin(fields->buf);
        field_day(&map, "date", day.day);
        field_bool(&map, "counted", day.is_counted);
        field_cstr(&map, "why", day.why);
        fields_end(&map);
        count++;
    }
    rd_pack_array_end(fields->buf, mark, count);
}

static void pack_limit(struct method_call *call, struct fields *map, struct account *account)
{
    static const char *const ROLLS[] = {"none", "restday", "statutory_holiday"};
    const struct rd_why *why = &account->why;
    bool is_days = why->limit.unit != RD_LIMIT_SECONDS;
    char limit[RD_LIMIT_TEXT_MAX];
    rd_limit_format(why->limit, limit);
    field_cstr(map, "limit", limit);
    if (is_days) {
        field_cstr(map, "roll", ROLLS[why->roll]);
        field_cstr(map, "end", why->at_closing ? "closing" : "midnight");
    } else {
        field_cstr(map, "time", why->counts_working ? "working" : "elapsed");
    }
    field_time(map, "start", why->start);
    field_day(map, "last_day", account->last_day);
    field_day(map, "raw_day", account->raw_day);
    field_bool(map, "provisional", account->is_provisional);
    if (account->is_paused) {
        field_time(map, "due_if_resumed", account_due_if_resumed(call, account, account->at));
    }
}

/* Of one that has begun: at what. */
static struct rd_str starts_on(struct method_call *call, const struct account *account)
{
    const struct rd_plan_clock *definition = account->definition;
    if (account->clock->state == CLOCK_WAITING || definition->start_attribute.len > 0) {
        return rd_plan_waits_for(definition, call->arena);
    }
    return rd_str_of(rd_moment_name(
            case_row_first_moment(account->row, definition->starts, definition->start)));
}

static void pack_account(struct method_call *call, struct account *account)
{
    const struct rd_plan_clock *definition = account->definition;
    struct fields map = fields_begin(call->reply);
    field_clock(&map, definition);
    field_cstr(&map, "class", definition->is_statutory ? "statutory" : "service");
    field_cstr(&map, "state", account->state);
    if (definition->source.len > 0) {
        field_str(&map, "source", definition->source);
    }
    field_str(&map, "calendar", account->calendar->name);
    field_str(&map, "version",
            rd_arena_printf(call->arena, "%08x", (unsigned)(account->calendar->digest >> 32)));
    field_int(&map, "offset", rd_calendar_offset_s(account->calendar, account->at));
    field_str(&map, "starts_on", starts_on(call, account));
    if (definition->due_attribute.len > 0) {
        field_str(&map, "due_by", definition->due_attribute);
    }
    field_time(&map, "due", account->due);
    field_uint(&map, "extensions", account->extensions);
    if (account->has_limit) {
        pack_limit(call, &map, account);
    }
    pack_steps(&map, account);
    if (account->has_limit && !account->is_kept) {
        pack_days(&map, account);
    }
    fields_end(&map);
}

/* A clock that no policy has is a bad parameter; else the nearest of the case's own. */
static bool refuse_clock(struct method_call *call, const struct case_row *row,
        const struct rd_plan_policy *policy, struct rd_str wanted)
{
    char room[RD_NEAREST_HINT_MAX];
    struct rd_nearest nearest = rd_nearest_of(wanted);
    for (size_t i = 0; i < row->clock_count; i++) {
        if (row->clocks[i].definition < policy->clock_count) {
            rd_nearest_try(&nearest, policy->clocks[row->clocks[i].definition].name);
        }
    }
    return param_check(call, "clock", PARAM_CLOCK) &&
           method_fail(call, "not_found", "the case has no clock of this name%s",
                   rd_nearest_hint(&nearest, room));
}

bool explain_answer(struct method_call *call)
{
    rd_time at = param_time(call, "as_of");
    struct case_row *row;
    struct attribute_row attributes;
    if (!method_needs_engine(call) || !case_asked(call, "explain", &row, &attributes)) {
        return false;
    }
    rd_time since = row->received < row->opened ? row->received : row->opened;
    if (at != RD_TIME_NONE && at < since) {
        char text[RD_TIME_TEXT_MAX];
        rd_time_format(since, text);
        return method_fail(call, "not_found", "the case did not exist yet: it begins at %s", text);
    }
    struct rd_str wanted = param_str(call, "clock");
    const struct rd_plan *plan = engine_plan_of(call->engine, row->config);
    const struct rd_plan_policy *policy = &plan->policies[row->policy];
    struct fields fields = {.buf = call->reply, .mark = method_begin(call)};
    field_uint(&fields, "case", row->number);
    field_str(&fields, "subject", shown_subject(call, &attributes));
    field_str(&fields, "policy", policy->name);
    if (param_has(call, "lang")) {
        field_str(&fields, "policy_name", policy->shown);
    }
    field_time(&fields, "at", at != RD_TIME_NONE ? at : call->counts.wall);
    field_key(&fields, "clocks");
    uint32_t count = 0;
    size_t mark = rd_pack_array_begin(call->reply);
    for (size_t i = 0; i < row->clock_count; i++) {
        const struct case_clock *clock = &row->clocks[i];
        if (clock->state == CLOCK_UNUSED || clock->definition >= policy->clock_count) {
            continue;
        }
        const struct rd_plan_clock *definition = &policy->clocks[clock->definition];
        if (wanted.len > 0 && !rd_str_eq(definition->name, wanted)) {
            continue;
        }
        struct account account;
        account_make(call, row, clock, at, &account);
        pack_account(call, &account);
        count++;
    }
    rd_pack_array_end(call->reply, mark, count);
    if (count == 0 && wanted.len > 0) {
        return refuse_clock(call, row, policy, wanted);
    }
    method_end(call, fields.mark, fields.pairs);
    return true;
}
