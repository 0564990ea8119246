/* daemon/doors/socket.h — a ZeroMQ socket with every option set on purpose, and the sockets of a
 * door. Inside this room only.
 *
 * The mechanism of a connection is its socket's, and so is who an endpoint says comes by it: what
 * libzmq tells of a message without a key is a descriptor, which may be another's by then. So a
 * door has a socket for all that is keyed, one for all that is told apart by nothing, and one for
 * each endpoint that says who comes by it. */
#pragma once

#include <zmq.h>

#include "daemon/doors/gate.h"
#include "daemon/doors/zap.h"

enum { DOORS_SOCKETS_MAX = 96, SOCKETS_MAX = 18 };

struct doors {
    void *context;
    struct zap *zap; /* NULL: nobody comes by key */
    char secret_key[DOORS_SECRET_LETTERS + 1], public_key[DOORS_SECRET_LETTERS + 1];
    struct gate_rules rules[DOORS_SOCKETS_MAX]; /* connections outlive their socket a little */
    size_t rules_count;
};

struct socket_options {
    int type;                /* ZMQ_ROUTER, … */
    struct gate_rules rules; /* for what comes in, which has no bound in messages */
    int send_max;            /* messages on their way to one peer */
    int linger_ms;           /* how long what was sent may take to leave at closing */
    bool is_manual;          /* XPUB: whoever is told apart hears what the door lets it */
};

struct socket {
    struct doors *doors;
    void *handle; /* ZeroMQ's; NULL: not open */
    struct gate_rules *rules;
    bool is_keyed, is_manual;
    char user[ENDPOINT_TEXT_MAX]; /* who comes by it; keyed: not used */
};
struct sockets {
    struct socket at[SOCKETS_MAX];
    size_t count;
};

/* Opens what the endpoints need, and binds or (ZMQ_SUB) connects all. -errno: ret_what names what
 * failed; the sockets are the caller's to close in any case. */
RD_MUST_USE int sockets_open(struct doors *doors, const struct socket_options *options,
        struct endpoints endpoints, struct sockets *sockets, char ret_what[static 256]);
/* One more endpoint, who comes by which is one of those there. Its descriptor is closed at a
 * failure. */
RD_MUST_USE int sockets_bind(
        struct sockets *sockets, struct endpoints endpoint, char ret_what[static 256]);
void sockets_close(struct sockets *sockets);

/* Who sent the message, borrowed from it or from the socket. False: by a key that is not good any
 * more; the message is not to be looked at. *ret_who: of a keyed one, where it is wanted. */
bool socket_who(struct socket *socket, zmq_msg_t *part, int fd, struct rd_str *ret_user,
        struct zap_who *ret_who);
/* What a frame of `size` bytes takes on its way out. */
uint64_t socket_framed(const struct socket *socket, uint64_t size);

/* The sockets of a door, for doors_wait(). */
enum { INTAKE_SOCKETS_MAX = 3 * SOCKETS_MAX };
size_t intake_sockets(const struct intake *intake, bool only_answered,
        const struct socket *sockets[static INTAKE_SOCKETS_MAX]);
size_t feed_sockets(const struct feed *feed, const struct socket *sockets[static SOCKETS_MAX]);
