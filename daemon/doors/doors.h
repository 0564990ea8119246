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

enum { DOORS_FDS_MAX = 8, DOORS_PEER_MAX = 80 };

/* A peer that was cut off. */
struct doors_cut {
    const char *door;
    char peer[DOORS_PEER_MAX]; /* who it is */
    const char *why;           /* for a person; static */
    uint64_t number;           /* that `why` speaks of; 0: of none */
    uint64_t left_out;         /* cut off before it, and not told */
};
/* Oldest first; false: there is none. What is wrong with peers is looked for at the same time: call
 * it every second or so. */
bool doors_next_cut(struct doors *doors, int64_t now_us, struct doors_cut *ret_cut);
/* Connections refused since the start, because descriptors were scarce. */
uint64_t doors_refused(const struct doors *doors);

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
