#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include "common/client/subscribing.h"

enum { REPLAY_ROWS = 1000 };

/* Returns the caller's answer: 0, > 0, or -errno (then the alert was not given). */
int subscriber_give(struct rd_subscriber *subscriber, const struct rd_alert *alert, rd_node map)
{
    int r = subscriber->options.alert(subscriber->options.context, alert, map);
    if (r >= 0 && alert->seq > subscriber->given) {
        subscriber->given = alert->seq;
    }
    return r;
}

int subscriber_unpack(struct rd_subscriber *subscriber, rd_node map, struct rd_alert *ret_alert)
{
    rd_arena_reset(&subscriber->arena);
    return rd_alert_unpack(map, &subscriber->arena, ret_alert) < 0 ? -EPROTO : 0;
}

void subscriber_set_replay(struct rd_subscriber *subscriber, uint64_t target)
{
    subscriber->target = target > subscriber->target ? target : subscriber->target;
    subscriber->state = TO_REPLAY;
}

int subscriber_ask(struct rd_subscriber *subscriber)
{
    struct rd_buf *params = &subscriber->params;
    bool has_unit = subscriber->unit[0] != '\0';
    rd_buf_reset(params);
    rd_pack_map(params, has_unit ? 4 : 3);
    if (has_unit) {
        rd_pack_cstr(params, "unit");
        rd_pack_cstr(params, subscriber->unit);
    }
    rd_pack_cstr(params, "after");
    rd_pack_uint(params, subscriber->complete);
    rd_pack_cstr(params, "limit");
    rd_pack_uint(params, REPLAY_ROWS);
    rd_pack_cstr(params, "min_alert");
    rd_pack_uint(params, subscriber->target);
    subscriber->asked_us = client_now_us();
    int r = desk_ask(subscriber->desk, "feed.replay", rd_buf_str(params));
    /* No desk yet: the next heartbeat asks again, or it is a silence. */
    subscriber->state = r == 0 ? REPLAYING : WAITING;
    return r == -EAGAIN ? 0 : r;
}

/* How many were given; *ret_stop: what the caller said, if it wants no more. */
static int give_rows(struct rd_subscriber *subscriber, rd_node rows, int *ret_stop)
{
    int given = 0;
    for (uint32_t i = 0; i < rd_node_count(rows); i++) {
        rd_node map = rd_node_at(rows, i);
        struct rd_alert alert;
        if (subscriber_unpack(subscriber, map, &alert) < 0) {
            return -EPROTO;
        }
        if (alert.seq <= subscriber->complete) {
            continue;
        }
        if (alert.seq > subscriber->stop_at) {
            break;
        }
        int r = 0;
        bool was_had = alert.term <= subscriber->had_term && alert.seq <= subscriber->had_seq;
        if (!was_had && alert.seq > seen_get(&subscriber->seen, alert.unit)) {
            r = subscriber_give(subscriber, &alert, map);
            given += r >= 0;
        }
        if (r >= 0) {
            subscriber->complete = alert.seq;
        }
        /* The whole page, even if the caller wants no more. */
        bool is_settling = subscriber->stop_at != UINT64_MAX;
        if (r < 0 || (r > 0 && !is_settling)) {
            *ret_stop = r;
            return given;
        }
    }
    return given;
}

static int take_error(struct rd_subscriber *subscriber, const struct rd_desk_answer *answer)
{
    uint64_t oldest = rd_node_uint(rd_node_find(answer->error, "oldest"));
    if (rd_str_is(answer->error_code, "not_yet") && subscriber->doubts) {
        (void)snprintf(subscriber->error, sizeof subscriber->error,
                "the daemon has no alert #%" PRIu64 ", its last one is #%" PRIu64
                ": it is another daemon, or its state is older than the cursor",
                subscriber->target, subscriber->heartbeat);
        return -ESTALE;
    }
    if (rd_str_is(answer->error_code, "not_yet")) {
        subscriber->state = WAITING; /* the next heartbeat asks again */
        return 0;
    }
    if (rd_str_is(answer->error_code, "gone") && oldest > subscriber->complete) {
        if (subscriber->options.gone != NULL) {
            subscriber->options.gone(subscriber->options.context, subscriber->complete, oldest);
        }
        subscriber->complete = oldest - 1;
        subscriber->state = TO_REPLAY;
        return 0;
    }
    (void)snprintf(subscriber->error, sizeof subscriber->error, "%.*s: %.*s",
            RD_FMT(answer->error_code), RD_FMT(answer->error_message));
    return -EREMOTEIO;
}

static int take_rows(struct rd_subscriber *subscriber, rd_node result, int *ret_stop)
{
    rd_node head_node = rd_node_find(result, "head");
    if (rd_node_type(head_node) != RD_NODE_UINT) {
        return -EPROTO;
    }
    uint64_t before = subscriber->complete, head = rd_node_uint(head_node);
    subscriber->doubts = false;
    int given = give_rows(subscriber, rd_node_find(result, "rows"), ret_stop);
    if (given < 0 || *ret_stop != 0) {
        subscriber->state = TO_REPLAY;
        return given;
    }
    head = head < subscriber->stop_at ? head : subscriber->stop_at;
    subscriber->complete = head > subscriber->complete ? head : subscriber->complete;
    if (subscriber->complete >= subscriber->given) {
        seen_clear(&subscriber->seen);
    }
    if (subscriber->complete >= subscriber->target) {
        subscriber->state = LIVE;
    } else { /* no progress: the desk shows an older state than the feed */
        subscriber->state = subscriber->complete > before ? TO_REPLAY : WAITING;
    }
    return given;
}

int subscriber_take_replay(struct rd_subscriber *subscriber, int *ret_stop)
{
    struct rd_desk_answer answer;
    int r = desk_take(subscriber->desk, &answer);
    if (r < 0) {
        return r;
    }
    if (r == 0) {
        if (client_now_us() - subscriber->asked_us < SUBSCRIBER_ANSWER_US) {
            return 0;
        }
        subscriber->state = WAITING;
        return desk_reconnect(subscriber->desk);
    }
    subscriber->heard_us = client_now_us();
    return answer.error_code.len > 0 ? take_error(subscriber, &answer)
                                     : take_rows(subscriber, answer.result, ret_stop);
}
