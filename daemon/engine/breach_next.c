#include "daemon/engine/breach_next.h"

#include "daemon/engine/cases.h"
#include "daemon/engine/state.h"
#include "daemon/engine/units.h"
#include "daemon/store/rows/case_row.h"

/* The first opening of the day; RD_TIME_NONE on a day that has none. */
static rd_time day_opening(const struct rd_calendar *calendar, rd_day day)
{
    if (day == RD_DAY_NONE || !rd_calendar_is_working(calendar, day)) {
        return RD_TIME_NONE;
    }
    return rd_calendar_next_opening(calendar, rd_calendar_instant(calendar, day, 0));
}

/* The first repeat is due at the opening that follows the breach, each later one a number of
 * working days on. */
static rd_time repeat_opening(
        const struct rd_calendar *calendar, const struct case_clock *clock, uint32_t every)
{
    rd_day day = rd_calendar_day(calendar, clock->told.wall);
    rd_time opening = day_opening(calendar, day);
    if (clock->repeated == 0) {
        if (opening != RD_TIME_NONE && opening > clock->told.wall) {
            return opening;
        }
        every = 1;
    }
    for (uint32_t i = 0; i < every && day != RD_DAY_NONE; i++) {
        day = rd_calendar_working_after(calendar, day);
    }
    return day_opening(calendar, day);
}

static struct due repeat_next(struct engine *engine, struct work *work,
        const struct case_clock *clock, const struct rd_plan_clock *definition)
{
    const struct rd_calendar *calendar = calendar_named(engine, work, clock->calendar);
    struct rd_limit every = definition->repeat_every;
    if (every.unit == RD_LIMIT_BUSINESS_DAYS) {
        return (struct due){.at = repeat_opening(calendar, clock, every.count)};
    }
    if (every.unit == RD_LIMIT_CALENDAR_DAYS) {
        rd_day day = rd_calendar_day(calendar, clock->told.wall) + (rd_day)every.count;
        return (struct due){.at = rd_calendar_same_time(calendar, clock->told.wall, day)};
    }
    bool is_steady = !definition->is_statutory;
    rd_time from = is_steady ? clock->told.steady : clock->told.wall;
    return (struct due){.at = from + (int64_t)every.count * RD_SECOND_US, .is_steady = is_steady};
}

rd_time breach_opening(struct engine *engine, struct work *work, const struct breach_call *call,
        rd_time held_since)
{
    uint32_t unit = unit_present(engine, call->unit);
    const struct rd_calendar *calendar = calendar_waited(engine, work, unit);
    rd_time at = rd_calendar_next_opening(calendar, held_since);
    return at == RD_TIME_NONE ? held_since : at; /* another calendar, never open */
}

struct due breach_next(struct engine *engine, struct work *work, const struct case_clock *clock,
        const struct rd_plan_clock *definition)
{
    struct due next = {.at = RD_TIME_NONE};
    if (clock->state != CLOCK_BREACHED || (case_is_over(work) && !definition->outlives_close)) {
        return next;
    }
    bool is_held = false;
    for (uint32_t i = 0; i < clock->call_count; i++) {
        if (clock->calls[i].is_held) {
            rd_time at = breach_opening(engine, work, &clock->calls[i], clock->told.wall);
            next.at = !is_held || at < next.at ? at : next.at;
            is_held = true;
        }
    }
    bool is_left = definition->has_repeat &&
                   (definition->repeat_times == 0 || clock->repeated < definition->repeat_times);
    return is_held || !is_left ? next : repeat_next(engine, work, clock, definition);
}
