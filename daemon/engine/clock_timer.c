#include "daemon/engine/clock_timer.h"

#include "daemon/engine/arm.h"
#include "daemon/engine/breach_next.h"
#include "daemon/engine/cases.h"
#include "daemon/engine/state.h"
#include "daemon/engine/units.h"
#include "daemon/store/rows/case_row.h"
#include "daemon/store/rows/timer_row.h"

static uint16_t slot_of(const struct work *work, const struct case_clock *clock)
{
    return (uint16_t)(clock - work->row->clocks);
}

/* Days before the due, at its local time of day; if the unit is closed then, at its next opening,
 * as long as that still lies before the due. The closing instant counts as open here, so that a
 * limit that ends at a closing is reminded of at a closing. */
static rd_time days_before(const struct rd_calendar *calendar, rd_time due, struct rd_limit before)
{
    rd_day day = rd_calendar_day(calendar, due);
    if (before.unit == RD_LIMIT_BUSINESS_DAYS) {
        day = before.count > 0 ? rd_calendar_working_before(calendar, day, before.count) : day;
    } else {
        day -= (rd_day)before.count;
    }
    if (day == RD_DAY_NONE) { /* a calendar that was never open before */
        return RD_TIME_NONE;
    }
    rd_time at = rd_calendar_same_time(calendar, due, day);
    if (!rd_calendar_is_open(calendar, at) && !rd_calendar_is_open(calendar, at - 1)) {
        rd_time opening = rd_calendar_next_opening(calendar, at);
        at = opening != RD_TIME_NONE && opening < due ? opening : at;
    }
    return at;
}

rd_time reminder_at(
        struct engine *engine, struct work *work, const struct case_clock *clock, size_t i)
{
    const struct rd_plan_clock *definition = clock_definition(work, clock);
    RD_ASSERT(i < definition->reminder_count);
    const struct rd_plan_reminder *reminder = &definition->reminders[i];
    rd_time start = clock->is_steady ? clock->start.steady : clock->start.wall;
    rd_time at;
    if (reminder->is_share) {
        at = start + (clock->due - start) / 100 * (int64_t)reminder->share_pct +
             (clock->due - start) % 100 * (int64_t)reminder->share_pct / 100;
    } else if (reminder->before.unit == RD_LIMIT_SECONDS) {
        at = clock->due - (int64_t)reminder->before.count * RD_SECOND_US;
    } else {
        rd_time wall = timer_wall(engine, clock->due, clock->is_steady);
        at = days_before(calendar_named(engine, work, clock->calendar), wall, reminder->before);
        if (at == RD_TIME_NONE) {
            return at;
        }
        at -= clock->is_steady ? engine->now.wall - engine->now.steady : 0;
    }
    return at < start || at >= clock->due ? RD_TIME_NONE : at;
}

static rd_time next_of_running(
        struct engine *engine, struct work *work, const struct case_clock *clock)
{
    const struct rd_plan_clock *definition = clock_definition(work, clock);
    if (clock->due == RD_TIME_NONE || clock_is_paused(engine, work, clock)) {
        return RD_TIME_NONE;
    }
    rd_time at = clock->due;
    for (size_t i = 0; i < definition->reminder_count; i++) {
        if (has_bit(clock->reminders_sent, (uint32_t)i)) {
            continue;
        }
        rd_time reminder = reminder_at(engine, work, clock, i);
        at = reminder != RD_TIME_NONE && reminder < at ? reminder : at;
    }
    return at;
}

static void arm(struct engine *engine, struct work *work, struct case_clock *clock, struct due next)
{
    struct timer_row row = {.is_steady = next.is_steady,
            .is_service = !clock_definition(work, clock)->is_statutory,
            .kind = TIMER_CLOCK,
            .owner = work->row->number,
            .slot = slot_of(work, clock)};
    /* The same number on the other scale is another instant. */
    if (clock->is_armed_steady != next.is_steady) {
        timer_arm(engine, &clock->armed, RD_TIME_NONE, row);
        clock->is_armed_steady = next.is_steady;
    }
    timer_arm(engine, &clock->armed, next.at, row);
    work->is_dirty = true;
}

void clock_arm(struct engine *engine, struct work *work, struct case_clock *clock)
{
    struct due next = {.at = RD_TIME_NONE};
    if (clock->state == CLOCK_RUNNING) {
        next.at = next_of_running(engine, work, clock);
        next.is_steady = clock->is_steady;
    } else if (clock->state == CLOCK_BREACHED) {
        next = breach_next(engine, work, clock, clock_definition(work, clock));
    }
    arm(engine, work, clock, next);
}

void clock_disarm(struct engine *engine, struct work *work, struct case_clock *clock)
{
    arm(engine, work, clock, (struct due){.at = RD_TIME_NONE});
}
