/* daemon/store/checkpoint.h — the thread that writes sealed overlays into LMDB.
 *
 * One sealed overlay at a time, sorted table by table, in one default-synced transaction. Until the
 * turn takes the result the overlay stays readable by its view; then the thread empties it for the
 * next seal, so that neither freeing nor clearing costs the turn. Two overlays go round for ever.
 *
 * An overlay that dirties more than 131,071 pages makes LMDB spill pages before the commit: right,
 * but slower. LMDB never gives back the memory of its largest transaction, so a caller that wants
 * it small seals by store_dirty_pages(). */
#pragma once

#include "daemon/store/dbenv.h"
#include "daemon/store/overlay.h"

enum checkpoint_state {
    CHECKPOINT_IDLE,
    CHECKPOINT_ASKED, /* or being written */
    CHECKPOINT_DONE,
    CHECKPOINT_FULL,   /* no room: stays sealed, may be asked again */
    CHECKPOINT_BROKEN, /* for good */
};

struct checkpoint;

RD_MUST_USE int checkpoint_open(const struct dbenv *env, struct checkpoint **ret_checkpoint);
/* Waits for what was asked for. Frees the spare overlay. Accepts NULL. */
void checkpoint_close(struct checkpoint *checkpoint);
int checkpoint_fd(const struct checkpoint *checkpoint); /* readable when one ended */

/* Begins a checkpoint. The overlay is lent to the thread until checkpoint_take() reports the
 * end. */
void checkpoint_ask(struct checkpoint *checkpoint, struct overlay *overlay);
void checkpoint_again(struct checkpoint *checkpoint); /* after CHECKPOINT_FULL, else nothing */
void checkpoint_wait(struct checkpoint *checkpoint);  /* until none is asked for */
/* Takes the result; the fd is no longer readable then. *ret_error is -errno for FULL and BROKEN.
 * After DONE the thread is idle and the overlay belongs to the caller again, who gives it to
 * checkpoint_empty(). */
enum checkpoint_state checkpoint_take(struct checkpoint *checkpoint, int *ret_error);
/* Cost of the checkpoint that checkpoint_take() last reported. */
void checkpoint_cost(const struct checkpoint *checkpoint, uint64_t *ret_rows, uint64_t *ret_pages);
void checkpoint_empty(struct checkpoint *checkpoint, struct overlay *overlay);
/* An empty overlay; waits for the emptying if it must. */
struct overlay *checkpoint_spare(struct checkpoint *checkpoint);
