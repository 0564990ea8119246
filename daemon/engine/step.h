/* daemon/engine/step.h — how a record ends. */
#pragma once

#include "daemon/engine/take.h"

/* An event's way through: what it is about, timers due, the checks, what it does, timers that it
 * made due. False: *take->reject says why, and what was done is to be undone. */
bool step_apply(struct engine *engine, struct take *take);
/* Saves its cases, and does what every record does at its end. */
void record_end(struct engine *engine);
