#include "daemon/desk/rosters.h"

#include <stdio.h>

#include "daemon/engine/standing.h"
#include "daemon/store/rows/name_row.h"
#include "daemon/store/rows/roster_row.h"

/* roster.list: who has a roster's turn, stretch by stretch; without a name who has each one now. */

#define SPAN_US  (28 * RD_DAY_US)       /* without `to` */
#define REACH_US (20 * 366 * RD_DAY_US) /* each stretch counts the days since the first turn */

enum {
    DAYS_MAX = 4000,      /* of the calendar, told beside the turns */
    STRETCHES_MAX = 1000, /* of one answer */
    HOURS_TEXT_MAX = 48,  /* "09:00-13:00" */
};

static struct standing standing_of(
        struct method_call *call, const struct rd_plan_roster *roster, rd_time at)
{
    return standing_from(call->view, call->plan, call->arena, roster->name, at);
}

/* Where the stretch of `at` began: at `begin`, or where one that was taken behind `seq` ended to
 * stand in since; one whose unit is gone never did. */
static rd_time own_begin(struct method_call *call, const struct rd_plan_roster *roster,
        rd_time begin, rd_time at, uint64_t seq)
{
    struct roster_row row = {.until = begin};
    uint32_t name = name_find(call->view, roster->name);
    while (name != 0 && roster_row_next(call->view, name, row.until, row.seq, &row) &&
            row.until <= at) {
        if (row.seq > seq && row.until > begin &&
                rd_plan_unit_find(call->plan, name_text(call->view, row.unit)) != RD_NO_INDEX) {
            begin = row.until;
        }
    }
    return begin;
}

bool told_is_provisional(
        const struct rd_plan_roster *roster, const struct rd_calendar *calendar, rd_time until)
{
    return roster->rounds.hand_over == RD_HAND_OVER_OPENING && calendar->horizon != RD_DAY_NONE &&
           rd_calendar_day(calendar, until) >= calendar->horizon;
}

static struct told told_at(struct method_call *call, const struct rd_plan_roster *roster,
        const struct standing *standing, rd_time at)
{
    const struct rd_plan *plan = call->plan;
    struct stretch stretch = stretch_at(plan, roster, standing, at);
    const struct roster_row *row = stretch.row;
    if (row != NULL) {
        return (struct told){.from = own_begin(call, roster, row->from, at, row->seq),
                .until = stretch.until,
                .is_overridden = true,
                .by = row->by,
                .unit = rd_arena_dup(call->arena, name_text(call->view, row->unit))};
    }
    const struct rd_turn *turn = &stretch.turn;
    struct told told = {.from = at,
            .until = stretch.until,
            .is_provisional =
                    told_is_provisional(roster, &plan->calendars[roster->calendar], turn->until)};
    if (!turn->is_none) {
        told.from = own_begin(call, roster, turn->from, at, 0);
        told.unit = plan->units[roster->turns[turn->index]].path;
    }
    return told;
}

static void pack_change(struct fields *fields, const struct told_change *change)
{
    field_time(fields, "begin", change->begin);
    if (change->seq != 0) {
        field_uint(fields, "seq", change->seq);
    }
    field_uint(fields, "changes", change->changes);
    if (change->is_part) {
        field_bool(fields, "part", true);
    }
    if (change->is_replaced) {
        field_bool(fields, "replaced", true);
    }
}

void told_pack(struct method_call *call, const struct rd_plan_roster *roster,
        const struct told *told, const struct told_change *change)
{
    struct fields fields = fields_begin(call->reply);
    field_str(&fields, "roster", roster->name);
    field_str(&fields, "name", roster->shown);
    field_time(&fields, "from", told->from);
    field_time(&fields, "until", told->until);
    if (told->unit.len > 0) {
        int32_t unit = rd_plan_unit_find(call->plan, told->unit);
        field_str(&fields, "unit", told->unit);
        field_str(&fields, "unit_name",
                unit != RD_NO_INDEX ? call->plan->units[unit].name : told->unit);
    }
    field_bool(&fields, "overridden", told->is_overridden);
    if (told->is_provisional) {
        field_bool(&fields, "provisional", true);
    }
    if (told->by.len > 0) {
        field_str(&fields, "by", told->by);
    }
    if (change != NULL) {
        pack_change(&fields, change);
    }
    fields_end(&fields);
}

/* A day with hours of its own is as its weekday is, unless that is closed otherwise. */
static bool is_unusual(const struct rd_calendar *calendar, const struct rd_special_day *special)
{
    struct rd_calendar plain = *calendar;
    plain.special_count = 0;
    return special->kind != RD_SPECIAL_HOURS || !rd_calendar_is_working(&plain, special->day);
}

static void field_hours(struct fields *fields, const struct rd_hours *hours)
{
    field_key(fields, "hours");
    rd_pack_array(fields->buf, hours->count);
    for (size_t i = 0; i < hours->count; i++) {
        char text[HOURS_TEXT_MAX];
        (void)snprintf(text, sizeof(text), "%02d:%02d-%02d:%02d", hours->open[i] / 60,
                hours->open[i] % 60, hours->close[i] / 60, hours->close[i] % 60);
        rd_pack_cstr(fields->buf, text);
    }
}

