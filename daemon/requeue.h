/* daemon/requeue.h — dead.requeued: a rejected event goes in again as its first sender's, under
 * that sender's rights of now, whoever asks. Source: redress-protocol(7), "Receipts".
 *
 * It takes two records: the letter's event, under its sender's name, and then the one that asks,
 * under the asker's. Both stand in one batch, or none does. */
#pragma once

#include "daemon/taking.h"

struct requeue {
    struct taking letter; /* filled where `frame` is */
    char *frame;          /* of the letter's event; NULL: it was refused, or not come to */
};

/* `asked` is the event that asks, read, decoded and not checked. Where the letter's event was
 * accepted, or had been before, its receipt is in requeue->letter, under the asker's id; else
 * asked->receipt says why not. False: as TAKING_LATER. */
RD_MUST_USE bool requeue_take(
        struct edge *edge, struct taking *asked, struct requeue *requeue, int64_t stop_us);
/* After the receipt was packed, which borrows from the engine: keeps the event that asks. */
void requeue_end(struct edge *edge, struct taking *asked, struct requeue *requeue);
