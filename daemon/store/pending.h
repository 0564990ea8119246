/* daemon/store/pending.h — rows that a record has put so far, before they go into the overlay.
 *
 * A record puts a dozen rows into a dozen tables, each at a place that is no longer in the
 * processor's cache. The rows wait here, few enough for a linear search, while those places are
 * prefetched. At the record's end they go in together; a refused record only forgets them. A scan
 * of a table first flushes the rows that wait for it. Not thread-safe. */
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
