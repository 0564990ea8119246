#include "daemon/desk/fields.h"
#include "daemon/store/rows/name_row.h"
#include "daemon/store/rows/roster_row.h"

/* roster.list: who has a roster's turn, stretch by stretch; without a name who has each one now. */

#define SPAN_US (28 * RD_DAY_US) /* without `to` */

enum {
    DAYS_MAX = 4000,      /* of the calendar, told beside the turns */
    STRETCHES_MAX = 1000, /* of one answer: each counts the working days since the first */
};

struct stretch {
    rd_time from, until;
    struct rd_str unit; /* path; empty: nobody has it */
    struct rd_str by;   /* who had another unit stand in; empty: it is its turn */
    bool is_overridden;
};

/* Where one that was taken behind `seq` begins or ends to stand in, behind `at`; at most `end`. */
static rd_time next_change(
        struct method_call *call, uint32_t name, rd_time at, rd_time end, uint64_t seq)
{
    struct roster_row row = {.until = at + 1};
    while (name != 0 && roster_row_next(call->view, name, row.until, row.seq, &row)) {
        if (row.seq > seq) {
            end = row.from > at && row.from < end ? row.from : end;
            end = row.from <= at && row.until < end ? row.until : end;
        }
    }
    return end;
}

/* The stretch that `at` falls into, from there on: of one unit, for one reason. */
static struct stretch stretch_at(
        struct method_call *call, const struct rd_plan_roster *roster, rd_time at)
{
    const struct rd_plan *plan = call->plan;
    uint32_t name = name_find(call->view, roster->name);
    struct roster_row row;
    if (name != 0 && roster_row_at(call->view, name, at, &row)) {
        return (struct stretch){.from = at,
                .until = next_change(call, name, at, row.until, row.seq),
                .is_overridden = true,
                .by = rd_arena_dup(call->arena, row.by),
                .unit = rd_arena_dup(call->arena, name_text(call->view, row.unit))};
    }
    struct rd_turn turn = rd_turn_at(&roster->rounds, &plan->calendars[roster->calendar], at);
    struct stretch stretch = {.from = at, .until = next_change(call, name, at, turn.until, 0)};
    if (!turn.is_none) {
        stretch.unit = plan->units[roster->turns[turn.index]].path;
    }
    return stretch;
}

static void pack_stretch(struct method_call *call, const struct rd_plan_roster *roster,
        const struct stretch *stretch)
{
    struct fields fields = fields_begin(call->reply);
    field_str(&fields, "roster", roster->name);
    field_str(&fields, "name", roster->shown);
    field_time(&fields, "from", stretch->from);
    field_time(&fields, "until", stretch->until);
    if (stretch->unit.len > 0) {
        int32_t unit = rd_plan_unit_find(call->plan, stretch->unit);
        field_str(&fields, "unit", stretch->unit);
        field_str(&fields, "unit_name",
                unit != RD_NO_INDEX ? call->plan->units[unit].name : stretch->unit);
    }
    field_bool(&fields, "overridden", stretch->is_overridden);
    if (stretch->by.len > 0) {
        field_str(&fields, "by", stretch->by);
    }
    fields_end(&fields);
}

/* Days off and make-up days of its calendar, from the day of `from` to that of `to`. */
static void pack_days(
        struct method_call *call, const struct rd_calendar *calendar, rd_time from, rd_time to)
{
    size_t mark = rd_pack_array_begin(call->reply);
    uint32_t count = 0;
    for (size_t i = 0; i < calendar->special_count && count < DAYS_MAX; i++) {
        const struct rd_special_day *special = &calendar->specials[i];
        if (special->day < rd_calendar_day(calendar, from) ||
                special->day > rd_calendar_day(calendar, to - 1) ||
                special->kind == RD_SPECIAL_HOURS) {
            continue;
        }
        char date[RD_DATE_TEXT_MAX];
        rd_day_format(special->day, date);
        struct fields fields = fields_begin(call->reply);
        field_cstr(&fields, "date", date);
        field_str(&fields, "name", special->name);
        field_bool(&fields, "working", special->kind == RD_SPECIAL_MAKE_UP);
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
        struct stretch stretch = stretch_at(call, roster, call->counts.wall);
        pack_stretch(call, roster, &stretch);
        rows.count++;
    }
    rows_end(call, &rows, i < call->plan->roster_count ? i : 0);
    return true;
}

bool roster_list_answer(struct method_call *call)
{
    if (!param_has(call, "roster")) {
        return answer_now(call);
    }
    const struct rd_plan_roster *roster =
            rd_plan_roster_find(call->plan, param_str(call, "roster"));
    rd_time from = param_time(call, "from"), to = param_time(call, "to");
    from = from != RD_TIME_NONE ? from : call->counts.wall;
    from = from > 0 ? from : 0;
    to = to != RD_TIME_NONE ? to : from + SPAN_US;
    if (to <= from) {
        return method_fail(call, "bad_params", "to must be later than from");
    }
    struct rows rows;
    if (!rows_begin(call, &rows)) {
        return false;
    }
    rd_time after = (rd_time)param_uint(call, "after"), at = after > from ? after : from;
    while (at < to && !rows_are_full(&rows) && rows.count < STRETCHES_MAX) {
        struct stretch stretch = stretch_at(call, roster, at);
        at = stretch.until;
        stretch.until = at < to ? at : to;
        pack_stretch(call, roster, &stretch);
        rows.count++;
    }
    rd_pack_array_end(call->reply, rows.array, rows.count);
    rd_pack_cstr(call->reply, "days");
    pack_days(call, &call->plan->calendars[roster->calendar], from, to);
    if (at < to) {
        rd_pack_cstr(call->reply, "next");
        rd_pack_uint(call->reply, (uint64_t)at);
    }
    method_end(call, rows.map, at < to ? 3 : 2);
    return true;
}
