#include <errno.h>
#include <string.h>

#include "common/client/producing.h"
#include "common/client/reply.h"

enum { US_A_MS = 1000, BUSY_MS_MIN = 1, BUSY_MS_MAX = 60000 };

static int read_receipt(struct rd_producer *producer, size_t frame, struct rd_receipt *ret_receipt)
{
    zmq_msg_t *part = &producer->frames[PRODUCER_ENVELOPE + frame];
    struct rd_str bytes = {.ptr = zmq_msg_data(part), .len = zmq_msg_size(part)};
    rd_node root = NULL;
    rd_arena_reset(&producer->arena);
    if (rd_tree_read(producer->tree, bytes, &root, NULL) < 0 ||
            rd_receipt_unpack(root, &producer->arena, ret_receipt) < 0) {
        return -EPROTO;
    }
    return 0;
}

/* A nil id answers the event at that place of the message, whose id the daemon could not read. */
static bool answers(
        const struct rd_producer *producer, const struct rd_receipt *receipt, uint32_t index)
{
    const struct slot *slot = &producer->slots[index];
    struct rd_str id = {.ptr = (const char *)slot->bytes.ptr, .len = slot->id_len};
    return receipt->id.ptr == NULL || rd_str_eq(receipt->id, id);
}

/* The number in front of the reply. False: that is none of ours. */
static bool read_number(struct rd_producer *producer, uint64_t *ret_number)
{
    uint8_t bytes[PRODUCER_NUMBER_BYTES];
    zmq_msg_t *number = &producer->frames[0], *end = &producer->frames[1];
    if (zmq_msg_size(number) != sizeof bytes || zmq_msg_size(end) != 0) {
        return false;
    }
    memcpy(bytes, zmq_msg_data(number), sizeof bytes);
    *ret_number = 0;
    for (size_t i = 1; i < sizeof bytes; i++) {
        *ret_number = *ret_number << 8 | bytes[i];
    }
    uint8_t ours[PRODUCER_NUMBER_BYTES];
    producer_number(*ret_number, ours);
    return memcmp(bytes, ours, sizeof ours) == 0;
}

/* Finds the message that is answered. Replies come in the order of the requests, so earlier
 * messages were lost with a connection: they go back into the queue. Returns 1; 0 if the message is
 * not waited for any more; -EPROTO. */
static int find_message(struct rd_producer *producer, size_t count, struct message *ret_message)
{
    uint64_t number;
    if (!read_number(producer, &number) || number > producer->last_number) {
        return -EPROTO;
    }
    size_t skipped = 0, at = 0;
    for (; skipped < producer->message_count; skipped++) {
        at = (producer->messages_from + skipped) % producer->options.window;
        if (producer->messages[at].number == number) {
            break;
        }
    }
    if (skipped == producer->message_count) {
        return 0;
    }
    if (producer->messages[at].count != count) {
        return -EPROTO;
    }
    for (; skipped > 0; skipped--) {
        producer_requeue_oldest(producer);
    }
    *ret_message = producer->messages[producer->messages_from];
    producer->messages_from = (producer->messages_from + 1) % producer->options.window;
    producer->message_count--;
    return 1;
}

static void hold(struct rd_producer *producer, uint32_t retry_after_ms)
{
    uint32_t ms = retry_after_ms < BUSY_MS_MIN ? BUSY_MS_MIN : retry_after_ms;
    ms = ms > BUSY_MS_MAX ? BUSY_MS_MAX : ms;
    int64_t until_us = client_now_us() + (int64_t)ms * US_A_MS, before_us = producer->hold_until_us;
    producer->hold_until_us = until_us > before_us ? until_us : before_us;
    producer->busy_us = producer->busy_us > 0 ? producer->busy_us : client_now_us();
    producer->counts.busy++;
}

/* The reply in producer->frames. How many were settled, or -EPROTO. */
static int take_reply(struct rd_producer *producer, size_t count)
{
    struct message message;
    int r = find_message(producer, count, &message);
    if (r <= 0) {
        return r;
    }
    r = 0;
    int settled = 0;
    uint32_t index = message.first, before = PRODUCER_NONE;
    for (size_t i = 0; i < count; i++) {
        uint32_t next = producer->slots[index].next;
        struct rd_receipt receipt;
        r = r < 0 ? r : read_receipt(producer, i, &receipt);
        r = r < 0 || answers(producer, &receipt, index) ? r : -EPROTO;
        if (r == 0 && receipt.status != RD_BUSY) {
            producer->busy_us = 0;
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
        int count = reply_receive(
                producer->socket, producer->frames, producer->options.batch + PRODUCER_ENVELOPE);
        if (count <= 0) {
            return count < 0 ? count : settled;
        }
        bool is_reply = count > PRODUCER_ENVELOPE;
        int r = is_reply ? take_reply(producer, (size_t)count - PRODUCER_ENVELOPE) : -EPROTO;
        for (int i = 0; i < count; i++) {
            (void)zmq_msg_close(&producer->frames[i]);
        }
        if (r < 0) {
            return r;
        }
        producer->heard_us = client_now_us();
        producer->unanswered = 0;
        settled += r;
    }
}
