#include "daemon/leave.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "common/plan/masks.h"
#include "daemon/audit_log.h"
#include "daemon/engine/digest_masked.h"
#include "daemon/metrics.h"
#include "daemon/store/rows/attribute_row.h"

#define HEARTBEAT "~heartbeat"

/* One body goes to all that hear it: under security nothing is in it that takes a `sees`. */
static void mask_alert(struct edge *edge, struct rd_alert *alert)
{
    bool is_locked = edge->config->has_security;
    enum rd_mask mask = edge->config->mask;
    struct attribute_row attributes;
    struct rd_hidden hidden = {.what = is_locked ? CONFIG_SEES_ALL : 0};
    if (is_locked) {
        if (alert->case_number != 0 && attribute_row_get(store_live(edge->store),
                                               alert->case_number, &edge->arena, &attributes)) {
            hidden = rd_hidden_of(CONFIG_SEES_ALL, attributes.values);
        }
        mask = mask == RD_MASK_FULL ? RD_MASK_LAST4 : mask;
    }
    rd_mask_alert(edge->config->plan, alert, &hidden, &edge->arena);
    alert->digest =
            digest_masked(store_live(edge->store), alert->digest, hidden.what, &edge->arena);
    alert->customer = rd_mask_customer(mask,
            (struct rd_str){.ptr = (const char *)edge->mask_key, .len = edge->mask_key_len},
            alert->customer, &edge->arena);
}

static void keep_alert(struct edge *edge, const struct rd_alert *alert, uint64_t record)
{
    metric_add(METRIC_ALERTS_DECIDED, 1);
    if (alert->late_by_s > 0) {
        metric_add(METRIC_ALERTS_LATE, 1);
    }
    if (alert->is_bundled) { /* its bundle is published, not itself */
        metric_add(METRIC_ALERTS_BUNDLED, 1);
        return;
    }
    struct rd_alert masked = *alert;
    rd_arena_reset(&edge->arena);
    mask_alert(edge, &masked);
    rd_buf_reset(&edge->topic);
    rd_alert_topic(&edge->topic, &masked);
    rd_buf_reset(&edge->alert);
    /* The number stands before the body: what was published last is told by the heartbeat. */
    rd_buf_put_u64(&edge->alert, alert->seq);
    rd_alert_pack(&edge->alert, &masked);
    RD_ASSERT(edge->topic.error == 0 && edge->alert.error == 0);
    outbox_add(&edge->alerts, &(struct outbox_entry){.record = record,
                                      .weight = 1,
                                      .head = rd_buf_str(&edge->topic),
                                      .body = rd_buf_str(&edge->alert)});
}

void leave_keep_alerts(struct edge *edge, uint64_t record)
{
    size_t count;
    const struct rd_alert *alerts = engine_alerts(edge->engine, &count);
    for (size_t i = 0; i < count; i++) {
        keep_alert(edge, &alerts[i], record);
    }
}

void edge_tell(struct edge *edge, const struct engine_tell *tell)
{
    struct engine_time at = edge_time(edge);
    if (at.wall == RD_TIME_NONE) {
        return;
    }
    engine_tell(edge->engine, &at, tell);
    rd_buf_reset(&edge->tell);
    engine_tell_pack(&edge->tell, tell);
    RD_ASSERT(edge->tell.error == 0);
    uint64_t record = edge_append(edge, &at,
            (struct journal_record){.kind = JOURNAL_TELL, .body = rd_buf_str(&edge->tell)});
    leave_keep_alerts(edge, record);
}

static void send_replies(struct edge *edge, uint64_t durable)
{
    struct outbox_entry entry;
    uint64_t letters = deadbox_durable(&edge->dead);
    while (outbox_peek(&edge->replies, durable, &entry) && entry.letter <= letters) {
        int r = intake_reply(edge->intake, entry.head, entry.body);
        metric_add(r == 0 ? METRIC_REPLIES_OUT : METRIC_REPLIES_LOST, 1);
        outbox_drop(&edge->replies);
    }
}

