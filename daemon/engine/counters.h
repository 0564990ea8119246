/* daemon/engine/counters.h — additions to the counters, gathered in memory for a while.
 *
 * Many records count at the same unit and day: what they add waits here and goes into the rows
 * before a checkpoint, or when there is much of it. Sums do not depend on when that is, and what
 * waits is never read: a table that is looked at has all of it. */
#pragma once

#include "common/time/civil.h"
#include "daemon/engine/state.h"
#include "daemon/store/rows/counter_row.h"

struct pending;
struct pending *counters_new(void);
void counters_free(struct pending *pending); /* accepts NULL */
/* Nothing waits any more: the tables are others. */
void counters_forget(struct engine *engine);
/* Adds to the day and to its month. `of`: grain and period are set here. */
void counters_add(struct engine *engine, const struct counter_key *of, rd_day day,
        const struct counter_cell *cell);
/* One more (or, below nothing, less) of what is no case's, at a unit on a local day of its. */
void counters_count(
        struct engine *engine, uint32_t unit, rd_day day, const struct counter_cell *cell);
/* What waits goes into the rows; some, where it is much: between records. */
void counters_flush(struct engine *engine);
void counters_settle(struct engine *engine);
