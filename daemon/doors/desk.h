/* daemon/doors/desk.h — the way to ask: ROUTER on a thread of its own; transport only.
 *
 * A request is one frame (a leading empty one is mirrored); what it says and answers is the room
 * daemon/desk's. A question that is ahead of the last checkpoint (-EAGAIN) waits for the next one,
 * at most DESK_WAIT_US, then is asked a last time. Source: redress-protocol(7), "Desk". */
#pragma once

#include "common/buf.h"
#include "common/utime.h"
#include "daemon/doors/doors.h"

enum { DESK_WAITING_MAX = 256, DESK_REQUEST_BYTES_MAX = 256 * 1024 };
#define DESK_WAIT_US RD_SECOND_US
#define DESK_LOOK_US RD_SECOND_US

/* All are called on the door's thread. */
struct desk_door_options {
    struct endpoints bind;
    size_t reply_bytes_max;
    void *context;
    /* Appends the answer to `reply`. 0; -EAGAIN: only after the next checkpoint (never if
     * is_last_chance). `user`: who the transport says is asking; empty without security. */
    int (*answer)(void *context, struct rd_str user, struct rd_str request, bool is_last_chance,
            struct rd_buf *reply);
    void *want_context;
    void (*want_checkpoint)(void *want_context); /* somebody waits for one */
    rd_time (*now)(void);                        /* for DESK_WAIT_US; steady */
    void (*look)(void *context); /* every DESK_LOOK_US, between answers; NULL: nothing to look at */
};

struct desk_door;
/* Binds, then starts the thread. ret_what says what failed. */
RD_MUST_USE int desk_door_open(struct doors *doors, const struct desk_door_options *options,
        struct desk_door **ret_door, char ret_what[static 256]);
void desk_door_close(struct desk_door *door); /* stops the thread first */
void desk_door_closep(struct desk_door **door);
/* A checkpoint was completed: those who wait are asked for again. Any thread. */
void desk_door_wake(struct desk_door *door);
