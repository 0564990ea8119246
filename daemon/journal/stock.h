/* daemon/journal/stock.h — which segments there are: the kept ones, the spares, and a thread that
 * prepares spares and recycles kept ones, so that neither the turn's nor the writer's thread does.
 *
 * A segment that a cursor stands in is pinned: it is not recycled until the cursor leaves it.
 * Locks are held for bookkeeping only, never over a system call that touches the disk. */
#pragma once

#include "daemon/journal/segment.h"

struct stock;

struct stock_pin { /* in the cursor; linked by the stock */
    struct stock_pin *next;
    uint64_t first; /* 0: pins nothing */
};

/* Lists the directory. No thread yet. 0 or -errno. */
RD_MUST_USE int stock_open(int dir_fd, uint64_t segment_bytes, struct stock **ret_stock);
/* Looks at the spares and starts the thread. The dir is locked. */
RD_MUST_USE int stock_start(struct stock *stock);
void stock_close(struct stock *stock);

/* First numbers of the oldest and newest kept one; 0: none. */
uint64_t stock_oldest(struct stock *stock);
uint64_t stock_newest(struct stock *stock);
/* Removes the newest one, which holds no record: a larger one takes its place. */
RD_MUST_USE int stock_drop_newest(struct stock *stock);

/* A prepared file of at least `bytes` becomes the segment *head (first and chain filled in by the
 * caller) and is opened. Waits if none is ready. 0, or what kept it from being made. */
RD_MUST_USE int stock_take(
        struct stock *stock, uint64_t record_bytes, struct format_segment *head, int *ret_fd);
/* What the caller learns once the first record is known: its wall time. */
void stock_set_wall(struct stock *stock, uint64_t first, rd_time wall);

/* Try again to make spares if there are none (a full disk may have room again). Cheap. */
void stock_poke(struct stock *stock);
unsigned stock_spares(const struct stock *stock);
/* True while no spare can be made for want of a descriptor. Any thread. */
bool stock_is_starved(const struct stock *stock);

/* Segments whose records are all ≤ record may go; see journal_release(). Does not wait. */
void stock_release(struct stock *stock, uint64_t record, uint64_t keep_bytes, rd_time keep_since);
void stock_bound(struct stock *stock, uint64_t bytes); /* see journal_bound() */
/* Waits until what was asked of the thread is done (tests, closing). */
void stock_settle(struct stock *stock);

/* Pins the segment that holds `number`, or the newest one, instead of what was pinned so far.
 * 0, -ENOENT: older than all kept; the pin stays as it was. */
RD_MUST_USE int stock_pin(struct stock *stock, struct stock_pin *pin, uint64_t number);
void stock_unpin(struct stock *stock, struct stock_pin *pin);
