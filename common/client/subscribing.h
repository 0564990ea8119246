/* common/client/subscribing.h — a subscriber's inside: where it stands between the feed and the
 * desk. Inside this room only.
 *
 * subscriber.c opens, reads the feed and turns; subscriber_replay.c asks the desk and gives what it
 * answers. */
#pragma once

#include "common/client/inner.h"
#include "common/client/seen.h"
#include "common/client/subscriber.h"

enum { SUBSCRIBER_ERROR_MAX = 320 };
#define SUBSCRIBER_ANSWER_US INT64_C(5000000)

enum subscriber_state {
    WAITING,   /* for a heartbeat */
    TO_REPLAY, /* the desk is to be asked */
    REPLAYING, /* it was asked; meanwhile nothing is read of the feed */
    LIVE,
};

struct rd_subscriber {
    struct rd_subscriber_options options;
    char unit[RD_UNIT_PATH_MAX];
    void *feed;
    struct rd_desk *desk;
    enum subscriber_state state;
    bool is_silent, has_heartbeat;
    bool doubts;       /* whether the daemon has what was had */
    uint64_t told;     /* what it must have: the cursor as kept, then the last heartbeat's number */
    uint64_t complete; /* all of the subscription up to here was given */
    uint64_t given;    /* the greatest number given */
    struct seen seen;  /* of what was given live, beyond complete: its last by unit */
    uint64_t heartbeat; /* its seq */
    uint64_t target;    /* the replay goes on up to here */
    uint64_t stop_at;   /* and no further */
    uint64_t term;      /* of the heartbeats; 0: none came yet */
    /* After the term went up: alerts of these terms up to this number were given before. */
    uint64_t had_term, had_seq;
    int64_t heard_us, asked_us;
    struct rd_tree *tree; /* of the feed's messages */
    struct rd_arena arena;
    struct rd_buf params;
    char error[SUBSCRIBER_ERROR_MAX];
};

/* What the caller says: 0, > 0, -errno (then it was not given). */
int subscriber_give(struct rd_subscriber *subscriber, const struct rd_alert *alert, rd_node map);
RD_MUST_USE int subscriber_unpack(
        struct rd_subscriber *subscriber, rd_node map, struct rd_alert *ret_alert);
/* The desk is to be asked, at least up to `target`. */
void subscriber_set_replay(struct rd_subscriber *subscriber, uint64_t target);
RD_MUST_USE int subscriber_ask(struct rd_subscriber *subscriber);
/* Takes the desk's answer, if it is there. How many were given; *ret_stop: what the caller said, if
 * it wants no more; -errno. */
RD_MUST_USE int subscriber_take_replay(struct rd_subscriber *subscriber, int *ret_stop);
