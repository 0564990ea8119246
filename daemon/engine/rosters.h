/* daemon/engine/rosters.h — who has a roster's turn, and who stands in. */
#pragma once

#include "daemon/engine/standing.h"
#include "daemon/engine/state.h"

/* The name number of the unit that has it at an instant; 0: nobody. `plan` is the one the roster is
 * of. */
uint32_t roster_unit(struct engine *engine, const struct rd_plan *plan,
        const struct rd_plan_roster *roster, rd_time at);
/* The name number of the unit that has a stretch of it; 0: nobody. */
uint32_t stretch_unit(struct engine *engine, const struct rd_plan *plan,
        const struct rd_plan_roster *roster, const struct stretch *stretch);
