#include "daemon/batch.h"

#include "daemon/checkpoint.h"
#include "daemon/leave.h"
#include "daemon/metrics.h"
#include "daemon/take.h"

#define TAKE_SPAN_US  200  /* then the disk gets its work, while the next batch is applied */
#define TAKE_SHARE_US 5000 /* then a message is put aside: the turn has more to do than it */
#define REST_US       (2 * 1000 * 1000) /* of a stop, where timers without end may be due */

bool batch_may_take(const struct edge *edge)
{
    return !checkpoint_is_draining(edge) &&
           edge->replies.weight < 2 * (uint64_t)edge->config->in_flight;
}

bool batch_only_answered(const struct edge *edge)
{
    return edge->refusal != REFUSE_NOTHING || edge->replies.weight >= edge->config->in_flight;
}

/* What was applied can go on its way to the disk, or what the disk has can be answered. */
static bool has_work_for_disk(const struct edge *edge)
{
    return edge->on_way_count == 0 ? journal_batch_bytes(edge->journal) > 0
                                   : journal_durable(edge->journal) >= edge->on_way[0].record;
}

/* The disk gets what was applied, and what it has leaves. */
static int serve_disk(struct edge *edge)
{
    int r = checkpoint_note_durable(edge);
    if (r == 0) {
        checkpoint_submit(edge);
        leave_send(edge);
    }
    return r;
}

/* The next frames of one message. */
static void take_share(struct edge *edge, struct in_hand *in_hand, int64_t until_us, size_t *taken)
{
    if (take_frames(edge, in_hand, until_us, taken)) {
        intake_done(edge->intake, in_hands_remove(&edge->in_hands, in_hand));
    }
}

/* Reads messages, each as far as its share goes, until the span is over or the disk wants its work:
 * it is to work while the rest is applied. Only where many timers fired before is it served in
 * between: their turn was long, and this one is to be as long. 1 if there may be more, 0, -errno.
 */
static int take_new(struct edge *edge, int64_t span_us, size_t *taken)
{
    int64_t begun_us = clock_ticks_us();
    while (*taken < edge->config->batch_events && batch_may_take(edge) &&
            !in_hands_is_full(&edge->in_hands) && clock_ticks_us() < begun_us + span_us) {
        struct intake_message *message;
        int r = intake_take(edge->intake, batch_only_answered(edge), &message);
        if (r <= 0) {
            return r;
        }
        struct in_hand *in_hand = in_hands_add(&edge->in_hands, message);
        if (!in_hand->is_behind) {
            take_share(edge, in_hand, begun_us + TAKE_SHARE_US, taken);
        }
        if (has_work_for_disk(edge)) {
            if (span_us <= TAKE_SPAN_US) {
                return 1;
            }
            r = serve_disk(edge);
            if (r < 0) {
                return r;
            }
        }
    }
    return 1;
}

int batch_take(struct edge *edge, int64_t fired_us)
{
    size_t taken = 0;
    int64_t span_us = fired_us > TAKE_SPAN_US ? fired_us : TAKE_SPAN_US;
    int r = take_new(edge, span_us, &taken);
    if (r < 0) {
        return r;
    }
    struct in_hand *in_hand =
            batch_may_take(edge) ? in_hands_next(&edge->in_hands, batch_only_answered(edge)) : NULL;
    if (in_hand != NULL) {
        int64_t share_us = taken > 0 ? TAKE_SPAN_US : TAKE_SHARE_US;
        take_share(edge, in_hand, clock_ticks_us() + share_us, &taken);
    }
    bool only_answered = batch_only_answered(edge);
    edge->has_more_in = in_hands_has(&edge->in_hands, only_answered) ||
                        (r > 0 && intake_is_readable(edge->intake, only_answered));
    if (taken > 0) {
        metric_note(METRIC_BATCH_EVENTS, (int64_t)taken);
    }
    return 0;
}

void batch_rest(struct edge *edge, bool may_apply)
{
    struct in_hands *hands = &edge->in_hands;
    bool may_last = edge->clock.options.mode == CLOCK_EVENTS; /* years of timers before one event */
    int64_t until_us = may_last ? clock_ticks_us() + REST_US : INT64_MAX;
    bool is_left = false;
    while (hands->count > 0) {
        struct in_hand *in_hand = hands->all[0];
        size_t taken = 0;
        if (!in_hand->message->is_answered) {
            is_left |= !may_apply || !take_frames(edge, in_hand, until_us, &taken);
        }
        intake_done(edge->intake, in_hands_remove(hands, in_hand));
    }
    if (is_left) {
        log_warning("turn",
                "the stop left out pushed events that were not taken in time: send them again",
                "after_ms=%d", REST_US / 1000);
    }
}
