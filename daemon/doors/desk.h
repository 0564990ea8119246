/* daemon/doors/desk.h — the way to ask: ROUTER on a thread of its own; transport only.
 *
 * A request is one frame (a leading empty one is mirrored); what it says and answers is the room
 * daemon/desk's. Most questions are about what is durable when they come: they wait until that is
 * shown (ask, shown, done below), at most DESK_WAIT_US. A peer that does not read its answers is
 * given no more of them. Peers take turns (shares.h), a slice of time at once, so that a stop and
 * what has come meanwhile wait for one answer at most; the questions of a connection that has ended
 * are dropped. Source: redress-protocol(7), "Desk". */
#pragma once

#include "common/base/buf.h"
#include "common/time/utime.h"
#include "daemon/doors/doors.h"

enum {
    DESK_WAITING_MAX = 1024, /* questions that are open, of all peers */
    DESK_OPEN_MAX = 8,       /* of one that are ahead; one more is asked a last time */
    DESK_REQUEST_BYTES_MAX = 256 * 1024,
};
#define DESK_WAIT_US RD_SECOND_US
#define DESK_WORK_US (4 * RD_SECOND_US) /* for one whose answer is being worked out */
#define DESK_LOOK_US RD_SECOND_US

enum desk_chance {
    DESK_CAME,  /* the question has just come: nothing is shown that is newer */
    DESK_SHOWN, /* what is shown is newer than the question */
    DESK_LAST,  /* its time is over */
};

/* All are called on the door's thread. */
struct desk_door_options {
    struct endpoints bind;
    size_t reply_bytes_max;
    void *context;
    /* Appends the answer to `reply`. 0; neither at DESK_LAST: -EAGAIN, not by what is shown now;
     * -EINPROGRESS, it is being worked out and to be asked for again. -EBUSY: whoever asks has had
     * enough for now, and is asked for again a little later.
     * `user`: a client's name, or a text of bind.users; empty: anybody. */
    int (*answer)(void *context, struct rd_str user, struct rd_str request, enum desk_chance chance,
            struct rd_buf *reply);
    /* Asks for a look at what is durable from now on; returns the number of what will be shown, at
     * least. desk_door_wake() tells of it. */
    uint64_t (*ask)(void *context);
    uint64_t (*shown)(void *context); /* the number of what is shown now; 0: nothing is */
    void (*done)(void *context);      /* what is shown is not looked at any more */
    rd_time (*now)(void);             /* for DESK_WAIT_US; steady */
    void (*look)(void *context); /* every DESK_LOOK_US, between answers; NULL: nothing to look at */
};

struct desk_door;
/* Binds, then starts the thread. ret_what says what failed. */
RD_MUST_USE int desk_door_open(struct doors *doors, const struct desk_door_options *options,
        struct desk_door **ret_door, char ret_what[static 256]);
void desk_door_close(struct desk_door *door); /* stops the thread first */
/* Listens at one more, in the door's thread and soon. Any thread. */
void desk_door_bind(struct desk_door *door, struct endpoints endpoint);
void desk_door_closep(struct desk_door **door);
/* There is something to be shown. Any thread. */
void desk_door_wake(struct desk_door *door);
