/* daemon/checkpoint.h — batches to the journal, the overlay to LMDB, and when the tail is full.
 *
 * The tail is what a start would have to replay: records applied since the last checkpoint. A
 * checkpoint holds only what is durable in the journal, so the turn stops taking for one fdatasync,
 * seals, and goes on while the checkpoint thread writes. */
#pragma once

#include "daemon/edge.h"

/* Hands the open batch to the journal when it can take it without waiting. */
void checkpoint_submit(struct edge *edge);
/* Where nothing else is to be done: makes the open batch durable on the turn's own thread, if the
 * disk is usually quick. A failure shows in checkpoint_note_durable(). */
bool checkpoint_write_here(struct edge *edge);
/* Reads how far the journal got. 0, or the journal's failure: end the process. */
RD_MUST_USE int checkpoint_note_durable(struct edge *edge);
/* True while the turn must take nothing, so that all that was applied becomes durable. */
bool checkpoint_is_draining(const struct edge *edge);
/* True while timers wait for LMDB: they fire as fast as that takes their cases, and leave events
 * room in the tail. */
bool checkpoint_holds_timers(const struct edge *edge);
/* Begins one if it is time and all is durable. */
void checkpoint_begin(struct edge *edge);
/* To call when store_fd() is readable. 0 or -errno: end the process. */
RD_MUST_USE int checkpoint_end(struct edge *edge);
/* Microseconds until one is due; INT64_MAX: nothing changed. */
int64_t checkpoint_until_us(const struct edge *edge);
/* Looks at the tail and the disks: what is refused from now on. */
void checkpoint_judge(struct edge *edge);
/* Within a long run of ticks: hands over, and waits for the disk where the tail grows too long. */
void checkpoint_relieve(struct edge *edge);
/* All durable, all sent, all in LMDB. 0 or -errno. */
RD_MUST_USE int checkpoint_all(struct edge *edge);
