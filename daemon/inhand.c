#include "daemon/inhand.h"

#include <stdlib.h>

#include "common/base/sizes.h"

enum {
    /* The envelope, one receipt more with its warning, and the short ones of the frames behind it.
     */
    REPLY_BYTES_MAX = INTAKE_ENVELOPE_BYTES_MAX + 4 * INTAKE_ENVELOPE_MAX + IN_HAND_RECEIPTS_FULL +
                      RD_WARNING_BYTES_MAX + 4096 * 1024,
    REPLY_KEPT_MAX = 1024 * 1024, /* room that an idle one keeps: a usual message's */
};

static bool is_same_peer(const struct intake_message *a, const struct intake_message *b)
{
    return a->is_answered == b->is_answered && rd_str_eq(a->peer, b->peer);
}

void in_hands_done(struct in_hands *hands)
{
    RD_ASSERT(hands->count == 0);
    for (size_t i = 0; i < IN_HAND_MAX && hands->all[i] != NULL; i++) {
        rd_buf_done(&hands->all[i]->reply);
        free(hands->all[i]);
    }
}

bool in_hands_is_full(const struct in_hands *hands)
{
    return hands->count == IN_HAND_MAX || hands->bytes >= IN_HAND_BYTES_MAX;
}

struct in_hand *in_hands_add(struct in_hands *hands, struct intake_message *message)
{
    RD_ASSERT(hands->count < IN_HAND_MAX);
    struct in_hand *in_hand = hands->all[hands->count];
    if (in_hand == NULL) {
        in_hand = calloc(1, sizeof *in_hand);
        if (in_hand == NULL) {
            rd_oom();
        }
        rd_buf_init(&in_hand->reply, REPLY_BYTES_MAX);
        hands->all[hands->count] = in_hand;
    }
    rd_buf_reset(&in_hand->reply);
    for (size_t i = 0; i < message->envelope_count; i++) {
        rd_buf_put_u32(&in_hand->reply, (uint32_t)message->envelope[i].len);
        rd_buf_put_text(&in_hand->reply, message->envelope[i]);
    }
    RD_ASSERT(in_hand->reply.error == 0);
    in_hand->message = message;
    in_hand->next = 0;
    in_hand->served = 0;
    in_hand->is_busy = in_hand->is_behind = false;
    for (size_t i = 0; i < hands->count && !in_hand->is_behind; i++) {
        in_hand->is_behind = is_same_peer(hands->all[i]->message, message);
    }
    hands->count++;
    hands->bytes += message->bytes;
    return in_hand;
}

static struct in_hand *find_next(const struct in_hands *hands, bool only_answered)
{
    struct in_hand *found = NULL;
    for (size_t i = 0; i < hands->count; i++) {
        struct in_hand *one = hands->all[i];
        bool may = !one->is_behind && (one->message->is_answered || !only_answered);
        if (may && (found == NULL || one->served < found->served)) {
            found = one;
        }
    }
    return found;
}

bool in_hands_has(const struct in_hands *hands, bool only_answered)
{
    return find_next(hands, only_answered) != NULL;
}

struct in_hand *in_hands_next(struct in_hands *hands, bool only_answered)
{
    struct in_hand *found = find_next(hands, only_answered);
    if (found != NULL) {
        found->served = ++hands->served;
    }
    return found;
}

struct intake_message *in_hands_remove(struct in_hands *hands, struct in_hand *in_hand)
{
    struct intake_message *message = in_hand->message;
    size_t at = 0;
    while (hands->all[at] != in_hand) {
        at++;
        RD_ASSERT(at < hands->count);
    }
    hands->count--;
    hands->bytes -= message->bytes;
    for (size_t i = at; i < hands->count; i++) {
        hands->all[i] = hands->all[i + 1];
    }
    hands->all[hands->count] = in_hand;
    for (size_t i = at; i < hands->count; i++) {
        if (is_same_peer(hands->all[i]->message, message)) {
            hands->all[i]->is_behind = false;
            break;
        }
    }
    if (in_hand->reply.cap > REPLY_KEPT_MAX) {
        rd_buf_done(&in_hand->reply);
        rd_buf_init(&in_hand->reply, REPLY_BYTES_MAX);
    }
    return message;
}
