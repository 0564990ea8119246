#include "daemon/take.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "common/plan/masks.h"
#include "daemon/audit_log.h"
#include "daemon/checkpoint.h"
#include "daemon/leave.h"
#include "daemon/metrics.h"
#include "daemon/replay.h"
#include "daemon/state.h"
#include "daemon/tick.h"

enum {
    RETRY_SOON_MS = 50,   /* a queue that empties with the next fdatasync */
    RETRY_TAIL_MS = 200,  /* a checkpoint ends */
    RETRY_DISK_MS = 5000, /* until an operator makes room */
};

/* One frame on its way through the checks. */
struct taking {
    struct rd_str frame;
    struct rd_event event;
    struct rd_reject reject;
    struct rd_receipt receipt;
    struct rights rights;
    struct engine_reach reach;
    struct engine_sender sender;
    struct rd_open_case open[RD_OPEN_CASES_MAX];
    bool is_decoded;
};

/* All but the event and the open cases, which are large and not read before they are filled. */
static void taking_begin(struct taking *taking, struct rd_str frame)
{
    taking->frame = frame;
    taking->reject.code = NULL;
    taking->receipt = (struct rd_receipt){0};
    taking->rights = (struct rights){0};
    taking->reach = (struct engine_reach){0};
    taking->sender = (struct engine_sender){0};
    taking->is_decoded = false;
}

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

static void refuse(struct taking *taking)
{
    taking->receipt = (struct rd_receipt){
            .id = taking->event.id, .status = RD_REJECTED, .error = &taking->reject};
}

/* A duplicate is answered as one, whatever has become of its instants meanwhile. */
static void refuse_unless_known(struct edge *edge, struct taking *taking)
{
    if (!engine_is_known(edge->engine, &taking->sender, &taking->event, &taking->receipt)) {
        refuse(taking);
    }
}

/* Whoever speaks with the customer must know that there are other cases; what they are is told to
 * their units. */
static void cut_open_cases(struct taking *taking)
{
    struct rd_receipt *receipt = &taking->receipt;
    for (size_t i = 0; i < receipt->open_case_count; i++) {
        const struct rd_open_case *whole = &receipt->open_cases[i];
        taking->open[i] = *whole;
        if (!rights_covers(&taking->rights, whole->unit)) {
            taking->open[i] = (struct rd_open_case){.case_number = whole->case_number,
                    .unit = whole->unit,
                    .state = whole->state,
                    .level = whole->level,
                    .opened = whole->opened,
                    .last_contact = RD_TIME_NONE,
                    .is_overdue = whole->is_overdue};
        }
    }
    receipt->open_cases = taking->open;
}

/* What a rule saw of a customer is told only to who may see it, even where it has just said so:
 * receipts lie in other people's logs. */
static void mask_warning(struct edge *edge, struct taking *taking)
{
    struct rd_hidden hidden = {.what = rights_hidden(&taking->rights),
            .customer = taking->event.data[RD_KEY_CUSTOMER].bytes,
            .phone = taking->event.data[RD_KEY_PHONE].bytes,
            .contract = taking->event.data[RD_KEY_CONTRACT].bytes};
    if (taking->receipt.warning == NULL || hidden.what == 0) {
        return;
    }
    rd_arena_reset(&edge->arena);
    struct rd_warning *warning = RD_ARENA_ARRAY(&edge->arena, struct rd_warning, 1);
    *warning = *taking->receipt.warning;
    warning->reasons = rd_mask_reasons(
            edge->config->plan, warning->reasons, warning->reason_count, &hidden, &edge->arena);
    taking->receipt.warning = warning;
}

/* What an accepted event changes here, outside the state. */
static void act_on(struct edge *edge, struct taking *taking)
{
    uint64_t seq = taking->receipt.seq;
    int64_t held_us = edge->clock.held_us;
    enum rd_event_type effect = engine_effect(edge->engine);
    if (effect == RD_EVENT_CLOCK_ACCEPTED && clock_accept(&edge->clock)) {
        edge->accepted_us = held_us;
        log_notice("clock", "the step of the clock was accepted", "seq=%" PRIu64, seq);
    }
    struct rd_str digest = taking->event.data[RD_KEY_DIGEST].bytes;
    if (effect == RD_EVENT_QUARANTINE_RELEASED && state_release(edge, digest, false)) {
        log_notice("guard", "released from the quarantine, and looked at again",
                "which=%.*s seq=%" PRIu64, RD_FMT(digest), seq);
    }
}

/* Applies it; an accepted one is journalled. */
static void apply(struct edge *edge, struct taking *taking, bool is_adjusted)
{
    struct engine_time at = edge_time(edge);
    if (edge->clock.options.mode == CLOCK_EVENTS &&
            (at.wall == RD_TIME_NONE || taking->event.time > at.wall)) {
        at.wall = at.steady = taking->event.time;
    }
    engine_event(edge->engine, &at, &taking->sender, &taking->event, &taking->receipt);
    cut_open_cases(taking);
    if (taking->receipt.status != RD_ACCEPTED) {
        return;
    }
    taking->receipt.adjusted_time = is_adjusted;
    rd_buf_reset(&edge->sender);
    engine_sender_pack(&edge->sender, &taking->sender);
    RD_ASSERT(edge->sender.error == 0);
    uint64_t record = edge_append(edge, &at,
            (struct journal_record){.kind = JOURNAL_EVENT,
                    .event_seq = taking->receipt.seq,
                    .sender = rd_buf_str(&edge->sender),
                    .body = taking->frame});
    leave_keep_alerts(edge, record);
    audit_accepted(&taking->sender, taking->event.type, taking->receipt.seq, taking->receipt.waits);
    if (is_adjusted) {
        metric_add(METRIC_EVENTS_ADJUSTED, 1);
    }
    act_on(edge, taking);
}

