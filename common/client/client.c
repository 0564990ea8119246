#include "common/client/client.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <zmq.h>

#include "common/client/inner.h"

struct rd_client {
    void *context;
    struct client_keys keys;
};

enum {
    SEND_MAX = 10000,  /* messages waiting to leave */
    ALIVE_IDLE_S = 10, /* a host that vanished is noticed after 10 + 4 x 5 seconds */
    ALIVE_EVERY_S = 5,
    ALIVE_COUNT = 4,
    RECONNECT_MS = 50,
    RECONNECT_MAX_MS = 2000,
    THOUSAND = 1000,
};

int rd_client_open(struct rd_client **ret_client)
{
    struct rd_client *client = calloc(1, sizeof *client);
    if (client == NULL) {
        rd_oom();
    }
    const char *path = getenv("REDRESS_KEY");
    int r = path != NULL && path[0] != '\0' ? rd_client_use_key(client, path) : 0;
    if (r < 0) {
        free(client);
        return r;
    }
    client->context = zmq_ctx_new();
    if (client->context == NULL) {
        r = client_error();
        explicit_bzero(&client->keys, sizeof client->keys);
        free(client);
        return r;
    }
    *ret_client = client;
    return 0;
}

void rd_client_close(struct rd_client *client)
{
    if (client == NULL) {
        return;
    }
    while (zmq_ctx_term(client->context) < 0 && zmq_errno() == EINTR) {
    }
    explicit_bzero(&client->keys, sizeof client->keys);
    free(client);
}

void rd_client_closep(struct rd_client **client)
{
    rd_client_close(*client);
    *client = NULL;
}

/* Neither ZMQ_IMMEDIATE nor ZMQ_HEARTBEAT_IVL: with the first, libzmq 4.3.4 throws away what has
 * come when the other end goes, and ends the process where that was half read; with the second, it
 * ends the process when the other end goes while this one reads too slowly. */
static int set_options(void *socket)
{
    static const struct {
        int option, value;
    } options[] = {
            {ZMQ_LINGER, 0},
            {ZMQ_SNDHWM, SEND_MAX},
            {ZMQ_RCVHWM, CLIENT_RECEIVE_MAX},
            {ZMQ_TCP_KEEPALIVE, 1},
            {ZMQ_TCP_KEEPALIVE_IDLE, ALIVE_IDLE_S},
            {ZMQ_TCP_KEEPALIVE_INTVL, ALIVE_EVERY_S},
            {ZMQ_TCP_KEEPALIVE_CNT, ALIVE_COUNT},
            {ZMQ_RECONNECT_IVL, RECONNECT_MS},
            {ZMQ_RECONNECT_IVL_MAX, RECONNECT_MAX_MS},
            {ZMQ_IPV6, 1},
    };
    for (size_t i = 0; i < RD_COUNT(options); i++) {
        if (zmq_setsockopt(socket, options[i].option, &options[i].value, sizeof options[i].value) <
                0) {
            return client_error();
        }
    }
    int64_t frame_max = CLIENT_FRAME_BYTES_MAX;
    return zmq_setsockopt(socket, ZMQ_MAXMSGSIZE, &frame_max, sizeof frame_max) < 0 ? client_error()
                                                                                    : 0;
}

int rd_client_use_key(struct rd_client *client, const char *path)
{
    return client_keys_read(path, &client->keys);
}

int client_socket(struct rd_client *client, int type, const char *endpoint, void **ret_socket)
{
    void *socket = zmq_socket(client->context, type);
    if (socket == NULL) {
        return client_error();
    }
    int r = set_options(socket);
    if (r == 0 && client->keys.has_keys && strncmp(endpoint, "tcp://", 6) == 0) {
        r = client_keys_set(&client->keys, socket);
    }
    if (r == 0 && zmq_connect(socket, endpoint) < 0) {
        r = client_error();
    }
    if (r < 0) {
        (void)zmq_close(socket);
        return r;
    }
    *ret_socket = socket;
    return 0;
}

void client_socket_close(void **socket)
{
    if (*socket != NULL) {
        (void)zmq_close(*socket);
        *socket = NULL;
    }
}

int64_t client_now_us(void)
{
    struct timespec now;
    int r = clock_gettime(CLOCK_MONOTONIC, &now);
    RD_ASSERT(r == 0);
    return (int64_t)now.tv_sec * THOUSAND * THOUSAND + now.tv_nsec / THOUSAND;
}

long client_wait_ms(int64_t until_us)
{
    if (until_us == INT64_MAX) {
        return -1;
    }
    int64_t left_us = until_us - client_now_us();
    if (left_us <= 0) {
        return 0;
    }
    int64_t left_ms = (left_us + THOUSAND - 1) / THOUSAND;
    return left_ms < INT_MAX ? (long)left_ms : INT_MAX;
}
