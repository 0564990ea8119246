/* daemon/engine/target.h — what an event is about, found before anything is changed. */
#pragma once

#include "daemon/engine/take.h"

/* Kinds of what an event is about, for the column `find` of events.c. False: *take->reject. */
take_fn find_opening, find_named, find_duty_opened, find_duty_progressed, find_alert, find_silence,
        find_roster, find_screened, find_cleared, find_approval;
/* Finds the units it names, then by its rule what it is about. False: *take->reject says why. */
bool target_find(struct engine *engine, struct take *take);
/* After the case's due timers have fired: does the lifecycle allow it? */
bool target_check(struct engine *engine, struct take *take);
