/* daemon/engine/tallies.h — what happens at units day by day, kept for their digests.
 *
 * Nothing is counted while no digest is configured. What happens counts on its local day; where a
 * digest that a unit or one above it gets has told of that day, on the day after it: so that what
 * comes late, and what comes on the evening after the digest, is told by the next one. */
#pragma once

#include "daemon/engine/state.h"
#include "daemon/store/rows/tally_row.h"

/* One more, at its own time. */
void tally_note(struct engine *engine, uint32_t unit, rd_time own, enum tally what);
/* A first contact was warned of; levels below watch are no warnings. */
void tally_warned(struct engine *engine, uint32_t unit, enum rd_level level);
/* To be called before the case takes the event at work: counts that someone acts on it. */
void tally_acted(struct engine *engine, const struct work *work);
/* The case is about to be closed. */
void tally_closing(struct engine *engine, const struct work *work);
/* After another configuration: what units that have gone without moved_to did counts at the unit
 * above them. `old` may be NULL. */
void tallies_configure(struct engine *engine, const struct rd_plan *old);
