/* daemon/engine/ladder_fire.h — a ladder at its instant: rungs, held alerts, missed answers,
 * leases. */
#pragma once

#include "daemon/engine/state.h"

void ladder_fire(struct engine *engine, struct work *work);
/* The case has left the unit `before`. The new one gets what that was asked and nobody answered. */
void ladder_moved(struct engine *engine, struct work *work, uint32_t before, struct instant at);
/* Whether a ladder that starts now tells the case's unit of it with its first rung. */
bool ladder_tells_holder(struct engine *engine, struct work *work);
/* Fires rung `to` (from 1; 0: the next unfired one). False: none left. */
bool ladder_escalate(struct engine *engine, struct work *work, uint32_t to);