/* Days that open or are closed other than their weekday, from the day of `from` to that of `to`. */
static void pack_days(
        struct method_call *call, const struct rd_calendar *calendar, rd_time from, rd_time to)
{
    size_t mark = rd_pack_array_begin(call->reply);
    uint32_t count = 0;
    for (size_t i = 0; i < calendar->special_count && count < DAYS_MAX; i++) {
        const struct rd_special_day *special = &calendar->specials[i];
        if (special->day < rd_calendar_day(calendar, from) ||
                special->day > rd_calendar_day(calendar, to - 1) ||
                !is_unusual(calendar, special)) {
            continue;
        }
        char date[RD_DATE_TEXT_MAX];
        rd_day_format(special->day, date);
        struct fields fields = fields_begin(call->reply);
        field_cstr(&fields, "date", date);
        field_str(&fields, "name", special->name);
        field_bool(&fields, "working", rd_calendar_is_working(calendar, special->day));
        if (special->kind == RD_SPECIAL_HOURS) {
            field_hours(&fields, &special->hours);
        }
        fields_end(&fields);
        count++;
    }
    rd_pack_array_end(call->reply, mark, count);
}

static bool answer_now(struct method_call *call)
{
    struct rows rows;
    if (!rows_begin(call, &rows)) {
        return false;
    }
    size_t i = (size_t)param_uint(call, "after");
    for (; i < call->plan->roster_count && !rows_are_full(&rows); i++) {
        const struct rd_plan_roster *roster = &call->plan->rosters[i];
        struct standing standing = standing_of(call, roster, call->counts.wall);
        struct told told = told_at(call, roster, &standing, call->counts.wall);
        told_pack(call, roster, &told, NULL);
        rows.count++;
    }
    rows_end(call, &rows, i < call->plan->roster_count ? i : 0);
    return true;
}

/* The span that is asked for. False: error set. */
static bool read_span(struct method_call *call, struct roster_span *ret_span)
{
    rd_time now = call->counts.wall, from = param_time(call, "from"), to = param_time(call, "to");
    from = from != RD_TIME_NONE ? from : now;
    bool is_near = from >= now - REACH_US && from <= now + REACH_US;
    if (!is_near || (to != RD_TIME_NONE && to > now + REACH_US)) {
        return method_fail(call, "bad_params",
                "%s: turns can be listed at most 20 years before and after now",
                is_near ? "to" : "from");
    }
    ret_span->from = from > 0 ? from : 0;
    ret_span->to = to != RD_TIME_NONE ? to : ret_span->from + SPAN_US;
    return ret_span->to > ret_span->from ||
           method_fail(call, "bad_params", "to must be later than from");
}

void told_end(struct method_call *call, const struct rows *rows,
        const struct rd_plan_roster *roster, const struct roster_span *span, uint64_t next)
{
    rd_pack_array_end(call->reply, rows->array, rows->count);
    rd_pack_cstr(call->reply, "days");
    pack_days(call, &call->plan->calendars[roster->calendar], span->from, span->to);
    if (next != 0) {
        rd_pack_cstr(call->reply, "next");
        rd_pack_uint(call->reply, next);
    }
    method_end(call, rows->map, next != 0 ? 3 : 2);
}

static void answer_span(struct method_call *call, struct rows *rows,
        const struct rd_plan_roster *roster, const struct roster_span *span)
{
    uint64_t after = param_uint(call, "after");
    rd_time at = after < (uint64_t)span->from ? span->from
                 : after < (uint64_t)span->to ? (rd_time)after
                                              : span->to;
    struct standing standing = standing_of(call, roster, at);
    while (at < span->to && !rows_are_full(rows) && rows->count < STRETCHES_MAX) {
        struct told told = told_at(call, roster, &standing, at);
        at = told.until;
        told.until = at != RD_TIME_MAX ? at : span->to; /* no day ever opens again */
        told_pack(call, roster, &told, NULL);
        rows->count++;
    }
    told_end(call, rows, roster, span, at < span->to ? (uint64_t)at : 0);
}

bool roster_list_answer(struct method_call *call)
{
    if (call->counts.wall == RD_TIME_NONE || call->counts.wall == RD_TIME_MIN) {
        return method_fail(call, "not_yet", "time comes from events, and none has come yet");
    }
    bool is_replaced = param_bool(call, "replaced");
    if (!param_has(call, "roster")) {
        return is_replaced ? method_fail(call, "bad_params",
                                     "replaced: it tells of one roster: give its name as roster")
                           : answer_now(call);
    }
    const struct rd_plan_roster *roster =
            rd_plan_roster_find(call->plan, param_str(call, "roster"));
    struct roster_span span = {0};
    struct rows rows;
    if (!read_span(call, &span) || !rows_begin(call, &rows)) {
        return false;
    }
    if (is_replaced) {
        return roster_replaced_answer(call, &rows, roster, &span);
    }
    answer_span(call, &rows, roster, &span);
    return true;
}
