#include "daemon/engine/digest_walk.h"

#include <string.h>

#include "daemon/engine/arm.h"
#include "daemon/engine/cases.h"
#include "daemon/engine/names.h"
#include "daemon/engine/pauses.h"
#include "daemon/engine/reports.h"
#include "daemon/engine/unit_days.h"
#include "daemon/engine/units.h"
#include "daemon/store/rows/alert_row.h"
#include "daemon/store/rows/case_row.h"
#include "daemon/store/rows/index_row.h"
#include "daemon/store/rows/unit_day_row.h"

/* What a firing looks at: cases, and days of units. */
enum { SHARE_LOOKS = 256 };

/* A report may be due up to a day after its day has closed, a digest be made up to a day before its
 * day opens, and two calendars be a day apart. */
enum { REPORT_DAYS_BEFORE = 4 };

/* ---- units ---- */

/* The index of the nth unit of those below the digest's and itself; RD_NO_INDEX: there are no
 * more. A parent stands before its children. */
static int32_t nth_unit(struct engine *engine, uint32_t unit, uint32_t n)
{
    const struct rd_plan *plan = engine->plan;
    int32_t first = unit_index(engine, unit);
    size_t index = (size_t)first + n;
    if (n == 0) {
        return first;
    }
    if (index >= plan->unit_count) {
        return RD_NO_INDEX;
    }
    struct rd_str top = plan->units[first].path, path = plan->units[index].path;
    bool is_below = rd_str_starts(path, top) && path.len > top.len && path.ptr[top.len] == '/';
    return is_below ? (int32_t)index : RD_NO_INDEX;
}

static void list_day(struct digest_day *list, uint32_t *count, uint32_t unit, rd_day day)
{
    if (*count < RD_DIGEST_LISTED_MAX) {
        list[(*count)++] = (struct digest_day){.unit = unit, .day = day};
    }
}

static bool differs(const struct unit_day_row *row)
{
    return (row->flags & UNIT_DAY_OWED) != 0 && (row->flags & UNIT_DAY_REPORTED) != 0 &&
           (row->reported.opened != row->at_due.opened ||
                   row->reported.closed != row->at_due.closed ||
                   row->reported.open != row->at_due.open);
}

/* A report is told by the first digest whose instant is not before the one at which it was due:
 * neither the order of timers nor that of calendars tells it twice, or not at all. */
static bool is_told_here(
        struct engine *engine, uint32_t unit, rd_day day, const struct digest_work *work)
{
    if (!report_is_owed(engine, unit)) {
        return day >= work->from;
    }
    if (!rd_calendar_is_working(unit_calendar(engine, unit), day)) {
        return false; /* closed since: nothing was owed */
    }
    rd_time due = report_due(engine, unit, day);
    return due <= work->at && (day >= work->from || due > work->before);
}

/* Returns how many days were looked at. */
static size_t add_reports(struct engine *engine, uint32_t unit, struct digest_work *work)
{
    struct unit_day_row row;
    rd_day day = work->from - REPORT_DAYS_BEFORE;
    size_t looks = reports_judge(engine, unit, work->at);
    while (unit_day_row_next(engine->view, unit, day, &day, &row) && day <= work->day) {
        if (!is_told_here(engine, unit, day, work)) {
            day++;
            continue;
        }
        bool is_there = (row.flags & UNIT_DAY_REPORTED) != 0;
        if ((row.flags & UNIT_DAY_MISSING) != 0 && !is_there) {
            work->standing[STANDING_REPORTS_MISSING]++;
            list_day(work->missing, &work->missing_count, unit, day);
        }
        if (differs(&row)) {
            work->standing[STANDING_REPORTS_DIFFER]++;
            list_day(work->differ, &work->differ_count, unit, day);
        }
        day++;
        looks++;
    }
    return looks;
}

static size_t add_unit(struct engine *engine, uint32_t unit, struct digest_work *work)
{
    uint64_t counts[UNIT_CASE_KINDS];
    unit_case_counts(engine->view, unit, counts);
    work->standing[STANDING_OPEN] += counts[CASE_CONTACT] + counts[CASE_COMPLAINT];
    work->standing[STANDING_DUTIES] += counts[CASE_DUTY];
    work->standing[STANDING_UNACKNOWLEDGED] += alert_rows_awaited(engine->view, unit);
    return 1 + tally_rows_sum(engine->view, unit, work->from, work->day, work->sums) +
           add_reports(engine, unit, work);
}

/* ---- cases ---- */

static bool is_worse(const struct digest_case *a, const struct digest_case *b)
{
    return a->due != b->due ? a->due < b->due : a->number < b->number;
}

