#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <zmq.h>

#include "common/client/subscribing.h"

enum {
    TOPIC_BYTES_MAX = RD_UNIT_PATH_MAX + 2,
    TURN_MESSAGES_MAX = 10000, /* read in one go, before the time is looked at */
};
#define ASK_EVERY_US INT64_C(10000000)

static int subscribe(struct rd_subscriber *subscriber)
{
    static const char heartbeat[] = "~heartbeat";
    char topic[TOPIC_BYTES_MAX];
    int length = subscriber->unit[0] == '\0'
                         ? 0
                         : snprintf(topic, sizeof topic, "%s/", subscriber->unit);
    if (zmq_setsockopt(subscriber->feed, ZMQ_SUBSCRIBE, topic, (size_t)length) < 0 ||
            zmq_setsockopt(subscriber->feed, ZMQ_SUBSCRIBE, heartbeat, sizeof heartbeat - 1) < 0) {
        return client_error();
    }
    return 0;
}

int rd_subscriber_open(struct rd_client *client, const struct rd_subscriber_options *options,
        struct rd_subscriber **ret_subscriber)
{
    const char *unit = options->unit != NULL ? options->unit : "";
    if (strlen(unit) >= RD_UNIT_PATH_MAX) {
        return -EINVAL;
    }
    struct rd_subscriber *subscriber = calloc(1, sizeof *subscriber);
    if (subscriber == NULL) {
        rd_oom();
    }
    *subscriber = (struct rd_subscriber){.options = *options,
            .complete = options->cursor,
            .told = options->cursor == RD_SUBSCRIBER_FROM_NOW ? 0 : options->cursor,
            .stop_at = UINT64_MAX,
            .term = options->term,
            .heard_us = client_now_us(),
            .tree = rd_tree_new()};
    (void)snprintf(subscriber->unit, sizeof subscriber->unit, "%s", unit);
    if (subscriber->options.silence_us <= 0) {
        subscriber->options.silence_us = RD_SUBSCRIBER_SILENCE_US;
    }
    rd_arena_init(&subscriber->arena, (size_t)64 * CLIENT_FRAME_BYTES_MAX);
    rd_buf_init(&subscriber->params, 2 * RD_UNIT_PATH_MAX);
    int r = rd_desk_open(client, options->desk, &subscriber->desk);
    r = r < 0 ? r : client_socket(client, ZMQ_SUB, options->feed, &subscriber->feed);
    r = r < 0 ? r : subscribe(subscriber);
    if (r < 0) {
        rd_subscriber_close(subscriber);
        return r;
    }
    *ret_subscriber = subscriber;
    return 0;
}

void rd_subscriber_close(struct rd_subscriber *subscriber)
{
    if (subscriber == NULL) {
        return;
    }
    client_socket_close(&subscriber->feed);
    rd_desk_close(subscriber->desk);
    seen_clear(&subscriber->seen);
    rd_tree_free(subscriber->tree);
    rd_arena_done(&subscriber->arena);
    rd_buf_done(&subscriber->params);
    free(subscriber);
}

void rd_subscriber_closep(struct rd_subscriber **subscriber)
{
    rd_subscriber_close(*subscriber);
    *subscriber = NULL;
}

/* ---- what comes live ---- */

/* The state was restored without the journal's end, or a standby was promoted: numbers from there
 * on are given again. From the oldest alert on, those of the new term are new. */
static void renew(struct rd_subscriber *subscriber, uint64_t term)
{
    uint64_t had =
            subscriber->complete > subscriber->given ? subscriber->complete : subscriber->given;
    if (subscriber->options.renewed != NULL) {
        subscriber->options.renewed(subscriber->options.context, had, term);
    }
    subscriber->had_term = subscriber->term;
    subscriber->had_seq = had;
    subscriber->complete = subscriber->given = subscriber->told = subscriber->target = 0;
    subscriber->doubts = false;
    seen_clear(&subscriber->seen);
    subscriber->state = WAITING;
}

static void take_term(struct rd_subscriber *subscriber, rd_node map)
{
    uint64_t term = rd_node_uint(rd_node_find(map, "term"));
    if (subscriber->term != 0 && term > subscriber->term &&
            subscriber->complete != RD_SUBSCRIBER_FROM_NOW) {
        renew(subscriber, term);
    }
    subscriber->term = term > subscriber->term ? term : subscriber->term;
}

