/* daemon/doors/feed.h — the way out: XPUB, two frames a message, topic and body.
 *
 * It sends and forgets: a subscriber asks the desk for what it missed (feed.replay). A slow
 * subscriber loses messages beyond its queue; the daemon never waits for it. One thread, but for
 * feed_subscribers(). Source: redress-protocol(7), "Feed". */
#pragma once

#include "daemon/doors/doors.h"

enum { FEED_TOPICS_MAX = 8192, FEED_TOPIC_BYTES_MAX = 400 };

struct feed_options {
    struct endpoints bind;
    /* Whether it may hear all that begins with `topic`; asked where it is told apart who
     * subscribes: `user` is a client's name, or a text of bind.users. */
    bool (*may_hear)(void *context, struct rd_str user, struct rd_str topic);
    void *context;
};
RD_MUST_USE int feed_open(struct doors *doors, const struct feed_options *options,
        struct feed **ret_feed, char ret_what[static 256]);
/* Listens at more. */
RD_MUST_USE int feed_bind(struct feed *feed, struct endpoints endpoints, char ret_what[static 256]);
void feed_close(struct feed *feed);
void feed_closep(struct feed **feed);

/* Never waits. 0, or -errno: not sent to anybody. */
RD_MUST_USE int feed_publish(struct feed *feed, struct rd_str topic, struct rd_str body);
/* Reads what subscribers asked for, at most `max` of it; how many were subscriptions (not ends). */
size_t feed_take_subscriptions(struct feed *feed, size_t max);
/* To be called after rights have changed: cuts off peers that hear topics they may not hear any
 * more. */
void feed_review(struct feed *feed);
/* Subscriptions refused since open; *ret_last: whose the last one was, empty where there is none.
 */
uint64_t feed_refused(const struct feed *feed, struct rd_str *ret_last);
/* How many subscriptions cover `topic` now: their text is a prefix of it. Any thread. Topics longer
 * than FEED_TOPIC_BYTES_MAX, or beyond FEED_TOPICS_MAX different ones, are served but not counted.
 */
uint64_t feed_subscribers(struct feed *feed, struct rd_str topic);
