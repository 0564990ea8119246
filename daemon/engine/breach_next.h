/* daemon/engine/breach_next.h — when there is next something to tell of a breach that stands. */
#pragma once

#include "daemon/engine/due.h"
#include "daemon/engine/state.h"

/* A held telling at its opening, else the next repeat; at RD_TIME_NONE: nothing is left. */
struct due breach_next(struct engine *engine, struct work *work, const struct case_clock *clock,
        const struct rd_plan_clock *definition);
/* Wall: the opening that a held call waits for; one that a downtime missed has come. */
rd_time breach_opening(struct engine *engine, struct work *work, const struct breach_call *call,
        rd_time held_since);
