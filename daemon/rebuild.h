/* daemon/rebuild.h — the store made anew of a snapshot and the journal: redressd --recover.
 *
 * A store that is whole and goes with the journal is left as it is. Else it is made of the newest
 * snapshot that is whole, of this engine and of this journal, or of the journal alone if that
 * begins with record 1; whichever it is, the journal is read first from there to its end, and only
 * if every record can be applied is anything changed. What was data.mdb stays beside it as
 * damaged.mdb, which is never written over. The new one takes its place at one stroke, so that a
 * crash leaves the one or the other. */
#pragma once

#include "daemon/edge.h"

/* Before the store is opened. 0, or an exit status of sysexits.h, the reason logged. */
RD_MUST_USE int rebuild_store(struct edge *edge, const char *state);
/* Removes what a crash left of a store that was being made. The caller has the store open. */
void rebuild_clear(const char *state);
