/* daemon/doors/socket.h — a ZeroMQ socket with every option set on purpose. Inside this room only.
 */
#pragma once

#include "daemon/doors/doors.h"

struct doors {
    void *context;
};

struct socket_options {
    int type;                  /* ZMQ_ROUTER, … */
    int send_max, receive_max; /* messages on their way to, from one peer; never unbounded */
    int64_t frame_bytes_max;   /* beyond it the peer is cut off before we see a byte */
    int linger_ms;             /* how long what was sent may take to leave at closing */
};

/* -errno; *ret_socket only on 0. */
RD_MUST_USE int socket_open(
        struct doors *doors, const struct socket_options *options, void **ret_socket);
void socket_close(void **socket); /* NULL inside: nothing */
/* Binds or connects all; ret_what names the one that failed. An ipc socket in the file system is
 * made writable for the group: who is in it may knock. */
RD_MUST_USE int socket_bind(void *socket, struct endpoints endpoints, char ret_what[static 256]);
RD_MUST_USE int socket_connect(void *socket, struct endpoints endpoints, char ret_what[static 256]);

/* The sockets of a door, for doors_wait(). */
size_t intake_sockets(const struct intake *intake, bool only_answered, void *sockets[static 3]);
void *feed_socket(const struct feed *feed);
