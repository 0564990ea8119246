#include "daemon/engine/reports.h"

#include "daemon/engine/alerts.h"
#include "daemon/engine/counters.h"
#include "daemon/engine/names.h"
#include "daemon/engine/record.h"
#include "daemon/engine/state.h"
#include "daemon/engine/unit_days.h"
#include "daemon/engine/units.h"
#include "daemon/store/rows/case_row.h"
#include "daemon/store/rows/index_row.h"
#include "daemon/store/rows/name_row.h"
#include "daemon/store/rows/unit_day_row.h"

/* On each working day one report; a missing one is told to the unit, then to `then`. After a
 * downtime all days that are missing by then are told with one alert. */

enum { DAYS_MAX = 400 }; /* looked at by one firing */

static rd_time due_at(struct engine *engine, uint32_t unit, uint16_t slot, rd_day day)
{
    const struct rd_plan_report *report = &engine->plan->supervision.report;
    rd_time by = rd_day_time_at(unit_calendar(engine, unit), day, &report->by);
    return slot == WATCH_REPORT_THEN ? by + report->then_after_us : by;
}

rd_time report_due(struct engine *engine, uint32_t unit, rd_day day)
{
    return due_at(engine, unit, WATCH_REPORT, day);
}

/* A day that was judged and is yet to be told further stays so where the configuration puts the
 * instant of that into the past: it is told at once. */
static bool is_told_at_once(struct engine *engine, uint32_t unit)
{
    struct watch_row then = watch_get(engine, unit, WATCH_REPORT_THEN);
    struct watch_row judged = watch_get(engine, unit, WATCH_REPORT);
    if (then.day == RD_DAY_NONE || judged.done == RD_DAY_NONE || then.day > judged.done ||
            due_at(engine, unit, WATCH_REPORT_THEN, then.day) > engine->now.wall) {
        return false;
    }
    if (then.armed == RD_TIME_NONE || then.armed > engine->now.wall) {
        watch_arm(engine, unit, WATCH_REPORT_THEN, &then, engine->now.wall);
    }
    return true;
}

void report_watch(struct engine *engine, uint32_t unit)
{
    if (!report_is_owed(engine, unit)) {
        return;
    }
    watch_daily(engine, unit, WATCH_REPORT, due_at);
    if (!is_told_at_once(engine, unit)) {
        watch_daily(engine, unit, WATCH_REPORT_THEN, due_at);
    }
}

/* Cases of the unit itself that are open: complaints and contacts. */
static int64_t open_cases(struct engine *engine, uint32_t unit)
{
    uint64_t counts[UNIT_CASE_KINDS];
    unit_case_counts(engine->view, unit, counts);
    return (int64_t)(counts[CASE_CONTACT] + counts[CASE_COMPLAINT]);
}

static void count(struct engine *engine, uint32_t unit, rd_day day, enum rd_counter counter)
{
    counters_count(
            engine, unit, day, &(struct counter_cell){.counter = (uint32_t)counter, .sum = 1});
}

/* The report of the day is due: what there is of it is kept, once. */
static void judge(struct engine *engine, uint32_t unit, rd_day day)
{
    struct unit_day_row row = {0};
    (void)unit_day_row_get(engine->view, unit, day, &row);
    if ((row.flags & UNIT_DAY_OWED) != 0) {
        return; /* a digest of the same instant stood before the unit's own timer */
    }
    bool is_missing = (row.flags & UNIT_DAY_REPORTED) == 0;
    row.flags |= UNIT_DAY_OWED | (is_missing ? UNIT_DAY_MISSING : 0);
    row.at_due = row.counted;
    row.at_due.open = open_cases(engine, unit);
    count(engine, unit, day, RD_COUNTER_REPORTS_OWED);
    if (!is_missing) {
        count(engine, unit, day, RD_COUNTER_REPORTS_IN);
    }
    unit_day_row_put(engine->view, unit, day, &row);
}

size_t reports_judge(struct engine *engine, uint32_t unit, rd_time until)
{
    if (!report_is_owed(engine, unit)) {
        return 0;
    }
    const struct rd_calendar *calendar = unit_calendar(engine, unit);
    struct watch_row next = watch_get(engine, unit, WATCH_REPORT);
    size_t looks = 0;
    for (rd_day day = next.armed != RD_TIME_NONE ? next.day : RD_DAY_NONE;
            looks < DAYS_MAX && day != RD_DAY_NONE && report_due(engine, unit, day) <= until;
            day = rd_calendar_working_after(calendar, day)) {
        if (rd_calendar_is_working(calendar, day)) {
            judge(engine, unit, day);
        }
        looks++;
    }
    return looks;
}

/* A day whose time had passed before the configuration asked for reports is not reported as
 * missing. */
static bool is_still_missing(struct engine *engine, uint32_t unit, rd_day day)
{
    struct unit_day_row row;
    return unit_day_row_get(engine->view, unit, day, &row) &&
           (row.flags & (UNIT_DAY_MISSING | UNIT_DAY_REPORTED)) == UNIT_DAY_MISSING;
}

