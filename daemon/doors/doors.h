/* daemon/doors/doors.h — the ZeroMQ context that the three doors share, and waiting at them.
 *
 * Nothing of ZeroMQ leaves this room. A socket belongs to one thread. */
#pragma once

#include "daemon/doors/endpoint.h"

struct doors;
struct intake;
struct feed;

RD_MUST_USE int doors_open(struct doors **ret_doors);
/* All doors must be closed before. */
void doors_close(struct doors *doors);
void doors_closep(struct doors **doors);

enum { DOORS_FDS_MAX = 8 };

/* What the turn waits for. */
struct doors_wait {
    struct intake *intake; /* NULL: its messages are not waited for */
    bool only_answered;    /* of intake: but for PULL and SUB */
    struct feed *feed;
    const int *fds; /* readable? */
    size_t fd_count;
    bool is_blocking; /* until something is there; else only a look */
    /* Answers: */
    bool has_intake, has_feed;
    bool is_readable[DOORS_FDS_MAX];
};
/* 0, or -errno (-EINTR included: look again). */
RD_MUST_USE int doors_wait(struct doors_wait *wait);