static void send_alerts(struct edge *edge, uint64_t durable)
{
    struct outbox_entry entry;
    if (edge->hold_feed_us != 0 && clock_ticks_us() < edge->hold_feed_us) {
        return;
    }
    edge->hold_feed_us = 0;
    while (outbox_peek(&edge->alerts, durable, &entry)) {
        struct rd_get get = rd_get_of(entry.body);
        uint64_t seq = rd_get_u64(&get);
        struct rd_str body = {.ptr = (const char *)get.ptr, .len = (size_t)(get.end - get.ptr)};
        if (feed_publish(edge->feed, entry.head, body) == 0) {
            metric_add(METRIC_ALERTS_PUBLISHED, 1);
        }
        edge->published = seq > edge->published ? seq : edge->published;
        outbox_drop(&edge->alerts);
    }
}

void leave_alerts(struct edge *edge)
{
    send_alerts(edge, journal_durable(edge->journal));
}

void leave_send(struct edge *edge)
{
    uint64_t durable = journal_durable(edge->journal);
    send_replies(edge, durable);
    send_alerts(edge, durable);
}

int64_t leave_lag_ms(const struct edge *edge)
{
    rd_time now = edge->clock.wall;
    /* In the start grace timers wait because they are told to. */
    if (now == RD_TIME_NONE || edge->next_due == RD_TIME_NONE || edge->next_due >= now ||
            edge_time(edge).is_grace) {
        return 0;
    }
    return (now - edge->next_due) / 1000;
}

/* Once a day, and after a start: where the journal's chain is, so that whoever keeps it can tell
 * later that nobody has written the journal anew. Only while nothing is on its way to the disk:
 * then it is in memory. */
static void look_at_chain(struct edge *edge)
{
    uint8_t chain[DESK_CHAIN_MAX / 2];
    struct journal_damage damage;
    int64_t day = edge->clock.wall == RD_TIME_NONE ? 0 : edge->clock.wall / RD_DAY_US;
    uint64_t last = journal_last(edge->journal);
    if (day == edge->chain_day || journal_durable(edge->journal) != last ||
            journal_chain(edge->journal, last, chain, &damage) < 0) {
        return;
    }
    for (size_t i = 0; i < sizeof chain; i++) {
        (void)snprintf(edge->chain + 2 * i, 3, "%02x", chain[i]);
    }
    edge->chain_day = day;
    edge->chain_record = last;
    edge->is_chain_unheard = true;
    audit_chain(last, edge->chain);
}

void leave_heartbeat(struct edge *edge)
{
    rd_time now = edge->clock.wall;
    look_at_chain(edge);
    /* At a start nobody has connected yet, so it waits for whoever is the first. */
    bool has_chain = edge->is_chain_unheard && feed_subscribers(edge->feed, RD_STR(HEARTBEAT)) > 0;
    rd_buf_reset(&edge->alert);
    rd_pack_map(&edge->alert, has_chain ? 6 : 4);
    rd_pack_cstr(&edge->alert, "seq");
    rd_pack_uint(&edge->alert, edge->published);
    rd_pack_cstr(&edge->alert, "term");
    rd_pack_uint(&edge->alert, engine_counts(edge->engine).term);
    rd_pack_cstr(&edge->alert, "time");
    if (now == RD_TIME_NONE) {
        rd_pack_nil(&edge->alert);
    } else {
        rd_pack_time(&edge->alert, now);
    }
    rd_pack_cstr(&edge->alert, "lag");
    rd_pack_int(&edge->alert, leave_lag_ms(edge));
    if (has_chain) {
        rd_pack_cstr(&edge->alert, "record");
        rd_pack_uint(&edge->alert, edge->chain_record);
        rd_pack_cstr(&edge->alert, "chain");
        rd_pack_cstr(&edge->alert, edge->chain);
    }
    if (feed_publish(edge->feed, RD_STR(HEARTBEAT), rd_buf_str(&edge->alert)) == 0) {
        metric_add(METRIC_HEARTBEATS, 1);
        edge->is_chain_unheard = edge->is_chain_unheard && !has_chain;
    }
}
