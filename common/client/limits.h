/* common/client/limits.h — limits.event_bytes of a daemon, learned from its desk without waiting.
 * Inside this room only. Source: redress-protocol(7), "status". */
#pragma once

#include "common/client/inner.h"

struct limits {
    struct rd_desk *desk; /* NULL: nobody is asked */
    bool is_asked, is_known;
    uint64_t event_bytes; /* where it is known */
};

/* `endpoint` NULL: nobody is asked. -EINVAL: no such endpoint; -errno. */
RD_MUST_USE int limits_open(struct limits *limits, struct rd_client *client, const char *endpoint);
void limits_close(struct limits *limits);
/* The daemon may be another one now. -errno. */
RD_MUST_USE int limits_forget(struct limits *limits);
/* Asks, or takes the answer. 0; -EPROTO, -errno. */
RD_MUST_USE int limits_learn(struct limits *limits);
/* What is to be waited at for the answer; NULL: none is awaited. */
void *limits_socket(const struct limits *limits);
/* An event of so many bytes: > 0: it is never taken; 0: it may be sent; < 0: nobody knows yet. */
int limits_judge(const struct limits *limits, size_t event_bytes);
