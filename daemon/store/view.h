/* daemon/store/view.h — the levels of a view: overlay, sealed overlay (of a side view: stills of
 * the live view's two), LMDB snapshot. */
#pragma once

#include "daemon/store/dbenv.h"
#include "daemon/store/filter.h"
#include "daemon/store/overlay.h"
#include "daemon/store/pending.h"
#include "daemon/store/still.h"

/* A cursor is opened once and taken over from snapshot to snapshot. */
struct view_cursor {
    MDB_cursor *cursor;
    uint64_t snapshot;
    enum store_table table;
    bool is_taken;
    struct view_cursor *next;
};

/* What is known of a table in the snapshot: nothing is behind its last key, so that new numbers
 * are not searched for. */
struct view_end {
    uint64_t snapshot;  /* 0: not known */
    struct rd_str last; /* empty: no rows */
};

enum { VIEW_STILLS = 2 };

/* The stills that a view reads through; the uppermost first. */
struct view_stills {
    struct still at[VIEW_STILLS];
};

struct store_view {
    const struct dbenv *env;
    struct overlay *active;     /* NULL: nothing put yet (side views) */
    struct overlay *sealed;     /* NULL, or being checkpointed (live view) */
    struct view_stills *stills; /* NULL: never shown the live view */
    struct filter *filter;      /* of the live view; NULL: everything may be there */
    struct pending pending;     /* what was put since the mark, over `active` */
    MDB_txn *txn;
    uint64_t snapshot; /* counts renewals, from 1 */
    bool is_resting;
    uint64_t seed;     /* of overlay_hash() */
    uint64_t discards; /* bits by table: puts are dropped */
    uint32_t open_scans;
    int error; /* sticky */
    struct view_cursor *cursors[STORE_TABLE_COUNT];
    struct view_end ends[STORE_TABLE_COUNT];
};

/* A view of the newest checkpoint. */
RD_MUST_USE int view_new(const struct dbenv *env, uint64_t seed, struct store_view **ret_view);
void view_free(struct store_view *view); /* its overlays stay the owner's; accepts NULL */
RD_MUST_USE int view_renew(struct store_view *view);
void view_rest(struct store_view *view);

/* Moves the rows that wait for the table into the overlay, where a scan sees them. */
void view_settle(struct store_view *view, enum store_table table);

struct view_cursor *view_cursor_take(struct store_view *view, enum store_table table);
void view_cursor_return(struct view_cursor *cursor); /* accepts NULL */
/* False if the snapshot has no such key, or the view failed. With MDB_SET_RANGE *key is both input
 * and result. */
bool view_cursor_move(struct store_view *view, struct view_cursor *cursor, MDB_cursor_op op,
        struct rd_str *key, struct rd_str *ret_value);
/* The greatest key of the snapshot's table; empty: no rows. */
struct rd_str view_last_key(struct store_view *view, enum store_table table);
