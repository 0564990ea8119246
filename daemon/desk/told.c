#include <stdio.h>

#include "daemon/desk/rosters.h"

enum {
    DAYS_MAX = 4000,     /* of the calendar, told beside the turns */
    HOURS_TEXT_MAX = 48, /* "09:00-13:00" */
};

bool told_is_provisional(
        const struct rd_plan_roster *roster, const struct rd_calendar *calendar, rd_time until)
{
    return roster->rounds.hand_over == RD_HAND_OVER_OPENING && calendar->horizon != RD_DAY_NONE &&
           rd_calendar_day(calendar, until) >= calendar->horizon;
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
