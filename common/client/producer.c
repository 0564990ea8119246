#include "common/client/producer.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <zmq.h>

#include "common/client/inner.h"

enum { NONE = UINT32_MAX, US_A_MS = 1000, BUSY_MS_MIN = 1, BUSY_MS_MAX = 60000 };

/* An event, in the list of the free ones, in the queue, or in a message. */
struct slot {
    uint32_t next;   /* in its list; NONE: the last */
    uint32_t id_len; /* bytes starts with the id, then comes the event */
    uint64_t order;  /* grows with each put: the queue is sorted by it */
    uint64_t tag;
    bool is_used;
    bool was_sent;
    struct rd_buf bytes;
};

/* What one reply answers. */
struct message {
    uint32_t first, count; /* slots, linked */
    int64_t sent_us;
};

struct rd_producer {
    struct rd_client *client;
    struct rd_producer_options options;
    char *endpoint;
    void *socket;
    struct slot *slots;
    uint32_t free, queue_first, queue_last;
    struct message *messages; /* a ring of `window`, the oldest at messages_from */
    size_t messages_from, message_count;
    size_t in_flight;
    uint64_t next_order;
    int64_t hold_until_us; /* the daemon is busy */
    int64_t heard_us;      /* last answer, or the put that broke an idle time */
    struct rd_producer_counts counts;
    struct rd_tree *tree;
    struct rd_arena arena;
    zmq_msg_t *frames; /* of the reply in hand: RD_PRODUCER_BATCH_MAX */
};

static void slots_init(struct rd_producer *producer)
{
    size_t window = producer->options.window;
    producer->slots = calloc(window, sizeof producer->slots[0]);
    producer->messages = calloc(window, sizeof producer->messages[0]);
    producer->frames = calloc(producer->options.batch, sizeof producer->frames[0]);
    if (producer->slots == NULL || producer->messages == NULL || producer->frames == NULL) {
        rd_oom();
    }
    for (size_t i = 0; i < window; i++) {
        rd_buf_init(&producer->slots[i].bytes, RD_PRODUCER_EVENT_BYTES_MAX);
        producer->slots[i].next = i + 1 < window ? (uint32_t)i + 1 : (uint32_t)NONE;
    }
    producer->free = 0;
    producer->queue_first = producer->queue_last = NONE;
}

int rd_producer_open(struct rd_client *client, const struct rd_producer_options *options,
        struct rd_producer **ret_producer)
{
    struct rd_producer_options full = *options;
    full.window = full.window == 0 ? RD_PRODUCER_WINDOW_DEFAULT : full.window;
    full.batch = full.batch == 0 ? RD_PRODUCER_BATCH_DEFAULT : full.batch;
    full.batch = full.batch > full.window ? full.window : full.batch;
    full.answer_us = full.answer_us == 0 ? RD_PRODUCER_ANSWER_US : full.answer_us;
    if (full.window > RD_PRODUCER_WINDOW_MAX || full.batch > RD_PRODUCER_BATCH_MAX ||
            full.answer_us < 0) {
        return -EINVAL;
    }
    void *socket = NULL;
    int r = client_socket(client, ZMQ_DEALER, full.endpoint, &socket);
    if (r < 0) {
        return r;
    }
    struct rd_producer *producer = calloc(1, sizeof *producer);
    char *copy = strdup(full.endpoint);
    if (producer == NULL || copy == NULL) {
        rd_oom();
    }
    *producer = (struct rd_producer){.client = client,
            .options = full,
            .endpoint = copy,
            .socket = socket,
            .tree = rd_tree_new()};
    rd_arena_init(&producer->arena, (size_t)64 * CLIENT_FRAME_BYTES_MAX);
    slots_init(producer);
    *ret_producer = producer;
    return 0;
}

void rd_producer_close(struct rd_producer *producer)
{
    if (producer == NULL) {
        return;
    }
    client_socket_close(&producer->socket);
    for (size_t i = 0; i < producer->options.window; i++) {
        rd_buf_done(&producer->slots[i].bytes);
    }
    rd_tree_free(producer->tree);
    rd_arena_done(&producer->arena);
    free(producer->slots);
    free(producer->messages);
    free(producer->frames);
    free(producer->endpoint);
    free(producer);
}

