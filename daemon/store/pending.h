/* daemon/store/pending.h — what a record has put so far, before it goes into the overlay.
 *
 * A record puts a dozen rows into a dozen tables, each at a place in memory that was not looked at
 * for long. Here they wait, few enough to be looked through one by one, while those places are
 * fetched; at the record's end they go in together, and a record that is refused only forgets them.
 * A scan of a table sends in what waits for it first. Not thread-safe. */
#pragma once

#include "daemon/store/overlay.h"

enum { PENDING_MAX = 64 };

struct pending {
    size_t count;
    uint64_t tables;               /* bits: those that something waits for */
    uint64_t hashes[PENDING_MAX];  /* of keys, beside the rows: they are looked through */
    struct row *rows[PENDING_MAX]; /* in `slab` */
    uint8_t names[PENDING_MAX];    /* tables */
    struct slab slab;
};

void pending_done(struct pending *pending); /* a zeroed one is empty */
/* NULL: nothing waits under the key. */
const struct row *pending_find(
        const struct pending *pending, enum store_table table, struct rd_str key, uint64_t hash);
/* A full one is sent in first. */
void pending_put(
        struct pending *pending, struct overlay *overlay, const struct overlay_change *change);
/* Sends in all that waits; its bytes stay until pending_forget(). */
void pending_settle(struct pending *pending, struct overlay *overlay);
void pending_forget(struct pending *pending);

static inline bool pending_has(const struct pending *pending, enum store_table table)
{
    return (pending->tables >> table & 1U) != 0;
}
