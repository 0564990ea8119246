/* common/client/inner.h — sockets and time of the client library. Inside this room only. */
#pragma once

#include <errno.h>

#include <zmq.h>

#include "common/client/client.h"
#include "common/client/desk.h"

enum {
    CLIENT_RECEIVE_MAX = 100000,                /* messages waiting to be read */
    CLIENT_FRAME_BYTES_MAX = 256 * 1024 * 1024, /* an answer of the desk with 10,000 alerts */
};

struct client_keys {
    bool has_keys;
    char public_key[RD_KEY_LETTERS + 1], secret_key[RD_KEY_LETTERS + 1];
    char server_key[RD_KEY_LETTERS + 1];
};
/* Errors as rd_client_use_key(); *ret_keys is untouched then. */
RD_MUST_USE int client_keys_read(const char *path, struct client_keys *ret_keys);
RD_MUST_USE int client_keys_set(const struct client_keys *keys, void *socket);

/* A socket of `type` on its way to `endpoint`. What is sent before a peer is there waits in the
 * socket, and goes with it. -EINVAL: no such endpoint; other -errno. */
RD_MUST_USE int client_socket(
        struct rd_client *client, int type, const char *endpoint, void **ret_socket);
void client_socket_close(void **socket);

/* µs of a clock that only goes on, for timeouts. */
int64_t client_now_us(void);
/* From now until `until_us`, in whole milliseconds for zmq_poll(), rounded up; INT64_MAX: -1. */
long client_wait_ms(int64_t until_us);

/* -errno of ZeroMQ's last failure. */
static inline int client_error(void)
{
    int error = zmq_errno();
    return error > 0 ? -error : -EIO;
}

/* For the subscriber, which waits at two sockets and asks without waiting. */
void *desk_socket(struct rd_desk *desk);
/* Sends the question. 0, -EAGAIN (too many wait for the peer), -errno. An older one's answer is
 * dropped. */
RD_MUST_USE int desk_ask(struct rd_desk *desk, const char *method, struct rd_str params);
/* 1: the answer to the last desk_ask(); 0: not there yet; -EPROTO, -errno. */
RD_MUST_USE int desk_take(struct rd_desk *desk, struct rd_desk_answer *ret_answer);
/* A new connection: what was asked is forgotten. */
RD_MUST_USE int desk_reconnect(struct rd_desk *desk);
