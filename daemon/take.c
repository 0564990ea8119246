#include "daemon/take.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "daemon/audit_log.h"
#include "daemon/checkpoint.h"
#include "daemon/config/receipt_cut.h"
#include "daemon/leave.h"
#include "daemon/metrics.h"
#include "daemon/requeue.h"

enum {
    RETRY_SOON_MS = 50,   /* a queue that empties with the next fdatasync */
    RETRY_TAIL_MS = 200,  /* a checkpoint ends */
    RETRY_DISK_MS = 5000, /* until an operator makes room */
};

/* `retry_after`, or 0 where the event may be taken. */
static uint32_t busy_for_ms(const struct edge *edge, const struct taking *taking)
{
    if (edge->replies.weight >= edge->config->in_flight) {
        return RETRY_SOON_MS;
    }
    switch (edge->refusal) {
    case REFUSE_NOTHING:
        return 0;
    case REFUSE_NEW:
        return taking->is_decoded && engine_event_is_relief(taking->event.type) ? 0 : RETRY_DISK_MS;
    case REFUSE_ALL:
        return RETRY_TAIL_MS;
    }
    RD_UNREACHABLE("no such refusal");
}

/* A rejected event is kept before it is answered, or is busy like any other. */
static void keep_dead(struct edge *edge, struct taking *taking)
{
    if (edge->refusal != REFUSE_NOTHING) {
        metric_add(METRIC_DEAD_LETTERS_DROPPED, 1);
        return;
    }
    if (deadbox_is_full(&edge->dead)) {
        taking->receipt = (struct rd_receipt){
                .id = taking->receipt.id, .status = RD_BUSY, .retry_after_ms = RETRY_TAIL_MS};
        return;
    }
    const struct rd_reject *reject = taking->receipt.error;
    rd_buf_reset(&edge->sender);
    engine_sender_pack(&edge->sender, &taking->sender);
    struct dead_letter letter = {
            .taken = edge->clock.wall != RD_TIME_NONE ? edge->clock.wall : 0,
            .sender = rd_buf_str(&edge->sender),
            .source = taking->is_decoded ? taking->event.source : RD_STR(""),
            .id = taking->receipt.id,
            .code = rd_str_of(reject->code),
            .field = rd_str_of(reject->field),
            .message = rd_str_of(reject->message),
            .event = taking->frame,
    };
    deadbox_add(&edge->dead, &letter, ENGINE_NUMBER);
    refusals_note(&edge->refusals, letter.source, reject, edge->dead.letters.last,
            clock_ticks_us() + edge->config->rejected_wait_us);
    metric_add(METRIC_DEAD_LETTERS, 1);
}

static void note_forbidden(const struct taking *taking)
{
    const struct rd_reject *reject = taking->receipt.error;
    if (taking->is_decoded && rd_str_is(rd_str_of(reject->code), "forbidden")) {
        audit_forbidden(&taking->sender, taking->event.type, reject);
    }
}

static void put_receipt(struct rd_buf *receipts, const struct rd_receipt *receipt)
{
    size_t mark = receipts->len;
    rd_buf_put_u32(receipts, 0);
    rd_receipt_pack(receipts, receipt);
    RD_ASSERT(receipts->error == 0);
    uint32_t len = (uint32_t)(receipts->len - mark - sizeof len);
    for (unsigned i = 0; i < sizeof len; i++) {
        receipts->ptr[mark + i] = (uint8_t)(len >> (24 - 8 * i));
    }
}

/* Milliseconds until its sender may have more events taken; 0: now, and this one counts. */
static uint32_t take_quota(struct edge *edge, const struct taking *taking)
{
    const struct config_client *client = taking->rights.client;
    int64_t now_us = clock_ticks_us();
    uint32_t events_ms = quota_wait_ms(edge->quota, client, CONFIG_QUOTA_EVENTS, now_us);
    uint32_t bytes_ms = quota_wait_ms(edge->quota, client, CONFIG_QUOTA_BYTES, now_us);
    if (events_ms == 0 && bytes_ms == 0) {
        quota_charge(edge->quota, client, CONFIG_QUOTA_EVENTS, 1, now_us);
        quota_charge(edge->quota, client, CONFIG_QUOTA_BYTES, taking->frame.len, now_us);
    }
    return events_ms > bytes_ms ? events_ms : bytes_ms;
}

static uint32_t busy_ms_of(struct edge *edge, const struct in_hand *in_hand, struct taking *taking)
{
    uint32_t busy_ms = busy_for_ms(edge, taking);
    taking->rights = rights_of(edge->config, edge->first.config, in_hand->message->user);
    if (in_hand->is_busy) {
        return busy_ms > 0 ? busy_ms : RETRY_SOON_MS;
    }
    return busy_ms > 0 ? busy_ms : take_quota(edge, taking);
}

