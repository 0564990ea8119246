/* daemon/engine/sweep.h — applies a new configuration to existing cases, some at a time. */
#pragma once

#include "daemon/engine/state.h"

void sweep_begin(struct engine *engine, const struct rd_plan *old); /* the plan was `old` or NULL */
/* Moves the case to the present calendars and units. Doing it twice changes nothing. */
void sweep_case(struct engine *engine, struct work *work);
bool sweep_timer_is_live(const struct engine *engine, const struct timer_row *row);
void sweep_fire(struct engine *engine);
