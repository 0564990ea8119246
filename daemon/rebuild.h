/* daemon/rebuild.h — the store made anew of a snapshot and the journal: redressd --recover.
 *
 * The newest snapshot that is whole, of this engine and of this journal; without one, of the
 * journal alone if that begins with record 1. What was data.mdb stays beside it as damaged.mdb. The
 * new one takes its place at one stroke, so that a crash leaves the one or the other. */
#pragma once

#include "daemon/edge.h"

/* Before the store is opened. 0, or an exit status of sysexits.h, the reason logged. */
RD_MUST_USE int rebuild_store(struct edge *edge, const char *state);
