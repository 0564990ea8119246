/* daemon/outbox.h — what may leave only when a record is durable: replies, alerts, in order.
 *
 * A queue of byte entries, each with the record that must be durable first. Entries are added with
 * records that never go down, so that what is at the head is what may leave first. Memory is kept
 * from one batch to the next; how much may be in it the callers limit (outbox_weight). */
#pragma once

#include "common/base/base.h"

struct outbox {
    uint8_t *ptr;
    size_t head, tail, cap;
    uint64_t last_record; /* of the newest entry */
    uint64_t weight;      /* of all entries */
};

/* Borrowed until the next outbox_add() or outbox_drop(). */
struct outbox_entry {
    uint64_t record;
    uint64_t letter; /* of the dead letters' journal: the caller looks at it */
    uint32_t weight; /* as the caller counts: receipts, alerts */
    struct rd_str head, body;
};

void outbox_init(struct outbox *outbox);
void outbox_done(struct outbox *outbox);
void outbox_add(struct outbox *outbox, const struct outbox_entry *entry);
bool outbox_is_empty(const struct outbox *outbox);
/* The oldest entry, if its record is ≤ durable. */
bool outbox_peek(const struct outbox *outbox, uint64_t durable, struct outbox_entry *ret_entry);
void outbox_drop(struct outbox *outbox); /* the oldest, which there must be */
