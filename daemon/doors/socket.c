#include "daemon/doors/socket.h"

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>

#include <zmq.h>

enum {
    HEARTBEAT_EVERY_MS = 10000,
    HEARTBEAT_TIMEOUT_MS = 30000, /* a peer that says nothing for so long is gone */
    HANDSHAKE_MS = 10000,         /* a peer that connects and says nothing holds nothing for long */
    BACKLOG = 256,
};

static int set_int(void *socket, int option, int value)
{
    return zmq_setsockopt(socket, option, &value, sizeof value) < 0 ? -errno : 0;
}

static int set_all(void *socket, const struct socket_options *options)
{
    const struct {
        int option, value;
    } common[] = {
            {ZMQ_LINGER, options->linger_ms},
            {ZMQ_SNDHWM, options->send_max},
            {ZMQ_RCVHWM, options->receive_max},
            {ZMQ_IMMEDIATE, 1},
            {ZMQ_IPV6, 1},
            {ZMQ_BACKLOG, BACKLOG},
            {ZMQ_HANDSHAKE_IVL, HANDSHAKE_MS},
            {ZMQ_HEARTBEAT_IVL, HEARTBEAT_EVERY_MS},
            {ZMQ_HEARTBEAT_TIMEOUT, HEARTBEAT_TIMEOUT_MS},
            {ZMQ_HEARTBEAT_TTL, HEARTBEAT_TIMEOUT_MS},
    };
    for (size_t i = 0; i < RD_COUNT(common); i++) {
        int r = set_int(socket, common[i].option, common[i].value);
        if (r < 0) {
            return r;
        }
    }
    if (zmq_setsockopt(socket, ZMQ_MAXMSGSIZE, &options->frame_bytes_max,
                sizeof options->frame_bytes_max) < 0) {
        return -errno;
    }
    if (options->type == ZMQ_ROUTER) {
        /* MANDATORY: a receipt to a peer that went is counted, not swallowed. HANDOVER: a producer
         * with a name of its own that comes back before we noticed that it went is let in. */
        int r = set_int(socket, ZMQ_ROUTER_MANDATORY, 1);
        return r < 0 ? r : set_int(socket, ZMQ_ROUTER_HANDOVER, 1);
    }
    if (options->type == ZMQ_XPUB) {
        /* VERBOSER: each subscription and its end is told, so that they can be counted. A slow
         * subscriber loses messages (NODROP off): it costs itself, never the turn. */
        int r = set_int(socket, ZMQ_XPUB_VERBOSER, 1);
        return r < 0 ? r : set_int(socket, ZMQ_XPUB_NODROP, 0);
    }
    return 0;
}

int socket_open(struct doors *doors, const struct socket_options *options, void **ret_socket)
{
    RD_ASSERT(options->send_max > 0 && options->receive_max > 0);
    void *socket = zmq_socket(doors->context, options->type);
    if (socket == NULL) {
        return -errno;
    }
    int r = set_all(socket, options);
    if (r < 0) {
        socket_close(&socket);
        return r;
    }
    *ret_socket = socket;
    return 0;
}

void socket_close(void **socket)
{
    if (*socket != NULL) {
        int r = zmq_close(*socket);
        RD_ASSERT(r == 0);
        *socket = NULL;
    }
}

static int each(void *socket, struct endpoints endpoints, bool is_bind, char ret_what[static 256])
{
    for (size_t i = 0; i < endpoints.count; i++) {
        struct endpoint endpoint;
        int r = endpoint_parse(rd_str_of(endpoints.at[i]), &endpoint, ret_what);
        if (r < 0) {
            return r;
        }
        r = is_bind ? zmq_bind(socket, endpoint.text) : zmq_connect(socket, endpoint.text);
        if (r == 0 && is_bind && endpoint.path != NULL) {
            r = chmod(endpoint.path, S_IRUSR | S_IWUSR | S_IRGRP | S_IWGRP);
        }
        if (r < 0) {
            int error = errno;
            (void)snprintf(ret_what, 256, "%s %.120s: %s",
                    is_bind ? "listening on" : "connecting to", endpoint.text, zmq_strerror(error));
            return -error;
        }
    }
    return 0;
}

int socket_bind(void *socket, struct endpoints endpoints, char ret_what[static 256])
{
    return each(socket, endpoints, true, ret_what);
}

int socket_connect(void *socket, struct endpoints endpoints, char ret_what[static 256])
{
    return each(socket, endpoints, false, ret_what);
}
