#include "daemon/taking.h"

#include <inttypes.h>

#include "daemon/audit_log.h"
#include "daemon/config/receipt_cut.h"
#include "daemon/leave.h"
#include "daemon/metrics.h"
#include "daemon/replay.h"
#include "daemon/state.h"
#include "daemon/tick.h"

void taking_begin(struct taking *taking, struct rd_str frame)
{
    taking->frame = frame;
    taking->reject.code = NULL;
    taking->receipt = (struct rd_receipt){0};
    taking->rights = (struct rights){0};
    taking->asker = NULL;
    taking->reach = taking->sight = (struct engine_reach){0};
    taking->sender = (struct engine_sender){0};
    taking->is_decoded = taking->is_adjusted = false;
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

void taking_read(struct edge *edge, struct taking *taking)
{
    if (guard_begin(edge->guard, GUARD_TURN, GUARD_FRAME, taking->frame)) {
        taking->is_decoded = rd_event_decode(edge->tree, taking->frame, edge->config->event_bytes,
                &taking->event, &taking->reject);
    } else {
        refuse_poison(edge, taking);
    }
}

void taking_refuse(struct taking *taking)
{
    taking->receipt = (struct rd_receipt){
            .id = taking->event.id, .status = RD_REJECTED, .error = &taking->reject};
}

/* A duplicate is answered as one, whatever has become of its instants meanwhile. */
static void refuse_unless_known(struct edge *edge, struct taking *taking)
{
    if (!engine_is_known(edge->engine, &taking->sender, &taking->event, &taking->receipt)) {
        taking_refuse(taking);
    }
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

void taking_apply(struct edge *edge, struct taking *taking)
{
    struct engine_time at = edge_time(edge);
    if (edge->clock.options.mode == CLOCK_EVENTS &&
            (at.wall == RD_TIME_NONE || taking->event.time > at.wall)) {
        at.wall = at.steady = taking->event.time;
    }
    engine_event(edge->engine, &at, &taking->sender, &taking->event, &taking->receipt);
    receipt_cut_cases(taking->asker != NULL ? taking->asker : &taking->rights, &taking->receipt,
            taking->open);
    if (taking->receipt.status != RD_ACCEPTED) {
        return;
    }
    taking->receipt.adjusted_time = taking->is_adjusted;
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
    if (taking->is_adjusted) {
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

/* Who it is to the engine, and of which cases it may be told. */
static void fill_sender(struct taking *taking)
{
    const struct rights *rights = &taking->rights, *asker = taking->asker;
    asker = asker != NULL ? asker : rights;
    taking->sender = (struct engine_sender){.name = rights_name(rights),
            .unit = rights_unit(rights),
            .person = rights_person(rights)};
    taking->reach = (struct engine_reach){.covers = rights_reach, .context = rights};
    taking->sight = (struct engine_reach){.covers = rights_reach, .context = asker};
    taking->sender.sees = rights_is_everywhere(asker) ? NULL : &taking->sight;
    if (taking->is_decoded && rights_is_bound(rights, taking->event.type)) {
        taking->sender.reach = &taking->reach;
    }
}

/* By the machine's clock, or by the events' own times. */
static enum taking_verdict check_time(struct edge *edge, struct taking *taking, int64_t stop_us)
{
    rd_time now = edge->clock.wall;
    if (edge->clock.options.mode == CLOCK_EVENTS) {
        if (now == RD_TIME_NONE && taking->event.time == RD_TIME_NONE) {
            (void)rd_reject_set(&taking->reject, "missing_field", "time",
                    "time comes from events here, so the first one needs its time");
            taking_refuse(taking);
            return TAKING_REFUSED;
        }
        rd_time until = taking->event.time != RD_TIME_NONE ? taking->event.time : now;
        if (!tick_until(edge, until, stop_us)) {
            return TAKING_LATER;
        }
        if (!rd_event_check_silence(&taking->event, until > now ? until : now,
                    &edge->config->event_limits, &taking->reject)) {
            refuse_unless_known(edge, taking);
            return TAKING_REFUSED;
        }
    } else if (!rd_event_check_door(
                       &taking->event, now, &edge->config->event_limits, &taking->reject)) {
        refuse_unless_known(edge, taking);
        return TAKING_REFUSED;
    } else {
        taking->is_adjusted = replay_adjust_time(&taking->event, now);
    }
    return TAKING_FIT;
}

enum taking_verdict taking_check(struct edge *edge, struct taking *taking, int64_t stop_us)
{
    fill_sender(taking);
    if (!taking->is_decoded || !rights_may_send(&taking->rights, &taking->event, &taking->reject)) {
        taking_refuse(taking);
        return TAKING_REFUSED;
    }
    if (!check_release(edge, taking)) {
        refuse_unless_known(edge, taking);
        return TAKING_REFUSED;
    }
    return check_time(edge, taking, stop_us);
}
