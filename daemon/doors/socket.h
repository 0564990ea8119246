/* daemon/doors/socket.h — a ZeroMQ socket with every option set on purpose. Inside this room only.
 */
#pragma once

#include "daemon/doors/gate.h"

enum { DOORS_SOCKETS_MAX = 16 };

struct doors {
    void *context;
    struct gate_rules rules[DOORS_SOCKETS_MAX]; /* connections outlive their socket a little */
    size_t rules_count;
};

struct socket_options {
    int type;                /* ZMQ_ROUTER, … */
    struct gate_rules rules; /* for what comes in, which has no bound in messages */
    int send_max;            /* messages on their way to one peer */
    int linger_ms;           /* how long what was sent may take to leave at closing */
};

struct socket {
    void *handle; /* ZeroMQ's; NULL: not open */
    const struct gate_rules *rules;
};

/* -errno; *ret_socket is untouched then. */
RD_MUST_USE int socket_open(
        struct doors *doors, const struct socket_options *options, struct socket *ret_socket);
void socket_close(struct socket *socket); /* not open: nothing */
/* Binds or connects all; ret_what names the one that failed. Descriptors are closed at a failure.
 */
RD_MUST_USE int socket_bind(
        struct socket *socket, struct endpoints endpoints, char ret_what[static 256]);
RD_MUST_USE int socket_connect(
        struct socket *socket, struct endpoints endpoints, char ret_what[static 256]);

/* The sockets of a door, for doors_wait(). */
size_t intake_sockets(const struct intake *intake, bool only_answered, void *sockets[static 3]);
void *feed_socket(const struct feed *feed);