struct missing {
    uint64_t count;
    rd_day first, last;
};

static void tell(struct engine *engine, uint32_t unit, uint32_t to, const struct missing *missing)
{
    char first[RD_DATE_TEXT_MAX], last[RD_DATE_TEXT_MAX];
    rd_day_format(missing->first, first);
    rd_day_format(missing->last, last);
    struct alert_draft draft = alert_draft_of(RD_ALERT_UNIT_REPORT_MISSING, RD_WARNING, to);
    draft.about = unit;
    draft.count = missing->count > 1 ? missing->count : 0;
    draft.extra = (struct rd_reason){.code = name_shown(engine, unit),
            .detail = rd_arena_printf(
                    &engine->arena, missing->count > 1 ? "%s … %s" : "%s", first, last)};
    draft.is_late = true;
    (void)alert_send(engine, NULL, &draft);
}

/* What is told further has been judged before: after a downtime that began between the two instants
 * this timer is due first, and waits for the other one at the first day that has yet to be judged.
 * Returns the instant until which the day waits; RD_TIME_NONE: for nothing. */
static rd_time waits_until(struct engine *engine, uint32_t unit, uint16_t slot, rd_day day)
{
    if (slot == WATCH_REPORT) {
        return RD_TIME_NONE;
    }
    struct watch_row judged = watch_get(engine, unit, WATCH_REPORT);
    return judged.armed == RD_TIME_NONE || day < judged.day ? RD_TIME_NONE : judged.armed;
}

/* The instant for which the timer stands next. A configuration that came with the start may say
 * that this day's own instant lies before the one that the judging timer is still armed for; a
 * timer that waits for another stands behind it, or the two would wait for each other. */
static rd_time next_due(struct engine *engine, uint32_t unit, uint16_t slot, rd_day day)
{
    if (day == RD_DAY_NONE) {
        return RD_TIME_NONE;
    }
    rd_time due = due_at(engine, unit, slot, day);
    rd_time until = due <= engine->now.wall ? waits_until(engine, unit, slot, day) : RD_TIME_NONE;
    return until != RD_TIME_NONE && until > due ? until : due;
}

void report_fire(struct engine *engine, uint32_t unit, uint16_t slot, struct watch_row *row)
{
    const struct rd_calendar *calendar = unit_calendar(engine, unit);
    struct missing missing = {.first = RD_DAY_NONE};
    rd_day day = row->day;
    for (int i = 0; i < DAYS_MAX && day != RD_DAY_NONE &&
                    due_at(engine, unit, slot, day) <= engine->now.wall &&
                    waits_until(engine, unit, slot, day) == RD_TIME_NONE;
            i++) {
        /* A calendar that changed since the timer was armed may say that nothing was owed. */
        bool is_owed = rd_calendar_is_working(calendar, day);
        if (is_owed && slot == WATCH_REPORT) {
            judge(engine, unit, day);
        }
        if (is_owed && is_still_missing(engine, unit, day)) {
            missing.first = missing.count++ == 0 ? day : missing.first;
            missing.last = day;
        }
        row->done = day;
        day = rd_calendar_working_after(calendar, day);
    }
    row->day = day;
    watch_arm(engine, unit, slot, row, next_due(engine, unit, slot, day));
    if (missing.count > 0) {
        engine->cause_name = RD_STR("report");
        uint32_t to = unit;
        if (slot == WATCH_REPORT_THEN) {
            to = target_above(engine, unit, &engine->plan->supervision.report.then);
        }
        tell(engine, unit, to, &missing);
    }
}

void report_take(struct engine *engine, uint32_t unit, rd_day day)
{
    const struct rd_value *data = engine->event->data;
    struct unit_day_row row = {0};
    (void)unit_day_row_get(engine->view, unit, day, &row);
    bool is_again = (row.flags & UNIT_DAY_REPORTED) != 0;
    bool is_owed = report_is_owed(engine, unit) &&
                   rd_calendar_is_working(unit_calendar(engine, unit), day);
    if (!is_again && is_owed && due_at(engine, unit, WATCH_REPORT, day) <= engine->now.wall) {
        row.flags |= UNIT_DAY_LATE; /* a correction of one that was in time is not late */
    }
    if (!is_again && (row.flags & UNIT_DAY_OWED) != 0) { /* else it counts when it is due */
        count(engine, unit, day, RD_COUNTER_REPORTS_IN);
        count(engine, unit, day, RD_COUNTER_REPORTS_LATE);
    }
    row.flags |= UNIT_DAY_REPORTED;
    row.replaced += is_again ? 1 : 0;
    row.reported = (struct unit_day_counts){.opened = data[RD_KEY_OPENED].integer,
            .closed = data[RD_KEY_CLOSED].integer,
            .open = data[RD_KEY_OPEN].integer};
    row.taken = engine->now.wall;
    row.seq = engine->seq;
    unit_day_row_put(engine->view, unit, day, &row);
}
