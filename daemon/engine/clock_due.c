#include "daemon/engine/clock_due.h"

#include "daemon/engine/arm.h"
#include "daemon/engine/attributes.h"
#include "daemon/engine/cases.h"
#include "daemon/engine/state.h"
#include "daemon/engine/units.h"
#include "daemon/store/rows/case_row.h"

const struct rd_plan_clock *clock_definition(
        const struct work *work, const struct case_clock *clock)
{
    const struct rd_plan_policy *policy = case_policy(work);
    RD_ASSERT(clock->definition < policy->clock_count);
    return &policy->clocks[clock->definition];
}

bool clock_is_overdue(const struct case_row *row, const struct rd_plan_clock *definition,
        const struct case_clock *clock)
{
    bool is_over = row->state == CASE_CLOSED || row->state == CASE_GROWN;
    return clock->state == CLOCK_BREACHED && (!is_over || definition->outlives_close);
}

/* A due that is an attribute: an instant, or the end of a day. Pauses do not move it. */
static struct due due_of_attribute(struct engine *engine, struct work *work,
        const struct case_clock *clock, struct rd_str name)
{
    struct attribute_view view = case_view(engine, work);
    struct rd_value value = attribute_lookup(&view, name);
    struct due due = {.at = RD_TIME_NONE};
    if (value.type == RD_VALUE_TIME) {
        due.at = value.integer;
    } else if (value.type == RD_VALUE_DATE) {
        const struct rd_calendar *calendar = calendar_named(engine, work, clock->calendar);
        due.at = rd_calendar_instant(calendar, (rd_day)value.integer, 24 * 60);
    }
    return due;
}

/* A reopened clock ends with the next working day; pauses move that day like any last day. */
static struct due grace_due(struct engine *engine, struct work *work,
        const struct case_clock *clock, const struct pauses_seen *seen)
{
    const struct rd_plan_clock *definition = clock_definition(work, clock);
    struct waits waits = {.limit = {.unit = RD_LIMIT_BUSINESS_DAYS, .count = 1}, .on_wall = true};
    struct instant from = {.wall = clock->graced_at, .steady = clock->graced_at};
    struct stretches apart = {0};
    if (definition->has_limit) {
        apart = case_stretches(engine, work, definition, from, seen);
    }
    return due_after(engine, calendar_named(engine, work, clock->calendar), &waits, from, &apart);
}

struct due clock_due(struct engine *engine, struct work *work, const struct case_clock *clock,
        uint32_t extensions, const struct pauses_seen *seen)
{
    const struct rd_plan_clock *definition = clock_definition(work, clock);
    struct due due;
    if (!definition->has_limit) {
        due = due_of_attribute(engine, work, clock, definition->due_attribute);
    } else {
        struct waits waits = {.limit = extensions > 0 ? definition->extensions[extensions - 1].limit
                                                      : definition->limit,
                .counts_working = definition->counts_working,
                .on_wall = definition->is_statutory,
                .at_closing = definition->at_closing,
                .roll = definition->roll};
        const struct rd_calendar *calendar = calendar_named(engine, work, clock->calendar);
        struct stretches apart = case_stretches(engine, work, definition, clock->start, seen);
        due = due_after(engine, calendar, &waits, clock->start, &apart);
    }
    if (clock->graced_at != RD_TIME_NONE) {
        struct due grace = grace_due(engine, work, clock, seen);
        due = timer_wall(engine, due.at, due.is_steady) < grace.at ? grace : due;
    }
    return due;
}

bool clock_is_paused(struct engine *engine, struct work *work, const struct case_clock *clock)
{
    const struct rd_plan_clock *definition = clock_definition(work, clock);
    struct instant begin = pauses_begin(engine, work, definition);
    if (!definition->has_limit || begin.wall == RD_TIME_NONE) {
        return false; /* pauses do not move a due that is an attribute */
    }
    struct due due = clock_due(engine, work, clock, clock->extensions, &PAUSES_ENDED);
    return due.at == RD_TIME_NONE || due.at > (due.is_steady ? begin.steady : begin.wall);
}