static void take_heartbeat(struct rd_subscriber *subscriber, rd_node map)
{
    take_term(subscriber, map);
    subscriber->heartbeat = rd_node_uint(rd_node_find(map, "seq"));
    subscriber->has_heartbeat = true;
    subscriber->heard_us = client_now_us();
    if (subscriber->is_silent) {
        subscriber->is_silent = false;
        if (subscriber->options.silence != NULL) {
            subscriber->options.silence(subscriber->options.context, false);
        }
    }
    if (subscriber->complete == RD_SUBSCRIBER_FROM_NOW) {
        subscriber->complete = subscriber->heartbeat;
        subscriber->state = LIVE;
        return;
    }
    uint64_t told = subscriber->told;
    subscriber->told = subscriber->heartbeat;
    if (subscriber->heartbeat < told) {
        subscriber->doubts = true;
        subscriber_set_replay(subscriber, told);
        return;
    }
    bool is_behind = subscriber->heartbeat > subscriber->complete;
    if (!is_behind && subscriber->state == WAITING) {
        subscriber->state = LIVE;
    } else if (is_behind && (subscriber->state == WAITING ||
                                    subscriber->heard_us - subscriber->asked_us >= ASK_EVERY_US)) {
        subscriber_set_replay(subscriber, subscriber->heartbeat);
    }
}

/* 1: given; 0: not for us, or only after the desk was asked; -errno. */
static int take_alert(struct rd_subscriber *subscriber, rd_node map, int *ret_stop)
{
    struct rd_alert alert;
    if (subscriber->state != LIVE) {
        return 0; /* the replay brings it */
    }
    if (subscriber_unpack(subscriber, map, &alert) < 0) {
        return -EPROTO;
    }
    uint64_t last = seen_get(&subscriber->seen, alert.unit);
    last = last > subscriber->complete ? last : subscriber->complete;
    if (alert.seq <= last) {
        return 0;
    }
    if (alert.prev > last) {
        subscriber_set_replay(subscriber, alert.seq);
        return 0;
    }
    int r = subscriber_give(subscriber, &alert, map);
    if (r < 0) {
        subscriber_set_replay(subscriber, alert.seq);
        *ret_stop = r;
        return 0;
    }
    seen_set(&subscriber->seen, alert.unit, alert.seq);
    *ret_stop = r;
    return 1;
}

/* The two frames of one message. 1; 0: there is none; -EPROTO, -errno. */
static int receive(void *socket, zmq_msg_t *topic, zmq_msg_t *body)
{
    if (zmq_msg_recv(topic, socket, ZMQ_DONTWAIT) < 0) {
        int r = client_error();
        return r == -EAGAIN ? 0 : r;
    }
    if (!zmq_msg_more(topic)) {
        return -EPROTO;
    }
    if (zmq_msg_recv(body, socket, ZMQ_DONTWAIT) < 0) {
        return client_error();
    }
    return zmq_msg_more(body) ? -EPROTO : 1;
}

/* 1: an alert was given; 0: something else came; -EAGAIN: nothing did; -errno. */
static int take_message(struct rd_subscriber *subscriber, int *ret_stop)
{
    zmq_msg_t topic, body;
    (void)zmq_msg_init(&topic);
    (void)zmq_msg_init(&body);
    int r = receive(subscriber->feed, &topic, &body);
    if (r == 1) {
        struct rd_str name = {.ptr = zmq_msg_data(&topic), .len = zmq_msg_size(&topic)};
        struct rd_str bytes = {.ptr = zmq_msg_data(&body), .len = zmq_msg_size(&body)};
        rd_node map = NULL;
        r = rd_tree_read(subscriber->tree, bytes, &map, NULL);
        if (r < 0) {
            r = -EPROTO;
        } else if (rd_str_is(name, "~heartbeat")) {
            take_heartbeat(subscriber, map);
        } else {
            r = take_alert(subscriber, map, ret_stop);
        }
    } else if (r == 0) {
        r = -EAGAIN;
    }
    (void)zmq_msg_close(&topic);
    (void)zmq_msg_close(&body);
    return r;
}

static void watch(struct rd_subscriber *subscriber)
{
    if (!subscriber->is_silent &&
            client_now_us() - subscriber->heard_us >= subscriber->options.silence_us) {
        subscriber->is_silent = true;
        subscriber->state = WAITING;
        if (subscriber->options.silence != NULL) {
            subscriber->options.silence(subscriber->options.context, true);
        }
    }
}

