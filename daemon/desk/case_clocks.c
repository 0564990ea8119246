#include "daemon/desk/case_clocks.h"

#include "daemon/engine/clock_due.h"
#include "daemon/store/rows/name_row.h"

const struct rd_plan_policy *case_policy_of(
        const struct method_call *call, const struct case_row *row)
{
    return &engine_plan_of(call->engine, row->config)->policies[row->policy];
}

static const struct rd_calendar *calendar_in(const struct rd_plan *plan, struct rd_str name)
{
    for (size_t i = 0; plan != NULL && i < plan->calendar_count; i++) {
        if (rd_str_eq(plan->calendars[i].name, name)) {
            return &plan->calendars[i];
        }
    }
    return NULL;
}

const struct rd_calendar *clock_calendar(
        const struct method_call *call, const struct case_row *row, const struct case_clock *clock)
{
    struct rd_str name = name_text(call->view, clock->calendar);
    const struct rd_plan *plan = engine_plan(call->engine);
    const struct rd_plan *own = engine_plan_of(call->engine, row->config);
    const struct rd_calendar *calendar = calendar_in(plan, name);
    if (calendar == NULL) {
        calendar = calendar_in(own, name);
    }
    if (calendar == NULL && plan != NULL) { /* it has not started, or its calendar went away */
        int32_t unit = rd_plan_unit_find(plan, name_text(call->view, row->unit));
        int32_t at = unit != RD_NO_INDEX ? plan->units[unit].calendar : RD_NO_INDEX;
        calendar = at != RD_NO_INDEX ? &plan->calendars[at] : NULL;
    }
    return calendar != NULL ? calendar : &own->calendars[0];
}

bool clock_is_held(const struct case_clock *clock)
{
    return clock->state == CLOCK_RUNNING && clock->armed == RD_TIME_NONE;
}

const char *clock_state_name(const struct case_clock *clock)
{
    static const char *const NAMES[] = {
            "waiting", "running", "stopped", "late", "breached", "ended", "unused"};
    RD_ASSERT((size_t)clock->state < RD_COUNT(NAMES));
    return clock_is_held(clock) ? "paused" : NAMES[clock->state];
}

bool clock_runs_out(const struct case_clock *clock)
{
    return clock->state == CLOCK_RUNNING && clock->armed != RD_TIME_NONE;
}

/* False: it is neither overdue nor runs out, or is not asked for. */
static bool look_at(const struct method_call *call, const struct case_row *row,
        const struct case_clock *clock, const struct meant_filter *filter, struct meant *ret)
{
    const struct rd_plan_policy *policy = case_policy_of(call, row);
    if (clock->definition >= policy->clock_count || clock->due == RD_TIME_NONE) {
        return false;
    }
    const struct rd_plan_clock *definition = &policy->clocks[clock->definition];
    bool is_overdue = clock_is_overdue(row, definition, clock);
    rd_time due = wall_of(call, clock->due, clock->is_steady);
    bool is_asked = filter->clock.len == 0 || rd_str_eq(filter->clock, definition->name);
    if (!is_asked || (!is_overdue && (filter->only_overdue || !clock_runs_out(clock))) ||
            (filter->due_before != RD_TIME_NONE && due >= filter->due_before)) {
        return false;
    }
    rd_day last_day = rd_calendar_day(clock_calendar(call, row, clock), due - 1);
    *ret = (struct meant){
            .definition = definition, .due = due, .last_day = last_day, .is_overdue = is_overdue};
    return filter->due_on == RD_DAY_NONE || filter->due_on == last_day;
}

struct meant case_meant(const struct method_call *call, const struct case_row *row,
        const struct meant_filter *filter)
{
    struct meant best = {.due = RD_TIME_NONE, .last_day = RD_DAY_NONE}, found;
    for (size_t i = 0; i < row->clock_count; i++) {
        if (!look_at(call, row, &row->clocks[i], filter, &found)) {
            continue;
        }
        bool is_worse =
                found.is_overdue == best.is_overdue ? found.due < best.due : found.is_overdue;
        if (best.definition == NULL || is_worse) {
            best = found;
        }
    }
    return best;
}
