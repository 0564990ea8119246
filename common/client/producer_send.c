#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "common/client/producing.h"

void producer_enqueue(struct rd_producer *producer, uint32_t index, uint32_t after)
{
    struct slot *slots = producer->slots;
    uint64_t order = slots[index].order;
    if (after == PRODUCER_NONE && producer->queue_last != PRODUCER_NONE &&
            slots[producer->queue_last].order < order) {
        after = producer->queue_last;
    }
    uint32_t *link = after == PRODUCER_NONE ? &producer->queue_first : &slots[after].next;
    while (*link != PRODUCER_NONE && slots[*link].order < order) {
        link = &slots[*link].next;
    }
    slots[index].next = *link;
    if (*link == PRODUCER_NONE) {
        producer->queue_last = index;
    }
    *link = index;
}

void producer_number(uint64_t number, uint8_t ret_bytes[static PRODUCER_NUMBER_BYTES])
{
    ret_bytes[0] = 0xCF;
    for (size_t i = 1; i < PRODUCER_NUMBER_BYTES; i++) {
        ret_bytes[i] = (uint8_t)(number >> (8 * (PRODUCER_NUMBER_BYTES - 1 - i)));
    }
}

static int send_frame(struct rd_producer *producer, const void *bytes, size_t size, bool has_more)
{
    int flags = ZMQ_DONTWAIT | (has_more ? ZMQ_SNDMORE : 0);
    while (zmq_send(producer->socket, bytes, size, flags) < 0) {
        if (zmq_errno() != EINTR) {
            return client_error();
        }
    }
    return 0;
}

static int send_event(struct rd_producer *producer, const struct slot *slot, bool has_more)
{
    struct rd_str bytes = rd_buf_str(&slot->bytes);
    return send_frame(producer, bytes.ptr + slot->id_len, bytes.len - slot->id_len, has_more);
}

/* A receipt tells an event by its id where that could be read, so which message a reply belongs to
 * is known by a number in front. As send_message(). */
static int send_envelope(struct rd_producer *producer, uint64_t number)
{
    uint8_t bytes[PRODUCER_NUMBER_BYTES];
    producer_number(number, bytes);
    int r = send_frame(producer, bytes, sizeof bytes, true);
    if (r < 0) {
        return r;
    }
    return send_frame(producer, "", 0, true) < 0 ? -ECONNRESET : 0;
}

size_t producer_event_bytes(const struct slot *slot)
{
    return slot->bytes.len - slot->id_len;
}

/* Sends the next message of the queue, whose first event may be sent. 0; -EAGAIN: it cannot leave
 * now; -ECONNRESET: the peer went after half of it, and what the socket would do with more frames
 * is undefined; -errno. */
static int send_message(struct rd_producer *producer)
{
    struct message message = {.number = producer->last_number + 1,
            .first = producer->queue_first,
            .sent_us = client_now_us()};
    uint32_t index = message.first;
    int r = send_envelope(producer, message.number);
    if (r < 0) {
        return r;
    }
    for (;;) {
        struct slot *slot = &producer->slots[index];
        bool has_more = slot->next != PRODUCER_NONE &&
                        message.count + 1 < producer->options.batch &&
                        limits_judge(&producer->limits,
                                producer_event_bytes(&producer->slots[slot->next])) == 0;
        if (send_event(producer, slot, has_more) < 0) {
            return -ECONNRESET;
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
    producer->last_number = message.number;
    producer->queue_first = producer->slots[index].next;
    if (producer->queue_first == PRODUCER_NONE) {
        producer->queue_last = PRODUCER_NONE;
    }
    producer->slots[index].next = PRODUCER_NONE;
    size_t at = (producer->messages_from + producer->message_count) % producer->options.window;
    producer->messages[at] = message;
    producer->message_count++;
    return 0;
}

void producer_requeue_oldest(struct rd_producer *producer)
{
    struct message message = producer->messages[producer->messages_from];
    producer->messages_from = (producer->messages_from + 1) % producer->options.window;
    producer->message_count--;
    uint32_t before = PRODUCER_NONE;
    for (uint32_t index = message.first, next; index != PRODUCER_NONE; index = next) {
        next = producer->slots[index].next;
        producer_enqueue(producer, index, before);
        before = index;
    }
}

int producer_reconnect(struct rd_producer *producer)
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
        producer_requeue_oldest(producer);
    }
    return limits_forget(&producer->limits);
}

void producer_settle(struct rd_producer *producer, uint32_t index, const struct rd_receipt *receipt)
{
    struct slot *slot = &producer->slots[index];
    uint64_t tag = slot->tag;
    slot->is_used = false;
    slot->next = producer->free;
    producer->free = index;
    producer->in_flight--;
    producer->options.settled(producer->options.context, tag, receipt);
}

/* Settles the first event of the queue as too large: the daemon would cut the connection without an
 * answer. */
static void refuse_first(struct rd_producer *producer)
{
    uint32_t index = producer->queue_first;
    struct slot *slot = &producer->slots[index];
    char id[128];
    size_t id_len = slot->id_len < sizeof id ? slot->id_len : sizeof id;
    memcpy(id, slot->bytes.ptr, id_len); /* the slot may be put again from within */
    struct rd_reject reject = {.code = NULL};
    (void)rd_reject_set(&reject, "too_large", NULL,
            "the event has %zu bytes, the daemon takes at most %" PRIu64 " (limits.event_bytes)",
            producer_event_bytes(slot), producer->limits.event_bytes);
    producer->queue_first = slot->next;
    if (producer->queue_first == PRODUCER_NONE) {
        producer->queue_last = PRODUCER_NONE;
    }
    producer->counts.refused++;
    producer_settle(producer, index,
            &(struct rd_receipt){
                    .id = {.ptr = id, .len = id_len}, .status = RD_REJECTED, .error = &reject});
}

bool producer_may_send(const struct rd_producer *producer)
{
    bool is_free = !producer->options.in_order || producer->message_count == 0;
    return producer->queue_first != PRODUCER_NONE && is_free &&
           producer->hold_until_us <= client_now_us();
}

int producer_send(struct rd_producer *producer)
{
    int settled = 0;
    while (producer_may_send(producer)) {
        int judged = limits_judge(
                &producer->limits, producer_event_bytes(&producer->slots[producer->queue_first]));
        if (judged > 0) {
            refuse_first(producer);
            settled++;
            continue;
        }
        int r = judged < 0 ? -EAGAIN : send_message(producer);
        if (r == -ECONNRESET) {
            r = producer_reconnect(producer);
        }
        if (r < 0) {
            return r == -EAGAIN ? settled : r;
        }
    }
    return settled;
}
