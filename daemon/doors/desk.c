#include "daemon/doors/desk.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <zmq.h>

#include "daemon/doors/socket.h"

enum { SEND_MAX = 1000, RECEIVE_MAX = 1000, LINGER_MS = 200 };

/* A question, with what is needed to answer it. */
struct question {
    zmq_msg_t peer, request;
    bool is_empty_mirrored;
    rd_time until; /* of one that waits */
};

struct desk_door {
    struct desk_door_options options;
    void *socket;
    int wake_fd;
    _Atomic bool is_stopping;
    bool has_thread;
    pthread_t thread;
    struct question *waiting[DESK_WAITING_MAX]; /* in the order they came */
    size_t waiting_count;
    struct question pool[DESK_WAITING_MAX + 1]; /* those that wait and the one at hand */
    struct question *idle[DESK_WAITING_MAX + 1];
    size_t idle_count;
    struct rd_buf reply;
    rd_time look_at; /* when to look around next */
};

static struct question *question_new(struct desk_door *door)
{
    RD_ASSERT(door->idle_count > 0);
    struct question *question = door->idle[--door->idle_count];
    (void)zmq_msg_init(&question->peer);
    (void)zmq_msg_init(&question->request);
    question->is_empty_mirrored = false;
    return question;
}

static void question_done(struct desk_door *door, struct question *question)
{
    (void)zmq_msg_close(&question->peer);
    (void)zmq_msg_close(&question->request);
    door->idle[door->idle_count++] = question;
}

/* Reads one multipart message. 1: it is a question; 0: it is none; -errno. */
static int take_question(struct desk_door *door, struct question *question)
{
    if (zmq_msg_recv(&question->peer, door->socket, ZMQ_DONTWAIT) < 0) {
        return -errno;
    }
    size_t count = 0;
    bool has_more = zmq_msg_more(&question->peer) != 0;
    while (has_more) {
        /* A part read into the same place takes the last one's: what stays is the last part. */
        if (zmq_msg_recv(&question->request, door->socket, ZMQ_DONTWAIT) < 0) {
            return -errno;
        }
        count++;
        has_more = zmq_msg_more(&question->request) != 0;
        if (count == 1 && has_more) {
            question->is_empty_mirrored = zmq_msg_size(&question->request) == 0;
        }
    }
    size_t expected = question->is_empty_mirrored ? 2 : 1;
    return count == expected && zmq_msg_size(&question->request) > 0;
}

/* Whoever does not read its answers, or went, loses them. */
static void send_reply(struct desk_door *door, struct question *question)
{
    RD_ASSERT(door->reply.error == 0);
    struct rd_str reply = rd_buf_str(&door->reply);
    if (zmq_msg_send(&question->peer, door->socket, ZMQ_SNDMORE | ZMQ_DONTWAIT) < 0) {
        return;
    }
    if (question->is_empty_mirrored &&
            zmq_send(door->socket, "", 0, ZMQ_SNDMORE | ZMQ_DONTWAIT) < 0) {
        return;
    }
    int r = zmq_send(door->socket, reply.ptr, reply.len, ZMQ_DONTWAIT);
    (void)r; /* as above */
}

/* True if it was answered. */
static bool answer(struct desk_door *door, struct question *question, bool is_last_chance)
{
    const char *user = zmq_msg_gets(&question->request, "User-Id");
    struct rd_str request = {
            .ptr = zmq_msg_data(&question->request), .len = zmq_msg_size(&question->request)};
    rd_buf_reset(&door->reply);
    int r = door->options.answer(
            door->options.context, rd_str_of(user), request, is_last_chance, &door->reply);
    if (r == -EAGAIN) {
        RD_ASSERT(!is_last_chance);
        return false;
    }
    RD_ASSERT(r == 0);
    send_reply(door, question);
    return true;
}

static void take_questions(struct desk_door *door)
{
    for (;;) {
        struct question *question = question_new(door);
        int r = take_question(door, question);
        bool is_full = door->waiting_count == DESK_WAITING_MAX;
        if (r <= 0 || answer(door, question, is_full)) {
            question_done(door, question);
            if (r < 0) {
                return;
            }
            continue;
        }
        question->until = door->options.now() + DESK_WAIT_US;
        door->waiting[door->waiting_count++] = question;
        door->options.want_checkpoint(door->options.want_context);
    }
}

