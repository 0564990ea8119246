#include "daemon/doors/socket.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <zmq.h>

enum {
    HANDSHAKE_MS = 10000, /* a silent peer holds its connection only for so long */
    BACKLOG = 256,
    /* A host that vanished is noticed after 10 + 4 x 5 seconds, by TCP. ZMTP's heartbeats cannot be
     * used: they end the process when a socket stops reading (libzmq 4.3.4). */
    ALIVE_IDLE_S = 10,
    ALIVE_EVERY_S = 5,
    ALIVE_COUNT = 4,
};

static int set_int(void *socket, int option, int value)
{
    return zmq_setsockopt(socket, option, &value, sizeof value) < 0 ? -errno : 0;
}

static int set_text(void *socket, int option, const char *text)
{
    return zmq_setsockopt(socket, option, text, strlen(text)) < 0 ? -errno : 0;
}

static int set_common(void *socket, const struct socket_options *options, bool is_keyed)
{
    const struct {
        int option, value;
    } common[] = {
            {ZMQ_LINGER, options->linger_ms},
            {ZMQ_SNDHWM, options->send_max},
            /* The gate stops reading long before; this is for peers that it cannot pause. */
            {ZMQ_RCVHWM, is_keyed ? (int)options->rules.unread_messages : 0},
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
    /* Handshakes are slow: they have an I/O thread of their own. */
    uint64_t thread = is_keyed ? 2 : 1;
    int64_t frame_max = (int64_t)options->rules.in.frame_bytes + (is_keyed ? GATE_CURVE_EXTRA : 0);
    RD_ASSERT(frame_max > 0);
    return zmq_setsockopt(socket, ZMQ_AFFINITY, &thread, sizeof thread) < 0 ||
                           zmq_setsockopt(socket, ZMQ_MAXMSGSIZE, &frame_max, sizeof frame_max) < 0
                   ? -errno
                   : 0;
}

static int set_type(void *socket, const struct socket_options *options, bool is_keyed)
{
    if (options->type == ZMQ_ROUTER) {
        /* MANDATORY: a receipt to a peer that went is counted, not swallowed. HANDOVER: a producer
         * with an id of its own that comes back before its last connection is wound up is let in;
         * while that one stands, the gate refuses it. Under keys the gate cannot read the id, and
         * an id would be handed over to another's key: the gate cuts off who is not let in. */
        int r = set_int(socket, ZMQ_ROUTER_MANDATORY, 1);
        return r < 0 ? r : set_int(socket, ZMQ_ROUTER_HANDOVER, is_keyed ? 0 : 1);
    }
    if (options->type == ZMQ_XPUB) {
        /* VERBOSER: each subscription and its end is told, so that they can be counted. A slow
         * subscriber loses messages (NODROP off): it costs itself, never the turn. MANUAL: nothing
         * is subscribed to but what the door grants. */
        int r = set_int(socket, options->is_manual ? ZMQ_XPUB_MANUAL : ZMQ_XPUB_VERBOSER, 1);
        return r < 0 ? r : set_int(socket, ZMQ_XPUB_NODROP, 0);
    }
    return 0;
}

static int set_keys(const struct doors *doors, void *socket, int type)
{
    if (type == ZMQ_SUB) {
        int r = set_text(socket, ZMQ_CURVE_PUBLICKEY, doors->public_key);
        return r < 0 ? r : set_text(socket, ZMQ_CURVE_SECRETKEY, doors->secret_key);
    }
    int r = set_int(socket, ZMQ_CURVE_SERVER, 1);
    r = r < 0 ? r : set_text(socket, ZMQ_CURVE_SECRETKEY, doors->secret_key);
    return r < 0 ? r : set_text(socket, ZMQ_ZAP_DOMAIN, ZAP_DOMAIN);
}

static int open_one(struct doors *doors, const struct socket_options *options, const char *user,
        struct socket *ret_socket)
{
    RD_ASSERT(options->send_max > 0 && doors->rules_count < DOORS_SOCKETS_MAX);
    bool is_keyed = user == NULL;
    bool is_told_apart = is_keyed || user[0] != '\0';
    struct socket_options own = *options;
    own.is_manual = options->is_manual && is_told_apart;
    void *handle = zmq_socket(doors->context, options->type);
    if (handle == NULL) {
        return -errno;
    }
    int r = set_common(handle, &own, is_keyed);
    r = r < 0 ? r : set_type(handle, &own, is_keyed);
    r = r < 0 || !is_keyed ? r : set_keys(doors, handle, options->type);
    if (r < 0) {
        (void)zmq_close(handle);
        return r;
    }
    struct gate_rules *rules = &doors->rules[doors->rules_count++];
    *rules = options->rules;
    rules->is_curve = is_keyed;
    rules->in.frame_bytes += is_keyed ? GATE_CURVE_EXTRA : 0;
    *ret_socket = (struct socket){.doors = doors,
            .handle = handle,
            .rules = rules,
            .is_keyed = is_keyed,
            .is_manual = own.is_manual};
    (void)snprintf(ret_socket->user, sizeof ret_socket->user, "%s", is_keyed ? "" : user);
    return 0;
}

void sockets_close(struct sockets *sockets)
{
    for (size_t i = 0; i < sockets->count; i++) {
        int r = zmq_close(sockets->at[i].handle);
        RD_ASSERT(r == 0);
    }
    sockets->count = 0;
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

static int join(struct socket *socket, const struct endpoints *endpoints, size_t at, bool is_bind,
        char ret_what[static 256])
{
    struct endpoint endpoint;
    int r = endpoint_parse(rd_str_of(endpoints->at[at]), &endpoint, ret_what);
    if (r < 0) {
        return r;
    }
    const char *key = endpoints->server_keys != NULL ? endpoints->server_keys[at] : NULL;
    if (socket->is_keyed && !is_bind) {
        r = set_text(socket->handle, ZMQ_CURVE_SERVERKEY, key != NULL ? key : "");
    }
    if (r == 0) {
        int fd = endpoints->fds != NULL ? endpoints->fds[at] : -1;
        r = is_bind ? bind_one(socket->handle, &endpoint, fd)
                    : zmq_connect(socket->handle, endpoint.text);
        r = r < 0 ? -errno : 0;
    }
    if (r < 0) {
        (void)snprintf(ret_what, 256, "%s %.120s: %s", is_bind ? "listening on" : "connecting to",
                endpoint.text, zmq_strerror(-r));
    }
    return r;
}

static const char *user_of(const struct endpoints *endpoints, size_t at)
{
    return endpoints->users == NULL ? "" : endpoints->users[at];
}

static struct socket *find(struct sockets *sockets, const char *user)
{
    for (size_t i = 0; i < sockets->count; i++) {
        struct socket *one = &sockets->at[i];
        if (one->is_keyed ? user == NULL : user != NULL && strcmp(one->user, user) == 0) {
            return one;
        }
    }
    return NULL;
}

int sockets_bind(struct sockets *sockets, struct endpoints endpoint, char ret_what[static 256])
{
    struct socket *socket = find(sockets, user_of(&endpoint, 0));
    RD_ASSERT(endpoint.count == 1 && socket != NULL);
    gate_listen_for(socket->rules);
    int r = join(socket, &endpoint, 0, true, ret_what);
    gate_listen_for(NULL);
    return r;
}

int sockets_open(struct doors *doors, const struct socket_options *options,
        struct endpoints endpoints, struct sockets *sockets, char ret_what[static 256])
{
    bool is_bind = options->type != ZMQ_SUB;
    for (size_t i = 0; i < endpoints.count; i++) {
        const char *user = user_of(&endpoints, i);
        /* Each publisher gets a socket of its own, as nothing else tells its messages apart. */
        struct socket *socket = is_bind ? find(sockets, user) : NULL;
        int r = 0;
        if (socket == NULL) {
            RD_ASSERT(sockets->count < SOCKETS_MAX);
            socket = &sockets->at[sockets->count];
            bool is_keyed = user == NULL ||
                            (endpoints.server_keys != NULL && endpoints.server_keys[i] != NULL);
            r = open_one(doors, options, is_keyed ? NULL : user, socket);
            sockets->count += r == 0 ? 1 : 0;
            if (r == 0 && user != NULL) {
                (void)snprintf(socket->user, sizeof socket->user, "%s", user);
            }
        }
        if (r == 0 && !is_bind) {
            r = zmq_setsockopt(socket->handle, ZMQ_SUBSCRIBE, "", 0) < 0 ? -errno : 0;
            gate_connect_for(socket->rules);
        }
        gate_listen_for(r == 0 ? socket->rules : NULL);
        r = r < 0 ? r : join(socket, &endpoints, i, is_bind, ret_what);
        gate_listen_for(NULL);
        if (r < 0) {
            return r;
        }
    }
    return 0;
}

bool socket_who(struct socket *socket, zmq_msg_t *part, int fd, struct rd_str *ret_user,
        struct zap_who *ret_who)
{
    struct zap_who who;
    *ret_user = rd_str_of(socket->user);
    if (!socket->is_keyed || socket->user[0] != '\0') {
        return true;
    }
    if (!zap_who_of(zmq_msg_gets(part, "User-Id"), &who)) {
        return false;
    }
    gate_known(fd, who.session, who.key, who.name);
    *ret_user = who.name;
    if (ret_who != NULL) {
        *ret_who = who;
    }
    if (!zap_is_good(socket->doors->zap, who.key)) {
        gate_cut_session(fd, who.session, "its key was taken out, or has expired");
        return false;
    }
    return true;
}

uint64_t socket_framed(const struct socket *socket, uint64_t size)
{
    return zmtp_framed(size + (socket->is_keyed ? GATE_CURVE_EXTRA : 0));
}
