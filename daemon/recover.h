/* daemon/recover.h — the state as it was: the tables, and the journal's tail through the engine.
 *
 * Replays the records after the tables' position, each under its recorded time, kind by kind; the
 * results are those of the first time, or the start is refused. Alerts of the tail are kept to be
 * published again: a number may come twice, never not at all. Then the clock goes on where the
 * last record stood, the configuration is journalled if it differs, and the start too. */
#pragma once

#include "daemon/edge.h"

/* Both: 0 or an exit status of sysexits.h, the reason already logged. */
RD_MUST_USE int recover_engine(struct edge *edge); /* over the tables alone: first */
RD_MUST_USE int recover(struct edge *edge);
/* --recover and --new-state: the state alone, for a start that follows. No clock is started and
 * nothing journalled but what begins a new state. As above. */
RD_MUST_USE int recover_only(struct edge *edge);
/* A configuration record and the engine's taking over, if the tree differs from the present one.
 * 0, or -EBADMSG: not a tree that this engine reads. */
RD_MUST_USE int recover_configure(struct edge *edge, const struct config *config);
