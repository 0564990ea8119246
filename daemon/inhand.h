/* daemon/inhand.h — messages of the intake that are read and not ended: peers take turns.
 *
 * A long message is interrupted between two frames and goes on in a later turn, so that a peer with
 * a short one does not wait for it. Messages of one peer stay in their order: the second waits
 * until the first has ended. Those of PULL and SUB, which name no peer, are one peer's. */
#pragma once

#include "common/base/buf.h"
#include "daemon/doors/intake.h"

enum {
    IN_HAND_MAX = 4096,
    IN_HAND_BYTES_MAX = 64 * 1024 * 1024,
    IN_HAND_RECEIPTS_FULL = 16 * 1024 * 1024, /* of one message: with so many its rest is busy */
};

struct in_hand {
    struct intake_message *message;
    struct rd_buf reply; /* envelope, receipts of the frames applied: for intake_reply() */
    size_t next;         /* frame to apply */
    bool is_busy;        /* one frame was told so: so are all after it */
    bool is_behind;      /* an earlier message of its peer has not ended */
    uint64_t served;     /* the order in which messages were worked on; 0: not yet */
};

struct in_hands {
    struct in_hand *all[IN_HAND_MAX]; /* `count` in the order they came; then idle ones, or NULL */
    size_t count;
    size_t bytes;
    uint64_t served;
};

void in_hands_done(struct in_hands *hands); /* none may be left */
/* No further message may be read: too many, or too large together. */
bool in_hands_is_full(const struct in_hands *hands);
struct in_hand *in_hands_add(struct in_hands *hands, struct intake_message *message);
/* Whose turn it is: of the messages that need not wait for an earlier one of their peer, the one
 * served longest ago. NULL: there is none. `only_answered`: those of PULL and SUB wait. */
struct in_hand *in_hands_next(struct in_hands *hands, bool only_answered);
bool in_hands_has(
        const struct in_hands *hands, bool only_answered); /* whether in_hands_next() would */
/* The message has ended; it is the caller's again. */
struct intake_message *in_hands_remove(struct in_hands *hands, struct in_hand *in_hand);
