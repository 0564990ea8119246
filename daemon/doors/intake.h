/* daemon/doors/intake.h — the way in: ROUTER, and PULL and SUB for upstreams that only publish.
 *
 * A message is one or more frames, an event each. What comes by ROUTER is answered with as many
 * frames; what comes by PULL or SUB is not. Multipart is read whole or dropped whole. Several
 * messages may be in the caller's hands at once. One thread. Source: redress-protocol(7),
 * "Intake". */
#pragma once

#include "daemon/doors/doors.h"

enum {
    INTAKE_FRAMES_MAX = 1024,         /* events of a message; those beyond are answered too_large */
    INTAKE_MESSAGE_FRAMES_MAX = 4096, /* of a message; who sends more is cut off */
    INTAKE_PEER_MAX = UINT8_MAX + 5,
    INTAKE_ENVELOPE_MAX = 64,              /* frames of an envelope, its empty one included */
    INTAKE_ENVELOPE_BYTES_MAX = 16 * 1024, /* of them all: a routing id has at most 255 */
};

struct intake_options {
    struct endpoints bind, pull, subscribe;
    uint64_t event_bytes_max; /* frames over four times that cut the peer off */
};

struct intake_message {
    bool is_answered;              /* by ROUTER */
    struct rd_str peer;            /* for intake_reply(); at most INTAKE_PEER_MAX bytes */
    struct rd_str user;            /* a client's name, or a text of endpoints.users, or empty */
    const struct rd_str *envelope; /* what came before the events, and goes out again before the */
    size_t envelope_count;         /* receipts; none by SUB, whose topic is left out */
    const struct rd_str *frames;
    size_t frame_count; /* ≤ INTAKE_FRAMES_MAX */
    size_t frames_over; /* beyond it: not kept */
    size_t bytes;       /* of all frames kept */
};

/* Binds and connects. ret_what says what failed, for a person. */
RD_MUST_USE int intake_open(struct doors *doors, const struct intake_options *options,
        struct intake **ret_intake, char ret_what[static 256]);
/* Listens at more; `is_pull`: for what is not answered. */
RD_MUST_USE int intake_bind(
        struct intake *intake, bool is_pull, struct endpoints endpoints, char ret_what[static 256]);
void intake_close(struct intake *intake);
void intake_closep(struct intake **intake);

/* 1: a message, the caller's until intake_done(); 0: none is there now; -errno. `only_answered`:
 * the sources that are not answered are left alone (a full daemon does not read them). */
RD_MUST_USE int intake_take(
        struct intake *intake, bool only_answered, struct intake_message **ret_message);
/* Every message taken is given back, before intake_close(). */
void intake_done(struct intake *intake, struct intake_message *message);
/* Whether intake_take() would find a message. */
bool intake_is_readable(struct intake *intake, bool only_answered);
/* Messages of an envelope only, dropped since open. */
uint64_t intake_dropped(const struct intake *intake);

/* Sends a reply; never waits. `frames`: the envelope and the receipts, each frame behind its length
 * as a big-endian u32, as rd_buf_put_u32() and rd_buf_put_text() write it; at least one. 0;
 * -EHOSTUNREACH (the peer went), -EAGAIN (it does not read its receipts: this one is lost, it will
 * ask again by id). */
RD_MUST_USE int intake_reply(struct intake *intake, struct rd_str peer, struct rd_str frames);
