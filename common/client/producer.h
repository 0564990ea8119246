/* common/client/producer.h — events to one intake, each until it is settled.
 *
 * Up to `window` events are in flight, in messages of up to `batch`. An event is settled by the
 * receipt accepted, duplicate or rejected; then it is the caller's to forget. Until then it is
 * kept here and sent again, under the same id, which the daemon knows: after `retry_after` of a
 * busy, after `answer_us` without an answer (with a new connection, and twice as long with each one
 * that brings none, up to a minute), and when a later message was answered before it (it got lost
 * on the way). Which message a reply answers is told by a number in its envelope. So each event is
 * taken once, as long as the daemon remembers ids. What the caller wants to survive its own death
 * it must keep until it is settled.
 *
 * Messages overtake one another only where an answer is missing or busy. `in_order` forbids that: a
 * message leaves when the one before it is settled. An event that needs an earlier one (a case's
 * second) wants it.
 *
 *   rd_producer_put() until -EAGAIN, then rd_producer_turn(), and so on;
 *   at the end rd_producer_turn() until rd_producer_in_flight() is 0.
 *
 * Source: redress-protocol(7), "Intake", "Receipt". */
#pragma once

#include "common/client/client.h"
#include "common/wire/receipt.h"

enum {
    RD_PRODUCER_WINDOW_MAX = 1 << 16,
    RD_PRODUCER_WINDOW_DEFAULT = 1024,
    RD_PRODUCER_BATCH_MAX = 1024,
    RD_PRODUCER_BATCH_DEFAULT = 64,
    RD_PRODUCER_EVENT_BYTES_MAX = 4 * 1024 * 1024,
    RD_PRODUCER_SURE_BYTES = 4096, /* the least that limits.event_bytes can be */
};
#define RD_PRODUCER_ANSWER_US INT64_C(5000000)

struct rd_producer_options {
    const char *endpoint;
    /* The desk's: it is asked for limits.event_bytes, again with each new connection. An event over
     * it is not sent, but settled as the daemon would settle it, rejected and too_large; one over
     * RD_PRODUCER_SURE_BYTES waits until the limit is known. NULL: nobody is asked, and an event
     * that is so large that the daemon cuts the connection is sent again for ever. */
    const char *desk;
    size_t window, batch; /* events; 0: the defaults */
    int64_t answer_us;    /* 0: RD_PRODUCER_ANSWER_US */
    bool in_order;
    void *context;
    /* An event is settled. The receipt is borrowed for the call; rd_producer_put() may be called
     * from within. `tag` is the caller's, of rd_producer_put(). */
    void (*settled)(void *context, uint64_t tag, const struct rd_receipt *receipt);
};

struct rd_producer_counts {
    uint64_t sent;    /* events, repeated ones again */
    uint64_t busy;    /* receipts that said so */
    uint64_t retried; /* events sent again because no answer came */
    uint64_t refused; /* events too large to be sent */
    uint64_t reconnects;
};

struct rd_producer;

/* -EINVAL: no such endpoint, or window or batch out of range. The daemon need not run yet. */
RD_MUST_USE int rd_producer_open(struct rd_client *client,
        const struct rd_producer_options *options, struct rd_producer **ret_producer);
/* What is not settled is given up: it may or may not have been taken. NULL: nothing. */
void rd_producer_close(struct rd_producer *producer);
void rd_producer_closep(struct rd_producer **producer);

/* Takes a copy of a packed event whose `id` is `id`. It leaves with the next turn. 0, -EAGAIN (the
 * window is full), -EMSGSIZE. */
RD_MUST_USE int rd_producer_put(
        struct rd_producer *producer, struct rd_str id, struct rd_str event, uint64_t tag);
/* Sends, repeats and takes receipts; waits for one at most timeout_us (0: not at all). How many
 * events were settled; -EINTR, -EPROTO, -errno. */
RD_MUST_USE int rd_producer_turn(struct rd_producer *producer, int64_t timeout_us);

size_t rd_producer_in_flight(const struct rd_producer *producer); /* put and not settled */
/* The smallest tag not settled; false: none is. Tags that grow with each put make of it a mark up
 * to which all is done. O(window). */
bool rd_producer_oldest(const struct rd_producer *producer, uint64_t *ret_tag);
/* How long nothing has come from the daemon although something is in flight; 0: it answers. The
 * time that it asked for with a busy does not count. */
int64_t rd_producer_silent_us(const struct rd_producer *producer);
/* How long it has answered busy alone, so that nothing was settled; 0: it takes what comes. */
int64_t rd_producer_busy_us(const struct rd_producer *producer);
struct rd_producer_counts rd_producer_counts(const struct rd_producer *producer);