static int take_feed(struct rd_subscriber *subscriber, int *ret_stop)
{
    int given = 0;
    for (int i = 0; i < TURN_MESSAGES_MAX; i++) {
        if (subscriber->state != LIVE && subscriber->state != WAITING) {
            return given;
        }
        int r = take_message(subscriber, ret_stop);
        if (r == -EAGAIN) {
            watch(subscriber);
            return given;
        }
        if (r < 0) {
            return r;
        }
        given += r;
        if (*ret_stop != 0) {
            return given;
        }
    }
    return given;
}

/* ---- the turn ---- */

static int wait_for(struct rd_subscriber *subscriber, int64_t until_us)
{
    bool asks = subscriber->state == REPLAYING;
    zmq_pollitem_t item = {.socket = asks ? desk_socket(subscriber->desk) : subscriber->feed,
            .events = ZMQ_POLLIN};
    int64_t due_us = INT64_MAX;
    if (asks) {
        due_us = subscriber->asked_us + SUBSCRIBER_ANSWER_US;
    } else if (!subscriber->is_silent) {
        due_us = subscriber->heard_us + subscriber->options.silence_us;
    }
    long ms = client_wait_ms(due_us < until_us ? due_us : until_us);
    return zmq_poll(&item, 1, ms) < 0 ? client_error() : 0;
}

/* How many were given, *ret_stop what the caller said if it was not 0; -errno. */
static int step(struct rd_subscriber *subscriber, int *ret_stop)
{
    if (subscriber->state == TO_REPLAY) {
        int r = subscriber_ask(subscriber);
        if (r < 0) {
            return r;
        }
    }
    if (subscriber->state == REPLAYING) {
        return subscriber_take_replay(subscriber, ret_stop);
    }
    return take_feed(subscriber, ret_stop);
}

int rd_subscriber_turn(struct rd_subscriber *subscriber, int64_t timeout_us)
{
    int64_t until_us = client_now_us() + timeout_us;
    int given = 0;
    for (;;) {
        int64_t now_us = client_now_us();
        int stop = 0;
        int r = step(subscriber, &stop);
        if (r < 0) {
            return r;
        }
        given += r;
        if (stop != 0) {
            return stop < 0 ? stop : given;
        }
        bool is_to_ask = subscriber->state == TO_REPLAY;
        if ((given > 0 && !is_to_ask) || now_us >= until_us) {
            return given;
        }
        r = is_to_ask ? 0 : wait_for(subscriber, until_us);
        if (r < 0) {
            return r;
        }
    }
}

uint64_t rd_subscriber_cursor(const struct rd_subscriber *subscriber)
{
    return subscriber->complete;
}

uint64_t rd_subscriber_term(const struct rd_subscriber *subscriber)
{
    return subscriber->term;
}

bool rd_subscriber_is_behind(const struct rd_subscriber *subscriber)
{
    return subscriber->had_term != 0 && subscriber->state != LIVE &&
           subscriber->complete < subscriber->had_seq;
}

int rd_subscriber_settle(struct rd_subscriber *subscriber, int64_t timeout_us)
{
    int64_t until_us = client_now_us() + timeout_us;
    subscriber->stop_at = subscriber->given;
    int r = 0;
    while (r >= 0 && subscriber->complete < subscriber->given) {
        if (subscriber->state != REPLAYING) {
            subscriber->target = subscriber->given;
            subscriber->state = TO_REPLAY;
        }
        int64_t left_us = until_us - client_now_us();
        if (left_us <= 0) {
            r = -ETIMEDOUT;
            break;
        }
        int stop = 0;
        r = step(subscriber, &stop);
        r = stop < 0 ? stop : r;
        if (r >= 0 && subscriber->state != TO_REPLAY && subscriber->complete < subscriber->given) {
            r = wait_for(subscriber, until_us);
        }
    }
    subscriber->stop_at = UINT64_MAX;
    return r < 0 ? r : 0;
}

const char *rd_subscriber_error(const struct rd_subscriber *subscriber)
{
    return subscriber->error;
}

bool rd_subscriber_heartbeat(const struct rd_subscriber *subscriber, uint64_t *ret_seq)
{
    if (subscriber->has_heartbeat) {
        *ret_seq = subscriber->heartbeat;
    }
    return subscriber->has_heartbeat;
}