void rd_producer_closep(struct rd_producer **producer)
{
    rd_producer_close(*producer);
    *producer = NULL;
}

/* Into the queue, behind all of a smaller order. `after`: one that is known to stand before it. */
static void enqueue(struct rd_producer *producer, uint32_t index, uint32_t after)
{
    struct slot *slots = producer->slots;
    uint64_t order = slots[index].order;
    if (after == NONE && producer->queue_last != NONE &&
            slots[producer->queue_last].order < order) {
        after = producer->queue_last;
    }
    uint32_t *link = after == NONE ? &producer->queue_first : &slots[after].next;
    while (*link != NONE && slots[*link].order < order) {
        link = &slots[*link].next;
    }
    slots[index].next = *link;
    if (*link == NONE) {
        producer->queue_last = index;
    }
    *link = index;
}

int rd_producer_put(
        struct rd_producer *producer, struct rd_str id, struct rd_str event, uint64_t tag)
{
    uint32_t index = producer->free;
    if (index == NONE) {
        return -EAGAIN;
    }
    struct slot *slot = &producer->slots[index];
    rd_buf_reset(&slot->bytes);
    rd_buf_put_text(&slot->bytes, id);
    rd_buf_put_text(&slot->bytes, event);
    if (slot->bytes.error != 0) {
        return slot->bytes.error;
    }
    producer->free = slot->next;
    slot->id_len = (uint32_t)id.len;
    slot->order = producer->next_order++;
    slot->tag = tag;
    slot->is_used = true;
    slot->was_sent = false;
    enqueue(producer, index, NONE);
    if (producer->in_flight++ == 0) {
        producer->heard_us = client_now_us();
    }
    return 0;
}

/* ---- sending ---- */

static int send_frame(struct rd_producer *producer, const struct slot *slot, bool has_more)
{
    struct rd_str bytes = rd_buf_str(&slot->bytes);
    int flags = ZMQ_DONTWAIT | (has_more ? ZMQ_SNDMORE : 0);
    while (zmq_send(producer->socket, bytes.ptr + slot->id_len, bytes.len - slot->id_len, flags) <
            0) {
        if (zmq_errno() != EINTR) {
            return client_error();
        }
    }
    return 0;
}

/* Sends the next message of the queue. 0; -EAGAIN: it cannot leave now; -ECONNRESET: the peer went
 * after half of it, and what the socket would do with more frames is undefined; -errno. */
static int send_message(struct rd_producer *producer)
{
    struct message message = {.first = producer->queue_first, .sent_us = client_now_us()};
    uint32_t index = message.first;
    for (;;) {
        struct slot *slot = &producer->slots[index];
        bool has_more = slot->next != NONE && message.count + 1 < producer->options.batch;
        int r = send_frame(producer, slot, has_more);
        if (r < 0) {
            return message.count == 0 ? r : -ECONNRESET;
        }
        producer->counts.sent++;
        producer->counts.retried += slot->was_sent;
        slot->was_sent = true;
        message.count++;
        if (!has_more) {
            break;
        }
        index = slot->next;
    }
    producer->queue_first = producer->slots[index].next;
    if (producer->queue_first == NONE) {
        producer->queue_last = NONE;
    }
    producer->slots[index].next = NONE;
    size_t at = (producer->messages_from + producer->message_count) % producer->options.window;
    producer->messages[at] = message;
    producer->message_count++;
    return 0;
}

/* The oldest message goes back into the queue. */
static void requeue_oldest(struct rd_producer *producer)
{
    struct message message = producer->messages[producer->messages_from];
    producer->messages_from = (producer->messages_from + 1) % producer->options.window;
    producer->message_count--;
    uint32_t before = NONE;
    for (uint32_t index = message.first, next; index != NONE; index = next) {
        next = producer->slots[index].next;
        enqueue(producer, index, before);
        before = index;
    }
}

static int reconnect(struct rd_producer *producer)
{
    void *socket = NULL;
    int r = client_socket(producer->client, ZMQ_DEALER, producer->endpoint, &socket);
    if (r < 0) {
        return r;
    }
    client_socket_close(&producer->socket);
    producer->socket = socket;
    producer->counts.reconnects++;
    while (producer->message_count > 0) {
        requeue_oldest(producer);
    }
    return 0;
}