static void list_case(struct digest_work *work, const struct digest_case *one)
{
    uint32_t at = work->worst_count;
    while (at > 0 && is_worse(one, &work->worst[at - 1])) {
        at--;
    }
    if (at == RD_DIGEST_LISTED_MAX) {
        return;
    }
    if (work->worst_count < RD_DIGEST_LISTED_MAX) {
        work->worst_count++;
    }
    memmove(&work->worst[at + 1], &work->worst[at],
            sizeof work->worst[0] * (work->worst_count - at - 1));
    work->worst[at] = *one;
}

/* The local day on which the clock's limit ends: 24:00 belongs to the day that it ends. */
static rd_day last_day_of(
        struct engine *engine, struct work *work, const struct case_clock *clock, rd_time due)
{
    const struct rd_calendar *calendar = clock->calendar != 0
                                                 ? calendar_named(engine, work, clock->calendar)
                                                 : unit_calendar(engine, work->row->unit);
    return rd_calendar_day(calendar, due - 1);
}

static void add_clocks(struct engine *engine, struct work *work, struct digest_work *digest)
{
    const struct case_row *row = work->row;
    struct digest_case worst = {.due = RD_TIME_MAX, .number = row->number};
    bool is_today = false, is_next = false;
    for (uint8_t i = 0; i < row->clock_count; i++) {
        const struct case_clock *clock = &row->clocks[i];
        rd_time due = clock->due != RD_TIME_NONE ? timer_wall(engine, clock->due, clock->is_steady)
                                                 : RD_TIME_NONE;
        if (due == RD_TIME_NONE) {
            continue;
        }
        rd_day day = last_day_of(engine, work, clock, due);
        if (clock->state == CLOCK_BREACHED && due < worst.due) {
            worst.due = due;
            worst.last_day = day;
            worst.clock = i;
        }
        if (clock->state == CLOCK_RUNNING && clock->armed != RD_TIME_NONE) { /* no pause holds it */
            is_today = is_today || day == digest->day;
            is_next = is_next || (day > digest->day && day <= digest->next);
        }
    }
    digest->standing[STANDING_DUE_TODAY] += is_today ? 1 : 0;
    digest->standing[STANDING_DUE_NEXT] += is_next ? 1 : 0;
    if (worst.due != RD_TIME_MAX) {
        digest->standing[STANDING_OVERDUE]++;
        list_case(digest, &worst);
    }
}

static void add_case(struct engine *engine, struct work *work, struct digest_work *digest)
{
    const struct case_row *row = work->row;
    add_clocks(engine, work, digest);
    for (uint32_t i = 0; i < row->chase_count; i++) {
        digest->standing[STANDING_ANSWERS_OWED] += row->chases[i].armed != RD_TIME_NONE ? 1 : 0;
    }
    for (uint32_t i = 0; i < row->notice_count; i++) {
        digest->standing[STANDING_NOTICES_OWED] += row->notices[i].is_given ? 0 : 1;
    }
    for (uint32_t i = 0; i < row->pause_count; i++) {
        if (pause_is_long(engine, work, &row->pauses[i])) {
            digest->standing[STANDING_PAUSES_LONG]++;
            break;
        }
    }
}

/* Reads the case without keeping it among those of the record: a walk passes many. */
static void look_at(struct engine *engine, uint64_t number, struct digest_work *digest)
{
    size_t before = engine->work_count;
    struct work *work = case_open(engine, number);
    if (work != NULL) {
        add_case(engine, work, digest);
    }
    engine->work_count = before;
}

bool digest_walk(struct engine *engine, uint32_t unit, struct digest_work *work)
{
    if (work->config != engine->counters.config) {
        digest_work_begin(engine, work);
    }
    size_t looks = 0;
    while (looks < SHARE_LOOKS) {
        int32_t index = nth_unit(engine, unit, work->units);
        if (index == RD_NO_INDEX) {
            return true;
        }
        uint32_t member = unit_number(engine, index);
        if (!work->has_begun) {
            looks += add_unit(engine, member, work);
            work->has_begun = true;
            work->after = 0;
        }
        uint64_t cases[SHARE_LOOKS];
        size_t count = unit_cases_after(engine->view, member, work->after, cases, SHARE_LOOKS);
        for (size_t i = 0; i < count && looks < SHARE_LOOKS; i++, looks++) {
            look_at(engine, cases[i], work);
            work->after = cases[i];
        }
        if (count == 0) {
            work->units++;
            work->has_begun = false;
        }
    }
    return false;
}
