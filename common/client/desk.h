/* common/client/desk.h — questions to a daemon: MessagePack-RPC over a DEALER.
 *
 * One question at a time, answered before the call returns. Source: redress-protocol(7), "Desk". */
#pragma once

#include "common/client/client.h"
#include "common/wire/pack.h"

struct rd_desk;

struct rd_desk_answer {                      /* borrowed until the next call */
    struct rd_str error_code, error_message; /* code empty: no error */
    rd_node error;                           /* the error's map; NULL: none */
    rd_node result;                          /* a map; NULL where there is an error */
};

/* -EINVAL: no such endpoint. The daemon need not run yet. */
RD_MUST_USE int rd_desk_open(
        struct rd_client *client, const char *endpoint, struct rd_desk **ret_desk);
void rd_desk_close(struct rd_desk *desk); /* NULL: nothing */
void rd_desk_closep(struct rd_desk **desk);

/* `params`: one packed map, or empty. Tries for timeout_us: -ETIMEDOUT then, and the next call has
 * a new connection. 0 also where the desk answered with an error. -EPROTO, -EINTR, -errno. */
RD_MUST_USE int rd_desk_call(struct rd_desk *desk, const char *method, struct rd_str params,
        int64_t timeout_us, struct rd_desk_answer *ret_answer);