/* In order, the next message waits for the answer to the one before it. */
static bool may_send(const struct rd_producer *producer)
{
    bool is_free = !producer->options.in_order || producer->message_count == 0;
    return producer->queue_first != NONE && is_free && producer->hold_until_us <= client_now_us();
}

static int send_all(struct rd_producer *producer)
{
    while (may_send(producer)) {
        int r = send_message(producer);
        if (r == -ECONNRESET) {
            r = reconnect(producer);
        }
        if (r < 0) {
            return r == -EAGAIN ? 0 : r;
        }
    }
    return 0;
}

/* ---- receiving ---- */

/* A message's frames: their count; 0: none there; -EPROTO: more than was asked. */
static int receive(struct rd_producer *producer)
{
    size_t count = 0;
    for (;;) {
        zmq_msg_t frame;
        (void)zmq_msg_init(&frame);
        if (zmq_msg_recv(&frame, producer->socket, ZMQ_DONTWAIT) < 0) {
            int r = client_error();
            (void)zmq_msg_close(&frame);
            if (r == -EINTR) {
                continue;
            }
            RD_ASSERT(count == 0); /* the frames of a message come together */
            return r == -EAGAIN ? 0 : r;
        }
        bool has_more = zmq_msg_more(&frame) != 0;
        if (count < producer->options.batch) {
            (void)zmq_msg_init(&producer->frames[count]);
            (void)zmq_msg_move(&producer->frames[count], &frame);
        }
        (void)zmq_msg_close(&frame);
        count++;
        if (!has_more) {
            break;
        }
    }
    if (count > producer->options.batch) {
        for (size_t i = 0; i < producer->options.batch; i++) {
            (void)zmq_msg_close(&producer->frames[i]);
        }
        return -EPROTO;
    }
    return (int)count;
}

static int read_receipt(struct rd_producer *producer, size_t frame, struct rd_receipt *ret_receipt)
{
    struct rd_str bytes = {.ptr = zmq_msg_data(&producer->frames[frame]),
            .len = zmq_msg_size(&producer->frames[frame])};
    rd_node root = NULL;
    rd_arena_reset(&producer->arena);
    if (rd_tree_read(producer->tree, bytes, &root, NULL) < 0 ||
            rd_receipt_unpack(root, &producer->arena, ret_receipt) < 0) {
        return -EPROTO;
    }
    return 0;
}

/* A nil id answers whatever stood there: the daemon could not read it. */
static bool answers(
        const struct rd_producer *producer, const struct rd_receipt *receipt, uint32_t index)
{
    const struct slot *slot = &producer->slots[index];
    struct rd_str id = {.ptr = (const char *)slot->bytes.ptr, .len = slot->id_len};
    return receipt->id.ptr == NULL || rd_str_eq(receipt->id, id);
}

/* Which message is answered: replies come in the order of the requests, so those before it got
 * lost with a connection. They go back into the queue. */
static int find_message(struct rd_producer *producer, size_t count, struct message *ret_message)
{
    struct rd_receipt receipt;
    if (read_receipt(producer, 0, &receipt) < 0) {
        return -EPROTO;
    }
    size_t skipped = 0;
    for (; skipped < producer->message_count; skipped++) {
        size_t at = (producer->messages_from + skipped) % producer->options.window;
        if (producer->messages[at].count == count &&
                answers(producer, &receipt, producer->messages[at].first)) {
            break;
        }
    }
    if (skipped == producer->message_count) {
        return -EPROTO;
    }
    for (; skipped > 0; skipped--) {
        requeue_oldest(producer);
    }
    *ret_message = producer->messages[producer->messages_from];
    producer->messages_from = (producer->messages_from + 1) % producer->options.window;
    producer->message_count--;
    return 0;
}

static void settle(struct rd_producer *producer, uint32_t index, const struct rd_receipt *receipt)
{
    struct slot *slot = &producer->slots[index];
    uint64_t tag = slot->tag;
    slot->is_used = false;
    slot->next = producer->free;
    producer->free = index;
    producer->in_flight--;
    producer->options.settled(producer->options.context, tag, receipt);
}

