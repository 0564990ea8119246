#include "daemon/engine/internal.h"

/* Days before, at the due's local time; in closed hours at the next opening, if that is before. */
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
    if (!rd_calendar_is_open(calendar, at)) {
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

/* Missed ones are dropped; one that never had an instant may get one from a later
 * due. */
void reminders_drop(struct engine *engine, struct work *work, struct case_clock *clock)
{
    for (size_t i = 0; i < clock_definition(work, clock)->reminder_count; i++) {
        if (reminder_at(engine, work, clock, i) != RD_TIME_NONE) {
            clock->reminders_sent = (uint16_t)(clock->reminders_sent | 1U << i);
        }
    }
}
