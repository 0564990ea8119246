/* daemon/engine/schedules.h — duties that units owe by a schedule: one a unit and period.
 *
 * A timer of kind "duty" for each unit and duty stands at the first instant of the next period; its
 * owner is the unit's name number above that of the duty. Without `from` a unit or a duty that is
 * new owes from the next period on; with it from the period that has that day, the present one at
 * the earliest. */
#pragma once

#include "daemon/engine/state.h"
#include "daemon/store/rows/duty_row.h"

/* After another configuration, and by the first record that has a time. What is armed for an
 * instant that has passed fires first. */
void schedules_configure(struct engine *engine);
bool schedule_timer_is_live(struct engine *engine, const struct timer_row *row);
void schedule_fire(struct engine *engine, const struct timer_row *row);
/* The duty of that name number that the unit owes by the present configuration; NULL: none. */
const struct rd_plan_duty *schedule_owed(struct engine *engine, uint32_t unit, uint32_t duty);
/* The period that is opened next: its row, as it will be armed. Periods that have a duty already,
 * as after a unit's calendar moved to another zone, open none. False: none is to come. */
bool schedule_next(
        struct engine *engine, uint32_t unit, uint32_t duty, struct schedule_row *ret_row);
uint64_t schedules_armed(struct engine *engine); /* how many have a timer */

static inline uint32_t schedule_unit(const struct timer_row *row)
{
    return (uint32_t)(row->owner >> 32);
}

static inline uint32_t schedule_duty(const struct timer_row *row)
{
    return (uint32_t)row->owner;
}
