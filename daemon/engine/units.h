/* daemon/engine/units.h — units by their name number: parents, calendars, where a target leads. */
#pragma once

#include "daemon/engine/state.h"

uint32_t unit_number(struct engine *engine, int32_t index); /* of the present plan's unit */
uint32_t unit_above(struct engine *engine, uint32_t number, uint32_t steps); /* 0: none */
const struct rd_calendar *unit_calendar(struct engine *engine, uint32_t number);
/* An instant or a date (its end in the unit's calendar); RD_TIME_NONE: absent. */
rd_time value_due(struct engine *engine, const struct rd_value *value, uint32_t unit);
const struct rd_calendar *calendar_named(struct engine *engine, struct work *work, uint32_t name);
/* That of a unit whose opening the case waits for: of before, where the case has not been looked at
 * since calendars changed. */
const struct rd_calendar *calendar_waited(struct engine *engine, struct work *work, uint32_t unit);
/* Itself; or the one that has its cases, where it is gone (moved_to). */
uint32_t unit_present(struct engine *engine, uint32_t number);
/* The unit is `top` itself or stands below it. */
bool unit_is_within(struct engine *engine, uint32_t unit, uint32_t top);
/* The unit a target means for a case; 0: empty. */
uint32_t target_unit(struct engine *engine, struct work *work, const struct rd_target *target);
/* The same of a unit, where no case is spoken of; operators where it is empty. */
uint32_t target_above(struct engine *engine, uint32_t unit, const struct rd_target *target);
/* A new configuration has not looked at the case yet (sweep.h). */
bool sweep_awaits(const struct engine *engine, uint64_t number);
