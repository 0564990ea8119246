/* daemon/doors/doors.h — the ZeroMQ context that the three doors share, and waiting at them.
 *
 * Nothing of ZeroMQ leaves this room. A socket belongs to one thread. */
#pragma once

#include "common/time/utime.h"
#include "daemon/doors/endpoint.h"

struct doors;
struct intake;
struct feed;

RD_MUST_USE int doors_open(struct doors **ret_doors);
/* All doors must be closed before. */
void doors_close(struct doors *doors);
void doors_closep(struct doors **doors);

enum { DOORS_FDS_MAX = 8, DOORS_PEER_MAX = 80, DOORS_USER_MAX = 64, DOORS_SECRET_LETTERS = 40 };

/* A key that may come in. */
struct doors_key {
    const char *public_key; /* Z85, 40 characters */
    const char *name;       /* the client's, at most DOORS_USER_MAX bytes */
    rd_time expires;        /* RD_TIME_NONE: never */
};
/* Before the doors are opened: the secret key, Z85, of those that are keyed. With it, or without
 * (NULL: no endpoint is keyed). 0 or -errno; -EINVAL: it is no key. */
RD_MUST_USE int doors_secure(struct doors *doors, const char *secret_key);
/* What time it is, for keys that expire; RD_TIME_NONE: nobody knows, and none does. Any time. */
void doors_set_time(struct doors *doors, rd_time wall);
/* Sets the keys that may come in from now on; to be called after doors_secure(). A peer whose key
 * is not among them is cut off before this returns; one whose key expires, at doors_next_cut(). */
void doors_set_keys(struct doors *doors, const struct doors_key *keys, size_t count);

/* A handshake that was refused. */
struct doors_refusal {
    char peer[DOORS_PEER_MAX];
    char key[DOORS_SECRET_LETTERS + 1]; /* the public one; empty: it gave none */
    const char *why;                    /* for a person; static */
    uint64_t left_out;                  /* refused before it, and not told */
};
bool doors_next_refusal(struct doors *doors, struct doors_refusal *ret_refusal);
/* Connections refused since the start, because too many came from their address. */
uint64_t doors_crowded(const struct doors *doors);

/* A peer that was cut off. */
struct doors_cut {
    const char *door;
    char peer[DOORS_PEER_MAX];     /* who it is */
    char user[DOORS_USER_MAX + 1]; /* the client its key named; empty: none did */
    const char *why;               /* for a person; static */
    uint64_t number;               /* that `why` speaks of; 0: of none */
    uint64_t left_out;             /* cut off before it, and not told */
};
/* Takes the oldest one; false: there is none. This also looks for peers to cut off, so it is to be
 * called about every second. */
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
