/* daemon/engine/ladder_fire.h — a ladder at its instant: rungs, held alerts, missed answers,
 * leases. */
#pragma once

#include "daemon/engine/state.h"

void ladder_fire(struct engine *engine, struct work *work);
/* Fires rung `to` (from 1; 0: the next unfired one). False: none left. */
bool ladder_escalate(struct engine *engine, struct work *work, uint32_t to);
