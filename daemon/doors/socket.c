#include "daemon/doors/socket.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include <zmq.h>

enum {
    HANDSHAKE_MS = 10000, /* a peer that connects and says nothing holds nothing for long */
    BACKLOG = 256,
    /* A host that went without a word is gone after 10 + 4 x 5 seconds. Not by ZMTP's heartbeats:
     * where a socket stops reading, they end the process (libzmq 4.3.4). */
    ALIVE_IDLE_S = 10,
    ALIVE_EVERY_S = 5,
    ALIVE_COUNT = 4,
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
            {ZMQ_RCVHWM, 0}, /* the gate stops reading long before */
            {ZMQ_IPV6, 1},
            {ZMQ_BACKLOG, BACKLOG},
            {ZMQ_HANDSHAKE_IVL, HANDSHAKE_MS},
            {ZMQ_TCP_KEEPALIVE, 1},
            {ZMQ_TCP_KEEPALIVE_IDLE, ALIVE_IDLE_S},
            {ZMQ_TCP_KEEPALIVE_INTVL, ALIVE_EVERY_S},
            {ZMQ_TCP_KEEPALIVE_CNT, ALIVE_COUNT},
    };
    for (size_t i = 0; i < RD_COUNT(common); i++) {
        int r = set_int(socket, common[i].option, common[i].value);
        if (r < 0) {
            return r;
        }
    }
    int64_t frame_max = (int64_t)options->rules.in.frame_bytes;
    RD_ASSERT(frame_max > 0);
    if (zmq_setsockopt(socket, ZMQ_MAXMSGSIZE, &frame_max, sizeof frame_max) < 0) {
        return -errno;
    }
    if (options->type == ZMQ_ROUTER) {
        /* MANDATORY: a receipt to a peer that went is counted, not swallowed. HANDOVER: a producer
         * with an id of its own that comes back before its last connection is wound up is let in;
         * while that one stands, the gate refuses it. */
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

int socket_open(
        struct doors *doors, const struct socket_options *options, struct socket *ret_socket)
{
    RD_ASSERT(options->send_max > 0 && doors->rules_count < DOORS_SOCKETS_MAX);
    void *handle = zmq_socket(doors->context, options->type);
    if (handle == NULL) {
        return -errno;
    }
    int r = set_all(handle, options);
    if (r < 0) {
        (void)zmq_close(handle);
        return r;
    }
    struct gate_rules *rules = &doors->rules[doors->rules_count++];
    *rules = options->rules;
    *ret_socket = (struct socket){.handle = handle, .rules = rules};
    return 0;
}

void socket_close(struct socket *socket)
{
    if (socket->handle != NULL) {
        int r = zmq_close(socket->handle);
        RD_ASSERT(r == 0);
        socket->handle = NULL;
    }
}

/* A socket that listens already is ZeroMQ's from here on; it never removes its file. */
static int bind_one(void *socket, const struct endpoint *endpoint, int fd)
{
    if (fd < 0) {
        return zmq_bind(socket, endpoint->text);
    }
    gate_listening(fd); /* libzmq does not call listen(2) for this one */
    int r = set_int(socket, ZMQ_USE_FD, fd) < 0 ? -1 : zmq_bind(socket, endpoint->text);
    int error = errno;
    if (r < 0) {
        (void)close(fd);
    }
    (void)set_int(socket, ZMQ_USE_FD, -1);
    errno = error;
    return r;
}

static int each(void *socket, struct endpoints endpoints, bool is_bind, char ret_what[static 256])
{
    for (size_t i = 0; i < endpoints.count; i++) {
        struct endpoint endpoint;
        int r = endpoint_parse(rd_str_of(endpoints.at[i]), &endpoint, ret_what);
        if (r < 0) {
            return r;
        }
        int fd = endpoints.fds != NULL ? endpoints.fds[i] : -1;
        r = is_bind ? bind_one(socket, &endpoint, fd) : zmq_connect(socket, endpoint.text);
        if (r < 0) {
            int error = errno;
            (void)snprintf(ret_what, 256, "%s %.120s: %s",
                    is_bind ? "listening on" : "connecting to", endpoint.text, zmq_strerror(error));
            return -error;
        }
    }
    return 0;
}

int socket_bind(struct socket *socket, struct endpoints endpoints, char ret_what[static 256])
{
    gate_listen_for(socket->rules);
    int r = each(socket->handle, endpoints, true, ret_what);
    gate_listen_for(NULL);
    return r;
}

int socket_connect(struct socket *socket, struct endpoints endpoints, char ret_what[static 256])
{
    gate_connect_for(socket->rules);
    return each(socket->handle, endpoints, false, ret_what);
}