static bool check_release(struct edge *edge, struct taking *taking)
{
    struct rd_str digest = taking->event.data[RD_KEY_DIGEST].bytes;
    return taking->event.type != RD_EVENT_QUARANTINE_RELEASED ||
           state_release(edge, digest, true) ||
           rd_reject_set(&taking->reject, "bad_value", "data.digest",
                   "no event or question in quarantine has this digest: quarantine.list names "
                   "them; a case is released by case.reapplied");
}

/* Checks of the door that stand before and between the engine's. False: time comes from events, and
 * timers that are due before this one are left at `stop_us`; nothing was done with it. */
static bool check_and_apply(struct edge *edge, struct taking *taking, int64_t stop_us)
{
    taking->sender = (struct engine_sender){.name = rights_name(&taking->rights),
            .unit = rights_unit(&taking->rights),
            .person = rights_person(&taking->rights)};
    if (!taking->is_decoded || !rights_may_send(&taking->rights, &taking->event, &taking->reject)) {
        refuse(taking);
        return true;
    }
    if (!check_release(edge, taking)) {
        refuse_unless_known(edge, taking);
        return true;
    }
    taking->reach = (struct engine_reach){.covers = rights_reach, .context = &taking->rights};
    taking->sender.sees = rights_is_everywhere(&taking->rights) ? NULL : &taking->reach;
    if (rights_is_bound(&taking->rights, taking->event.type)) {
        taking->sender.reach = &taking->reach;
    }
    rd_time now = edge->clock.wall;
    bool is_adjusted = false;
    if (edge->clock.options.mode == CLOCK_EVENTS) {
        if (now == RD_TIME_NONE && taking->event.time == RD_TIME_NONE) {
            (void)rd_reject_set(&taking->reject, "missing_field", "time",
                    "time comes from events here, so the first one needs its time");
            refuse(taking);
            return true;
        }
        rd_time until = taking->event.time != RD_TIME_NONE ? taking->event.time : now;
        if (!tick_until(edge, until, stop_us)) {
            return false;
        }
        if (!rd_event_check_silence(&taking->event, until > now ? until : now,
                    &edge->config->event_limits, &taking->reject)) {
            refuse_unless_known(edge, taking);
            return true;
        }
    } else if (!rd_event_check_door(
                       &taking->event, now, &edge->config->event_limits, &taking->reject)) {
        refuse_unless_known(edge, taking);
        return true;
    } else {
        is_adjusted = replay_adjust_time(&taking->event, now);
    }
    apply(edge, taking, is_adjusted);
    return true;
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

static void refuse_poison(const struct edge *edge, struct taking *taking)
{
    char digest[STATE_ENTRY_MAX];
    struct guard_entry entry;
    taking->event = (struct rd_event){.raw = taking->frame, .time = RD_TIME_NONE};
    guard_entry_of(edge->guard, GUARD_FRAME, taking->frame, &entry);
    (void)state_entry(&entry, digest);
    (void)rd_reject_set(&taking->reject, "poison", NULL,
            "this event has crashed the daemon before and is refused: report it, and send it "
            "without its unusual parts (in quarantine as %s)",
            digest);
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
    taking_begin(&taking, frame);
    if (guard_begin(edge->guard, GUARD_TURN, GUARD_FRAME, frame)) {
        taking.is_decoded = rd_event_decode(
                edge->tree, frame, edge->config->event_bytes, &taking.event, &taking.reject);
    } else {
        refuse_poison(edge, &taking);
    }
    uint32_t busy_ms = busy_for_ms(edge, &taking);
    taking.rights = rights_of(edge->config, edge->first.config, in_hand->message->user);
    if (busy_ms == 0 && !in_hand->is_busy) {
        busy_ms = take_quota(edge, &taking);
    }
    if (in_hand->is_busy || busy_ms > 0) {
        taking.receipt = (struct rd_receipt){.id = taking.event.id,
                .status = RD_BUSY,
                .retry_after_ms = busy_ms > 0 ? busy_ms : RETRY_SOON_MS};
    } else {
        if (!check_and_apply(edge, &taking, stop_us)) {
            guard_end(edge->guard, GUARD_TURN);
            return false;
        }
        if (taking.receipt.status == RD_REJECTED) {
            note_forbidden(&taking);
            keep_dead(edge, &taking);
        }
    }
    metric_add(counters[taking.receipt.status], 1);
    if (in_hand->message->is_answered) {
        mask_warning(edge, &taking); /* last: the alerts are made in the same arena */
        put_receipt(&in_hand->reply, &taking.receipt);
    }
    guard_end(edge->guard, GUARD_TURN);
    in_hand->is_busy = in_hand->is_busy || taking.receipt.status == RD_BUSY ||
                       in_hand->reply.len > IN_HAND_RECEIPTS_FULL;
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
