#include "daemon/doors/question.h"

#include <errno.h>

#include "daemon/doors/desk.h"
#include "daemon/doors/gate.h"
#include "daemon/doors/gate_peer.h"

#define WORK_LOOK_US (RD_SECOND_US / 50) /* how often whether an answer is worked out */

void question_init(struct question *question, struct socket *socket)
{
    *question = (struct question){.socket = socket, .fd = -1};
    (void)zmq_msg_init(&question->peer);
    (void)zmq_msg_init(&question->request);
}

void question_done(struct question *question)
{
    gate_taken(question->fd, question->counted_frames, question->counted_bytes);
    if (question->share != NULL) {
        share_leave(question->share);
    }
    (void)zmq_msg_close(&question->peer);
    (void)zmq_msg_close(&question->request);
}

uint64_t question_whose(struct question *question)
{
    struct socket *socket = question->socket;
    struct rd_str who = {
            .ptr = zmq_msg_data(&question->peer), .len = zmq_msg_size(&question->peer)};
    if (socket->is_keyed && !socket_who(socket, &question->request, question->fd, &who, NULL)) {
        who = RD_STR(""); /* a key that was taken out: it is told nothing */
    }
    return gate_hash(who) + (uint64_t)(uintptr_t)socket->handle;
}

bool question_is_gone(const struct question *question)
{
    return question->connection == 0 || gate_connection(question->fd) != question->connection;
}

int question_take(struct question *question)
{
    void *socket = question->socket->handle;
    if (zmq_msg_recv(&question->peer, socket, ZMQ_DONTWAIT) < 0) {
        gate_drained(question->socket->rules);
        return -errno;
    }
    bool has_more = zmq_msg_more(&question->peer) != 0;
    while (has_more) {
        /* A part read into the same place takes the last one's: what stays is the last part. */
        if (zmq_msg_recv(&question->request, socket, ZMQ_DONTWAIT) < 0) {
            return -errno;
        }
        question->frames++;
        gate_count(question->socket->rules, zmq_msg_size(&question->request),
                &question->counted_frames, &question->counted_bytes);
        has_more = zmq_msg_more(&question->request) != 0;
        if (question->frames == 1 && has_more) {
            question->is_empty_mirrored = zmq_msg_size(&question->request) == 0;
        }
    }
    question->fd = zmq_msg_get(&question->request, ZMQ_SRCFD);
    question->connection = gate_connection(question->fd);
    size_t expected = question->is_empty_mirrored ? 2 : 1;
    return question->frames == expected && zmq_msg_size(&question->request) > 0 &&
           !question_is_gone(question);
}

void question_reply(struct question *question, struct rd_str reply)
{
    void *socket = question->socket->handle;
    if (zmq_msg_send(&question->peer, socket, ZMQ_SNDMORE | ZMQ_DONTWAIT) < 0) {
        return;
    }
    if (question->is_empty_mirrored && zmq_send(socket, "", 0, ZMQ_SNDMORE | ZMQ_DONTWAIT) < 0) {
        return;
    }
    uint64_t size = socket_framed(question->socket, reply.len) +
                    (question->is_empty_mirrored ? socket_framed(question->socket, 0) : 0);
    if (zmq_send(socket, reply.ptr, reply.len, ZMQ_DONTWAIT) >= 0) {
        gate_queued(question->fd, size);
    }
}

bool question_is_ready(const struct question *question, uint64_t shown, rd_time now)
{
    if (question->is_parked || question->is_working) {
        return question->until <= now;
    }
    return question->number <= shown || question->until <= now;
}

bool question_waits_for_showing(const struct question *question)
{
    return !question->is_parked && !question->is_working && !question->is_ahead &&
           question->number > 0;
}

void question_wait_for_work(struct question *question, rd_time now)
{
    question->give_up = question->is_working ? question->give_up : now + DESK_WORK_US;
    question->until = now + WORK_LOOK_US;
    question->is_working = true;
    question->is_ahead = false;
}
