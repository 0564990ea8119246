/* daemon/store/still.h — an overlay as it stood at one moment, for another thread to read while the
 * owner changes the overlay.
 *
 * The owner takes a still between two records; the reader looks rows up and lets it go. Rows keep
 * their place until the overlay is reset, and it is not reset while a still holds it. Whatever the
 * owner may change (slots, values, states) is read under the overlay's lock, a row at a time, so
 * that the owner never waits long; keys never change. The trees are the reader's own: they grow
 * from still to still of one overlay. One thread at a time has the still itself. */
#pragma once

#include "daemon/store/overlay.h"

/* A row as a still, or its owner, sees it. */
struct seen {
    enum row_state state;
    struct rd_str value; /* of ROW_VALUE */
};

struct still_tree {
    struct rowtree tree;
    size_t ordered; /* rows that are in it */
};

struct still {
    struct overlay *overlay; /* NULL: nothing is held */
    uint32_t number;         /* of the overlay's stills */
    size_t counts[STORE_TABLE_COUNT];
    uint64_t life; /* of the overlay whose rows are in the trees */
    struct still_tree trees[STORE_TABLE_COUNT];
    struct slab nodes;
};

/* The owner's: of the overlay as it is now; NULL: of nothing. No mark may be open, and no other
 * still of it may be read. */
void still_take(struct still *still, struct overlay *overlay);
/* The reader lets the still go; values that it looked up are invalid then. Does nothing if none is
 * held. */
void still_rest(struct still *still);
void still_done(struct still *still); /* resting; frees the trees */

/* False: the still says nothing about the key. The value lives until still_rest(). */
bool still_find(const struct still *still, enum store_table table, struct rd_str key, uint64_t hash,
        struct seen *ret_seen);
/* The table's rows in key order; NULL: it has none. */
const struct rowtree *still_order(struct still *still, enum store_table table);
/* One of them. */
struct seen still_see(const struct still *still, const struct row *row);