/* Asks again for those that wait; those whose time is over for the last time. */
static void answer_waiting(struct desk_door *door, bool is_new_checkpoint)
{
    rd_time now = door->options.now();
    size_t kept = 0;
    for (size_t i = 0; i < door->waiting_count; i++) {
        struct question *question = door->waiting[i];
        bool is_over = question->until <= now;
        if ((is_over || is_new_checkpoint) && answer(door, question, is_over)) {
            question_done(door, question);
        } else {
            door->waiting[kept++] = question;
        }
    }
    door->waiting_count = kept;
    if (kept > 0 && is_new_checkpoint) {
        door->options.want_checkpoint(door->options.want_context);
    }
}

static long timeout_ms(const struct desk_door *door)
{
    bool looks = door->options.look != NULL;
    if (door->waiting_count == 0 && !looks) {
        return -1;
    }
    rd_time at = looks ? door->look_at : door->waiting[0]->until;
    if (door->waiting_count > 0 && door->waiting[0]->until < at) {
        at = door->waiting[0]->until;
    }
    int64_t left_us = at - door->options.now();
    return left_us > 0 ? (long)(left_us / 1000) + 1 : 0;
}

static void look(struct desk_door *door)
{
    if (door->options.look != NULL && door->options.now() >= door->look_at) {
        door->options.look(door->options.context);
        door->look_at = door->options.now() + DESK_LOOK_US;
    }
}

static void *run(void *context)
{
    struct desk_door *door = context;
    while (!atomic_load(&door->is_stopping)) {
        zmq_pollitem_t items[] = {
                {.socket = door->socket, .events = ZMQ_POLLIN},
                {.fd = door->wake_fd, .events = ZMQ_POLLIN},
        };
        if (zmq_poll(items, (int)RD_COUNT(items), timeout_ms(door)) < 0) {
            RD_ASSERT(errno == EINTR);
            continue;
        }
        uint64_t wakes = 0;
        if (items[1].revents != 0 && read(door->wake_fd, &wakes, sizeof wakes) < 0) {
            RD_ASSERT(errno == EAGAIN || errno == EINTR);
        }
        answer_waiting(door, wakes > 0);
        if (items[0].revents != 0) {
            take_questions(door);
        }
        look(door);
    }
    return NULL;
}

int desk_door_open(struct doors *doors, const struct desk_door_options *options,
        struct desk_door **ret_door, char ret_what[static 256])
{
    ret_what[0] = '\0';
    RD_CLEANUP(desk_door_closep)
    struct desk_door *door = calloc(1, sizeof *door);
    if (door == NULL) {
        rd_oom();
    }
    door->options = *options;
    for (size_t i = 0; i < RD_COUNT(door->pool); i++) {
        door->idle[door->idle_count++] = &door->pool[i];
    }
    rd_buf_init(&door->reply, options->reply_bytes_max);
    door->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (door->wake_fd < 0) {
        return -errno;
    }
    struct socket_options socket_options = {
            .type = ZMQ_ROUTER,
            .send_max = SEND_MAX,
            .receive_max = RECEIVE_MAX,
            .frame_bytes_max = DESK_REQUEST_BYTES_MAX,
            .linger_ms = LINGER_MS,
    };
    int r = socket_open(doors, &socket_options, &door->socket);
    if (r == 0) {
        r = socket_bind(door->socket, options->bind, ret_what);
    }
    if (r == 0) {
        r = -pthread_create(&door->thread, NULL, run, door);
        door->has_thread = r == 0;
    }
    if (r < 0) {
        return r;
    }
    *ret_door = door;
    door = NULL;
    return 0;
}

void desk_door_wake(struct desk_door *door)
{
    uint64_t one = 1;
    if (write(door->wake_fd, &one, sizeof one) < 0) {
        RD_ASSERT(errno == EAGAIN || errno == EINTR); /* full: it is awake anyway */
    }
}

void desk_door_close(struct desk_door *door)
{
    if (door == NULL) {
        return;
    }
    if (door->has_thread) {
        atomic_store(&door->is_stopping, true);
        desk_door_wake(door);
        int r = pthread_join(door->thread, NULL);
        RD_ASSERT(r == 0);
    }
    for (size_t i = 0; i < door->waiting_count; i++) {
        question_done(door, door->waiting[i]);
    }
    socket_close(&door->socket);
    if (door->wake_fd >= 0) {
        (void)close(door->wake_fd);
    }
    rd_buf_done(&door->reply);
    free(door);
}

void desk_door_closep(struct desk_door **door)
{
    desk_door_close(*door);
}
