/* daemon/engine/target.h — what an event is about, found before anything is changed. */
#pragma once

#include "daemon/engine/take.h"

/* False: *take->reject says why. */
bool target_find(struct engine *engine, struct take *take);
/* After the case's due timers have fired: does the lifecycle allow it? */
bool target_check(struct engine *engine, struct take *take);
