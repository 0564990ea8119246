/* common/client/subscriber.h — the alerts of a unit and all below it, in order, without a gap.
 *
 * One number, the cursor, says what the caller has had: every alert of the subscription with a
 * number up to it. With the cursor kept, a caller that was away gets what it missed; each alert is
 * given at least once, and twice only where the caller died before it kept the cursor.
 *
 * It subscribes, waits for a heartbeat, asks the desk for the alerts after the cursor, then gives
 * those that the feed brings. A `prev` other than the last alert of the same unit shows a gap, and
 * the desk is asked again; so it is after a silence, and every 10 s while the cursor lags the
 * heartbeat. Giving an alert does not acknowledge it. Source: redress-protocol(7), "Feed",
 * "Catching up". */
#pragma once

#include "common/client/client.h"
#include "common/wire/alert.h"

#define RD_SUBSCRIBER_SILENCE_US INT64_C(5000000)
#define RD_SUBSCRIBER_FROM_NOW   UINT64_MAX /* as cursor: what comes from the first heartbeat on */

enum { RD_UNIT_PATH_MAX = 256 };

struct rd_subscriber_options {
    const char *feed, *desk; /* endpoints */
    const char *unit;        /* its path, or "~ops"; empty or NULL: all that may be seen */
    uint64_t cursor;         /* as kept; 0: from the first that is kept */
    uint64_t term;           /* under which the cursor was kept; 0: not known */
    int64_t silence_us;      /* without a heartbeat; 0: RD_SUBSCRIBER_SILENCE_US */
    void *context;
    /* The next alert, and its whole map; both borrowed for the call. 0: taken; > 0: taken, and the
     * turn ends; -errno: not taken, the turn ends with it, and the same alert comes again. */
    int (*alert)(void *context, const struct rd_alert *alert, rd_node map);
    /* The heartbeats have stopped, or have come back. May be NULL. */
    void (*silence)(void *context, bool is_silent);
    /* Alerts after the cursor are no longer kept; the oldest kept one is given next. May be
     * NULL. */
    void (*gone)(void *context, uint64_t cursor, uint64_t oldest);
    /* The daemon's term went up: numbers up to the cursor may be other alerts now, and those of the
     * new term are given, whatever their numbers. May be NULL. */
    void (*renewed)(void *context, uint64_t cursor, uint64_t term);
};

struct rd_subscriber;

/* -EINVAL: no such endpoint, or a unit too long. The daemon need not run yet. */
RD_MUST_USE int rd_subscriber_open(struct rd_client *client,
        const struct rd_subscriber_options *options, struct rd_subscriber **ret_subscriber);
void rd_subscriber_close(struct rd_subscriber *subscriber); /* NULL: nothing */
void rd_subscriber_closep(struct rd_subscriber **subscriber);

/* Gives alerts, until there is none and at least one was given, or until timeout_us. How many;
 * -EINTR, -EPROTO, -EREMOTEIO (the desk refused), -ESTALE (the daemon never sent what lies at the
 * cursor, and what it sends would pass for known), both: rd_subscriber_error(); -errno. */
RD_MUST_USE int rd_subscriber_turn(struct rd_subscriber *subscriber, int64_t timeout_us);

/* All up to here was given: what to keep. It may lag what came live by some seconds; RD_SUBSCRIBER_
 * FROM_NOW before the first heartbeat. */
uint64_t rd_subscriber_cursor(const struct rd_subscriber *subscriber);
/* The term of that; 0: not known yet. */
uint64_t rd_subscriber_term(const struct rd_subscriber *subscriber);
/* After the term went up the cursor begins anew: until it has come to where it was, the one that
 * was kept, with its term, is the one to keep. */
bool rd_subscriber_is_behind(const struct rd_subscriber *subscriber);
/* Before the end: asks the desk whether all up to the last one given was given (what was missing is
 * given now), so that the cursor is that one. 0, -ETIMEDOUT, and as rd_subscriber_turn(). */
RD_MUST_USE int rd_subscriber_settle(struct rd_subscriber *subscriber, int64_t timeout_us);
/* What the desk said with -EREMOTEIO: "code: message"; with -ESTALE the numbers. */
const char *rd_subscriber_error(const struct rd_subscriber *subscriber);
/* The last heartbeat's number; false: none came yet. */
bool rd_subscriber_heartbeat(const struct rd_subscriber *subscriber, uint64_t *ret_seq);
