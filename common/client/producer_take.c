#include <errno.h>

#include "common/client/producing.h"
#include "common/client/reply.h"

enum { US_A_MS = 1000, BUSY_MS_MIN = 1, BUSY_MS_MAX = 60000 };

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
        producer_requeue_oldest(producer);
    }
    *ret_message = producer->messages[producer->messages_from];
    producer->messages_from = (producer->messages_from + 1) % producer->options.window;
    producer->message_count--;
    return 0;
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
    uint32_t index = message.first, before = PRODUCER_NONE;
    for (size_t i = 0; i < count; i++) {
        uint32_t next = producer->slots[index].next;
        struct rd_receipt receipt;
        r = r < 0 ? r : read_receipt(producer, i, &receipt);
        r = r < 0 || answers(producer, &receipt, index) ? r : -EPROTO;
        if (r == 0 && receipt.status != RD_BUSY) {
            producer_settle(producer, index, &receipt);
            settled++;
        } else { /* not taken, or nobody knows: again */
            if (r == 0) {
                hold(producer, receipt.retry_after_ms);
                producer->slots[index].was_sent = false;
            }
            producer_enqueue(producer, index, before);
            before = index;
        }
        index = next;
    }
    return r < 0 ? r : settled;
}

int producer_take(struct rd_producer *producer)
{
    int settled = 0;
    for (;;) {
        int count = reply_receive(producer->socket, producer->frames, producer->options.batch);
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
