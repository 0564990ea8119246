/* common/client/producing.h — a producer's inside: its slots, its queue, what is under way. Inside
 * this room only.
 *
 * An event is in a slot: free, in the queue, or in a message that was sent. producer.c opens, puts
 * and turns; producer_send.c sends the queue; producer_take.c takes what answers. */
#pragma once

#include <zmq.h>

#include "common/client/limits.h"
#include "common/client/producer.h"

enum { PRODUCER_NONE = UINT32_MAX };

/* An event, in the list of the free ones, in the queue, or in a message. */
struct slot {
    uint32_t next;   /* in its list; PRODUCER_NONE: the last */
    uint32_t id_len; /* bytes starts with the id, then comes the event */
    uint64_t order;  /* grows with each put: the queue is sorted by it */
    uint64_t tag;
    bool is_used;
    bool was_sent;
    struct rd_buf bytes;
};

/* The envelope of a message, which its reply has too: its number, and an empty frame. */
enum { PRODUCER_ENVELOPE = 2, PRODUCER_NUMBER_BYTES = 9 };

/* What one reply answers. */
struct message {
    uint64_t number;
    uint32_t first, count; /* slots, linked */
    int64_t sent_us;
};

struct rd_producer {
    struct rd_client *client;
    struct rd_producer_options options;
    char *endpoint;
    void *socket;
    struct limits limits;
    struct slot *slots;
    uint32_t free, queue_first, queue_last;
    struct message *messages; /* a ring of `window`, the oldest at messages_from */
    size_t messages_from, message_count;
    uint64_t last_number; /* of a message */
    unsigned unanswered;  /* connections given up since the last answer */
    size_t in_flight;
    uint64_t next_order;
    int64_t hold_until_us; /* the daemon is busy */
    int64_t busy_us;       /* since when it is that and nothing else; 0: it is not */
    int64_t heard_us;      /* last answer, or the put that broke an idle time */
    struct rd_producer_counts counts;
    struct rd_tree *tree;
    struct rd_arena arena;
    zmq_msg_t *frames; /* of the reply in hand: its envelope, and a batch */
};

/* Puts it into the queue, after all of a smaller order. `after`: a slot known to come before it,
 * where the search may begin. */
void producer_enqueue(struct rd_producer *producer, uint32_t index, uint32_t after);
/* The oldest message goes back into the queue. */
void producer_requeue_oldest(struct rd_producer *producer);
/* The event has its receipt: the slot is free, and the caller hears of it. */
void producer_settle(
        struct rd_producer *producer, uint32_t index, const struct rd_receipt *receipt);
/* A message's number as a frame of MessagePack: no map, so it is not taken for an event. */
void producer_number(uint64_t number, uint8_t ret_bytes[static PRODUCER_NUMBER_BYTES]);
size_t producer_event_bytes(const struct slot *slot);
/* A new connection: all that was sent goes back into the queue. */
RD_MUST_USE int producer_reconnect(struct rd_producer *producer);
/* Whether a message may leave now. In order, it waits for the answer to the one before it. */
bool producer_may_send(const struct rd_producer *producer);
/* Sends what may leave. How many were settled: refused here, before they were sent. -errno. */
RD_MUST_USE int producer_send(struct rd_producer *producer);
/* Takes the replies that are there. How many were settled; -EPROTO, -errno. */
RD_MUST_USE int producer_take(struct rd_producer *producer);
