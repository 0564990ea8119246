/* daemon/doors/question.h — one question at the desk's door, from the socket it came by back to it.
 * Inside this room only. */
#pragma once

#include <zmq.h>

#include "common/time/utime.h"
#include "daemon/doors/shares.h"
#include "daemon/doors/socket.h"

struct question {
    zmq_msg_t peer, request;
    struct socket *socket; /* it came by */
    bool is_empty_mirrored;
    int fd;              /* of the connection it came by */
    uint64_t connection; /* its number: when another has the descriptor, nobody waits any more */
    uint32_t frames;
    uint64_t counted_frames, counted_bytes; /* for gate_taken() */
    struct share *share;                    /* of its peer; NULL: not known yet */
    /* of one that waits */
    rd_time until;
    uint64_t number; /* what is shown from this number on is newer; 0: it has just come */
    uint64_t tried;  /* the pass that tried it last */
    bool is_to_ask;  /* it needs a number */
    bool is_working; /* its answer is being worked out, until `give_up` at the latest */
    rd_time give_up;
    bool is_ahead;  /* what was shown did not yet have what it asks for */
    bool is_parked; /* it waits for the peer to read what is on its way to it */
};

void question_init(struct question *question, struct socket *socket);
void question_done(struct question *question);
/* Reads one multipart message. 1: it is a question; 0: it is none, or whoever asked it has gone;
 * -errno. */
RD_MUST_USE int question_take(struct question *question);
/* Whose share of the desk it uses: connections by one key share its turn, so that more of them
 * bring it no more; others have one each. */
uint64_t question_whose(struct question *question);
/* Nobody waits for its answer. */
bool question_is_gone(const struct question *question);
/* Whether there is anything to try it for: `shown`, or the time. */
bool question_is_ready(const struct question *question, uint64_t shown, rd_time now);
bool question_waits_for_showing(const struct question *question);
/* Its answer is being worked out: it is tried again soon, and given up after a while. */
void question_wait_for_work(struct question *question, rd_time now);
/* Whoever went loses its answer. */
void question_reply(struct question *question, struct rd_str reply);
