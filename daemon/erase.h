/* daemon/erase.h — erasure on the disks: what of a forgotten customer lies in the journal, in dead
 * letters, in freed pages, in snapshots and in archives.
 *
 * The engine rewrites the rows (engine/forget.h); then what is to go is looked for while the daemon
 * serves (erase_search.h). Where that is nothing a record of the journal says so, and no door
 * closes. Else the daemon stops in order, closes everything, does its work here with nobody beside
 * it, and starts again in the same process: bodies are blanked under the chain; the rows after are
 * kept as a snapshot, from which a replay goes on; the store is written into a new file. What was
 * blanked stands in a record of the journal (JOURNAL_ERASED), which ends the jobs.
 *
 * The file STATE/erasure says how far it is (erase_note.h). Each step may be done again, so a kill
 * anywhere is made good by the next start. */
#pragma once

#include "daemon/edge.h"

/* After a failure. */
#define ERASE_RETRY_US (3600 * RD_SECOND_US)

/* By the second. Begins, and takes, the search; true: a job waits for the disks, what goes is
 * known, and the doors may close now. */
bool erase_is_due(struct edge *edge);
/* Before store and journal are closed. */
void erase_forget_search(struct edge *edge);
/* After the last checkpoint: the next start is to do it. 0 or -errno. */
RD_MUST_USE int erase_want(struct edge *edge);
/* Before the state is opened: does what is wanted. What fails is logged and left wanted, and the
 * daemon serves all the same. */
void erase_disks(struct edge *edge, const char *state);
/* After the journal's tail was applied: the record, where it is not there yet. 0 or -errno. */
RD_MUST_USE int erase_note(struct edge *edge);