/* False: as TAKING_LATER. */
static bool check_and_apply(
        struct edge *edge, struct taking *taking, struct requeue *requeue, int64_t stop_us)
{
    if (taking->is_decoded && taking->event.type == RD_EVENT_DEAD_REQUEUED) {
        return requeue_take(edge, taking, requeue, stop_us);
    }
    enum taking_verdict verdict = taking_check(edge, taking, stop_us);
    if (verdict == TAKING_FIT) {
        taking_apply(edge, taking);
    }
    return verdict != TAKING_LATER;
}

/* What the receipt goes out with: of a letter that went in again, its own. */
static struct taking *answered(struct taking *taking, struct requeue *requeue)
{
    return requeue->frame != NULL ? &requeue->letter : taking;
}

/* False: other work is to be done first, and the frame is to be taken again. */
static bool take_frame(
        struct edge *edge, struct in_hand *in_hand, struct rd_str frame, int64_t stop_us)
{
    static const enum metric counters[] = {
            [RD_ACCEPTED] = METRIC_EVENTS_ACCEPTED,
            [RD_DUPLICATE] = METRIC_EVENTS_DUPLICATE,
            [RD_REJECTED] = METRIC_EVENTS_REJECTED,
            [RD_BUSY] = METRIC_EVENTS_BUSY,
    };
    struct taking taking;
    struct requeue requeue;
    requeue.frame = NULL;
    taking_begin(&taking, frame);
    taking_read(edge, &taking);
    uint32_t busy_ms = busy_ms_of(edge, in_hand, &taking);
    if (busy_ms > 0) {
        taking.receipt = (struct rd_receipt){
                .id = taking.event.id, .status = RD_BUSY, .retry_after_ms = busy_ms};
    } else {
        if (!check_and_apply(edge, &taking, &requeue, stop_us)) {
            guard_end(edge->guard, GUARD_TURN);
            return false;
        }
        if (requeue.frame == NULL && taking.receipt.status == RD_REJECTED) {
            note_forbidden(&taking);
            keep_dead(edge, &taking);
        }
    }
    struct taking *told = answered(&taking, &requeue);
    enum rd_status status = told->receipt.status;
    metric_add(counters[status], 1);
    if (in_hand->message->is_answered) {
        rd_arena_reset(&edge->arena); /* last: the alerts are made in it */
        receipt_cut_warning(told->asker != NULL ? told->asker : &told->rights, &told->event,
                &told->receipt, &edge->arena);
        put_receipt(&in_hand->reply, &told->receipt);
    }
    if (requeue.frame != NULL) {
        requeue_end(edge, &taking, &requeue);
    }
    guard_end(edge->guard, GUARD_TURN);
    in_hand->is_busy =
            in_hand->is_busy || status == RD_BUSY || in_hand->reply.len > IN_HAND_RECEIPTS_FULL;
    return true;
}

/* Frames beyond the limit of a message; they were not even read. */
static void answer_over(struct in_hand *in_hand)
{
    const struct intake_message *message = in_hand->message;
    struct rd_reject reject = {.code = NULL};
    (void)rd_reject_set(&reject, "too_large", NULL,
            "a message has at most %d frames: send the rest in another", INTAKE_FRAMES_MAX);
    struct rd_receipt receipt = {.status = RD_REJECTED, .error = &reject};
    if (in_hand->is_busy) {
        receipt = (struct rd_receipt){.status = RD_BUSY, .retry_after_ms = RETRY_SOON_MS};
    }
    for (size_t i = 0; i < message->frames_over && message->is_answered; i++) {
        put_receipt(&in_hand->reply, &receipt);
    }
    metric_add(
            in_hand->is_busy ? METRIC_EVENTS_BUSY : METRIC_EVENTS_REJECTED, message->frames_over);
}

/* What became durable while this message is worked on leaves now: its sender makes the next one
 * meanwhile. */
static void let_out(struct edge *edge)
{
    if (edge->on_way_count > 0 && journal_durable(edge->journal) >= edge->on_way[0].record &&
            checkpoint_note_durable(edge) == 0) { /* a failure is the turn's to find */
        leave_send(edge);
    }
}

static void end_message(struct edge *edge, struct in_hand *in_hand)
{
    const struct intake_message *message = in_hand->message;
    answer_over(in_hand);
    metric_add(METRIC_MESSAGES_IN, 1);
    if (!message->is_answered) {
        return;
    }
    outbox_add(&edge->replies,
            &(struct outbox_entry){.record = journal_last(edge->journal),
                    .letter = deadbox_last(&edge->dead),
                    .weight = (uint32_t)(message->frame_count + message->frames_over),
                    .head = message->peer,
                    .body = rd_buf_str(&in_hand->reply)});
}

bool take_frames(struct edge *edge, struct in_hand *in_hand, int64_t until_us, size_t *taken)
{
    const struct intake_message *message = in_hand->message;
    do {
        if (!take_frame(edge, in_hand, message->frames[in_hand->next], until_us)) {
            return false;
        }
        in_hand->next++;
        (*taken)++;
        let_out(edge);
    } while (in_hand->next < message->frame_count && clock_ticks_us() < until_us);
    if (in_hand->next < message->frame_count) {
        return false;
    }
    end_message(edge, in_hand);
    return true;
}
