/* daemon/engine/clock_due.h — when a clock of a case is due, and whether a pause holds it. */
#pragma once

#include "daemon/engine/due.h"

const struct rd_plan_clock *clock_definition(
        const struct work *work, const struct case_clock *clock);
/* A clock is overdue that is breached and neither stopped, ended nor corrected: in a pause, and
 * after closing where it outlives that, too. */
bool clock_is_overdue(const struct case_row *row, const struct rd_plan_clock *definition,
        const struct case_clock *clock);
/* By its rule, its start, so many extensions and the pauses; a later day of grace wins. */
struct due clock_due(struct engine *engine, struct work *work, const struct case_clock *clock,
        uint32_t extensions, const struct pauses_seen *seen);
/* A pause of it is open and began before it was due: one that begins later holds nothing. */
bool clock_is_paused(struct engine *engine, struct work *work, const struct case_clock *clock);
