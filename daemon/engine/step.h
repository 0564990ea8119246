/* daemon/engine/step.h — how a record ends. */
#pragma once

#include "daemon/engine/state.h"

/* Saves its cases, and does what every record does at its end. */
void record_end(struct engine *engine);
