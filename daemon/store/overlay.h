/* daemon/store/overlay.h — what changed since a checkpoint: rows per table, tombstones too.
 *
 * A table is a hash of its rows, and the rows in the order in which they came. The tree in key
 * order is made when a scan asks for it (overlay_order()): tables that are never scanned do not
 * pay. Rows and values lie in a slab. A value that fits is overwritten in place; under a mark the
 * bytes before are kept in the undo log. A sealed overlay is read by two threads: its rows do not
 * change, its trees belong to the thread of the view.
 *
 * While another thread reads a still of it (still.h), the owner changes rows under the lock, and a
 * row that the still shows keeps its bytes: the new value goes elsewhere in the slab. */
#pragma once

#include <pthread.h>
#include <stdatomic.h>

#include "daemon/store/rowtree.h"
#include "daemon/store/store.h"

struct overlay_slot {
    uint64_t hash;
    struct row *row; /* NULL: free */
};

struct overlay_table {
    struct overlay_slot *slots;
    size_t slot_count; /* a power of two, or 0 */
    struct row **rows;
    size_t count, cap;
    struct rowtree tree;
    size_t ordered;   /* rows that are in the tree */
    uint64_t version; /* changes when rows came into the tree: places in it are stale then */
};

/* A row as the still of that number shows it. In the slab. */
struct row_before {
    uint8_t *value;
    uint32_t still, value_len;
    uint8_t state;
};

struct overlay_undo; /* one row as it was at the mark */
struct overlay {
    struct overlay_table tables[STORE_TABLE_COUNT];
    struct slab slab, nodes;
    uint64_t epoch; /* of marks */
    bool is_marked;
    struct slab_mark mark;
    struct overlay_undo *undo;
    size_t undo_count, undo_cap;
    uint8_t *saved; /* bytes of values before */
    size_t saved_len, saved_cap;
    uint64_t life;           /* the store's number for what it holds between two resets */
    uint32_t stills;         /* taken since it was made; one at a time is read */
    _Atomic bool is_watched; /* a still is being read: set by the owner, cleared by the reader */
    _Atomic uint32_t holders;
    pthread_mutex_t lock; /* of rows and slots, while it is watched */
};

/* Keys may be chosen by strangers: the seed keeps them from choosing the places too. */
uint64_t overlay_hash(struct rd_str key, uint64_t seed);

struct overlay *overlay_new(void);          /* with one holder */
void overlay_free(struct overlay *overlay); /* accepts NULL */
void overlay_reset(struct overlay *overlay);
/* True: nobody else holds it, and the caller may use it on. False: the caller has nothing to do
 * with it any more; the last holder frees it. */
bool overlay_give_up(struct overlay *overlay);
void overlay_lock(struct overlay *overlay);
void overlay_unlock(struct overlay *overlay);

/* NULL: the overlay says nothing about the key (a void row is no answer either). */
struct row *overlay_find(
        const struct overlay *overlay, enum store_table table, struct rd_str key, uint64_t hash);
/* A hint that overlay_find() comes. */
void overlay_prefetch(const struct overlay *overlay, enum store_table table, uint64_t hash);
/* value.ptr NULL is a value of no bytes; state is ROW_VALUE or ROW_TOMBSTONE. */
struct overlay_change {
    enum store_table table;
    enum row_state state;
    struct rd_str key, value;
    uint64_t hash;
};
void overlay_put(struct overlay *overlay, const struct overlay_change *change);
/* All rows of the table into its tree. */
void overlay_order(struct overlay *overlay, enum store_table table);

void overlay_mark(struct overlay *overlay);
void overlay_undo(struct overlay *overlay);
void overlay_keep(struct overlay *overlay);

uint64_t overlay_rows(const struct overlay *overlay);
