#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <zmq.h>

#include "common/client/producing.h"

enum {
    ASK_AGAIN_US = 50000, /* the desk, where nobody was there */
    PATIENCE_MAX = 4,     /* how often the wait for an answer is doubled */
};
#define PATIENCE_MAX_US INT64_C(60000000)

static void slots_init(struct rd_producer *producer)
{
    size_t window = producer->options.window;
    producer->slots = calloc(window, sizeof producer->slots[0]);
    producer->messages = calloc(window, sizeof producer->messages[0]);
    producer->frames =
            calloc(producer->options.batch + PRODUCER_ENVELOPE, sizeof producer->frames[0]);
    if (producer->slots == NULL || producer->messages == NULL || producer->frames == NULL) {
        rd_oom();
    }
    for (size_t i = 0; i < window; i++) {
        rd_buf_init(&producer->slots[i].bytes, RD_PRODUCER_EVENT_BYTES_MAX);
        producer->slots[i].next = i + 1 < window ? (uint32_t)i + 1 : (uint32_t)PRODUCER_NONE;
    }
    producer->free = 0;
    producer->queue_first = producer->queue_last = PRODUCER_NONE;
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
    struct limits limits;
    r = limits_open(&limits, client, full.desk);
    if (r < 0) {
        client_socket_close(&socket);
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
            .limits = limits,
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
    limits_close(&producer->limits);
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

int rd_producer_put(
        struct rd_producer *producer, struct rd_str id, struct rd_str event, uint64_t tag)
{
    uint32_t index = producer->free;
    if (index == PRODUCER_NONE) {
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
    producer_enqueue(producer, index, PRODUCER_NONE);
    if (producer->in_flight++ == 0) {
        producer->heard_us = client_now_us();
    }
    return 0;
}

/* An overloaded daemon still takes events from a connection that was given up, so giving up early
 * only adds to its load: each new connection waits twice as long. */
static int64_t answer_due_us(const struct rd_producer *producer)
{
    const struct message *oldest = &producer->messages[producer->messages_from];
    if (producer->message_count == 0) {
        return INT64_MAX;
    }
    int64_t base_us = producer->options.answer_us;
    unsigned doubled = producer->unanswered < PATIENCE_MAX ? producer->unanswered : PATIENCE_MAX;
    int64_t wait_us = base_us < PATIENCE_MAX_US >> doubled ? base_us << doubled : PATIENCE_MAX_US;
    return oldest->sent_us + (wait_us > base_us ? wait_us : base_us);
}

/* When something is to be done even if nothing comes. */
static int64_t next_due_us(const struct rd_producer *producer)
{
    int64_t due_us = answer_due_us(producer);
    if (producer->queue_first != PRODUCER_NONE && producer->hold_until_us < due_us &&
            producer->hold_until_us > client_now_us()) {
        due_us = producer->hold_until_us;
    }
    return due_us;
}

static int wait_for(struct rd_producer *producer, int64_t until_us)
{
    int64_t due_us = next_due_us(producer);
    bool wants_out = producer_may_send(producer) &&
                     limits_judge(&producer->limits,
                             producer_event_bytes(&producer->slots[producer->queue_first])) >= 0;
    void *desk = limits_socket(&producer->limits);
    zmq_pollitem_t items[] = {
            {.socket = producer->socket,
                    .events = (short)(ZMQ_POLLIN | (wants_out ? ZMQ_POLLOUT : 0))},
            {.socket = desk, .fd = -1, .events = ZMQ_POLLIN},
    };
    if (desk == NULL && !producer->limits.is_known && producer->limits.desk != NULL) {
        int64_t again_us = client_now_us() + ASK_AGAIN_US;
        due_us = again_us < due_us ? again_us : due_us;
    }
    long ms = client_wait_ms(due_us < until_us ? due_us : until_us);
    return zmq_poll(items, desk != NULL ? 2 : 1, ms) < 0 ? client_error() : 0;
}

int rd_producer_turn(struct rd_producer *producer, int64_t timeout_us)
{
    int64_t until_us = client_now_us() + timeout_us;
    for (;;) {
        int64_t now_us = client_now_us();
        bool is_silent = answer_due_us(producer) <= now_us;
        producer->unanswered += is_silent;
        int r = is_silent ? producer_reconnect(producer) : 0;
        r = r < 0 ? r : limits_learn(&producer->limits);
        int refused = r < 0 ? r : producer_send(producer);
        r = refused < 0 ? refused : producer_take(producer);
        r = r < 0 ? r : r + refused;
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
    int64_t held_us = producer->hold_until_us, heard_us = producer->heard_us;
    int64_t silent_us = client_now_us() - (held_us > heard_us ? held_us : heard_us);
    return producer->in_flight > 0 && silent_us > 0 ? silent_us : 0;
}

int64_t rd_producer_busy_us(const struct rd_producer *producer)
{
    bool is_busy = producer->in_flight > 0 && producer->busy_us > 0;
    return is_busy ? client_now_us() - producer->busy_us : 0;
}

struct rd_producer_counts rd_producer_counts(const struct rd_producer *producer)
{
    return producer->counts;
}