static void hold(struct rd_producer *producer, uint32_t retry_after_ms)
{
    uint32_t ms = retry_after_ms < BUSY_MS_MIN ? BUSY_MS_MIN : retry_after_ms;
    ms = ms > BUSY_MS_MAX ? BUSY_MS_MAX : ms;
    int64_t until_us = client_now_us() + (int64_t)ms * US_A_MS, before_us = producer->hold_until_us;
    producer->hold_until_us = until_us > before_us ? until_us : before_us;
    producer->counts.busy++;
}

/* The reply in producer->frames. How many were settled, or -EPROTO. */
static int take_reply(struct rd_producer *producer, size_t count)
{
    struct message message;
    int r = find_message(producer, count, &message);
    if (r < 0) {
        return r;
    }
    int settled = 0;
    uint32_t index = message.first, before = NONE;
    for (size_t i = 0; i < count; i++) {
        uint32_t next = producer->slots[index].next;
        struct rd_receipt receipt;
        r = r < 0 ? r : read_receipt(producer, i, &receipt);
        r = r < 0 || answers(producer, &receipt, index) ? r : -EPROTO;
        if (r == 0 && receipt.status != RD_BUSY) {
            settle(producer, index, &receipt);
            settled++;
        } else { /* not taken, or nobody knows: again */
            if (r == 0) {
                hold(producer, receipt.retry_after_ms);
                producer->slots[index].was_sent = false;
            }
            enqueue(producer, index, before);
            before = index;
        }
        index = next;
    }
    return r < 0 ? r : settled;
}

static int receive_all(struct rd_producer *producer)
{
    int settled = 0;
    for (;;) {
        int count = receive(producer);
        if (count <= 0) {
            return count < 0 ? count : settled;
        }
        int r = take_reply(producer, (size_t)count);
        for (int i = 0; i < count; i++) {
            (void)zmq_msg_close(&producer->frames[i]);
        }
        if (r < 0) {
            return r;
        }
        producer->heard_us = client_now_us();
        settled += r;
    }
}

/* ---- the turn ---- */

static int64_t answer_due_us(const struct rd_producer *producer)
{
    const struct message *oldest = &producer->messages[producer->messages_from];
    return producer->message_count > 0 ? oldest->sent_us + producer->options.answer_us : INT64_MAX;
}

/* When something is to be done even if nothing comes. */
static int64_t next_due_us(const struct rd_producer *producer)
{
    int64_t due_us = answer_due_us(producer);
    if (producer->queue_first != NONE && producer->hold_until_us < due_us &&
            producer->hold_until_us > client_now_us()) {
        due_us = producer->hold_until_us;
    }
    return due_us;
}

static int wait_for(struct rd_producer *producer, int64_t until_us)
{
    int64_t due_us = next_due_us(producer);
    zmq_pollitem_t item = {.socket = producer->socket,
            .events = (short)(ZMQ_POLLIN | (may_send(producer) ? ZMQ_POLLOUT : 0))};
    long ms = client_wait_ms(due_us < until_us ? due_us : until_us);
    return zmq_poll(&item, 1, ms) < 0 ? client_error() : 0;
}

int rd_producer_turn(struct rd_producer *producer, int64_t timeout_us)
{
    int64_t until_us = client_now_us() + timeout_us;
    for (;;) {
        int64_t now_us = client_now_us();
        int r = answer_due_us(producer) <= now_us ? reconnect(producer) : 0;
        r = r < 0 ? r : send_all(producer);
        r = r < 0 ? r : receive_all(producer);
        if (r != 0 || now_us >= until_us || producer->in_flight == 0) {
            return r;
        }
        r = wait_for(producer, until_us);
        if (r < 0) {
            return r;
        }
    }
}

size_t rd_producer_in_flight(const struct rd_producer *producer)
{
    return producer->in_flight;
}

bool rd_producer_oldest(const struct rd_producer *producer, uint64_t *ret_tag)
{
    bool is_found = false;
    for (size_t i = 0; i < producer->options.window; i++) {
        const struct slot *slot = &producer->slots[i];
        if (slot->is_used && (!is_found || slot->tag < *ret_tag)) {
            *ret_tag = slot->tag;
            is_found = true;
        }
    }
    return is_found;
}

int64_t rd_producer_silent_us(const struct rd_producer *producer)
{
    return producer->in_flight > 0 ? client_now_us() - producer->heard_us : 0;
}

struct rd_producer_counts rd_producer_counts(const struct rd_producer *producer)
{
    return producer->counts;
}
