#include "daemon/doors/desk.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <zmq.h>

#include "daemon/doors/socket.h"

enum {
    SEND_MAX = 1000,
    LINGER_MS = 200,
    FRAMES_MAX = 8, /* of a message; more than a question and an empty frame is no question */
    UNREAD_MAX = 64,
    UNREAD_BYTES_MAX = 1024 * 1024, /* of one peer, as are the messages */
    TAKE_AT_ONCE = 64,
};
#define AHEAD_US       (RD_SECOND_US / 200) /* a question ahead of the daemon is tried so often */
#define PARKED_LOOK_US (RD_SECOND_US / 10)  /* how often a peer that did not read is looked at */

/* A question, with what is needed to answer it. */
struct question {
    zmq_msg_t peer, request;
    struct socket *socket; /* it came by */
    bool is_empty_mirrored;
    int fd; /* of the connection it came by */
    uint32_t frames;
    uint64_t counted_frames, counted_bytes; /* for gate_taken() */
    /* of one that waits */
    rd_time until;
    uint64_t number; /* what is shown from this number on is newer than the question */
    bool is_ahead;   /* what was shown did not yet have what it asks for */
    bool is_parked;  /* it waits for the peer to read what is on its way to it */
};

/* An endpoint to listen at besides, handed to the door's thread. */
struct more {
    struct more *next;
    char text[ENDPOINT_TEXT_MAX], user[ENDPOINT_TEXT_MAX];
    int fd;
};

struct desk_door {
    struct desk_door_options options;
    struct sockets sockets;
    size_t turns; /* which socket is looked at first */
    int wake_fd;
    _Atomic bool is_stopping;
    _Atomic(struct more *) more;
    bool has_thread;
    pthread_t thread;
    struct question *waiting[DESK_WAITING_MAX]; /* in the order they came */
    size_t waiting_count;
    struct question pool[DESK_WAITING_MAX + 1]; /* those that wait and the one at hand */
    struct question *idle[DESK_WAITING_MAX + 1];
    size_t idle_count;
    struct rd_buf reply;
    rd_time look_at;  /* when to look around next */
    rd_time ahead_at; /* when to ask again for those that are ahead */
};

static struct question *question_new(struct desk_door *door)
{
    RD_ASSERT(door->idle_count > 0);
    struct question *question = door->idle[--door->idle_count];
    (void)zmq_msg_init(&question->peer);
    (void)zmq_msg_init(&question->request);
    question->is_empty_mirrored = question->is_parked = question->is_ahead = false;
    question->fd = -1;
    question->frames = 0;
    question->counted_frames = question->counted_bytes = 0;
    question->until = 0;
    return question;
}

static void question_done(struct desk_door *door, struct question *question)
{
    gate_taken(question->fd, question->counted_frames, question->counted_bytes);
    (void)zmq_msg_close(&question->peer);
    (void)zmq_msg_close(&question->request);
    door->idle[door->idle_count++] = question;
}

/* Reads one multipart message. 1: it is a question; 0: it is none; -errno. */
static int take_question(struct question *question)
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
    size_t expected = question->is_empty_mirrored ? 2 : 1;
    return question->frames == expected && zmq_msg_size(&question->request) > 0;
}

/* Whoever went loses its answer. */
static void send_reply(struct desk_door *door, struct question *question)
{
    RD_ASSERT(door->reply.error == 0);
    void *socket = question->socket->handle;
    struct rd_str reply = rd_buf_str(&door->reply);
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

/* True if it was answered. Who does not read its answers is given no more: it is parked. */
static bool answer(struct desk_door *door, struct question *question, enum desk_chance chance)
{
    if (gate_waiting(question->fd) > GATE_WAITING_MAX) {
        question->is_parked = true;
        question->is_ahead = false;
        question->until = door->options.now() + PARKED_LOOK_US;
        return false;
    }
    struct rd_str user;
    if (!socket_who(question->socket, &question->request, question->fd, &user, NULL)) {
        return true; /* its key was taken out: it is cut off, and nobody waits for an answer */
    }
    struct rd_str request = {
            .ptr = zmq_msg_data(&question->request), .len = zmq_msg_size(&question->request)};
    rd_buf_reset(&door->reply);
    int r = door->options.answer(door->options.context, user, request, chance, &door->reply);
    if (r == -EAGAIN) {
        RD_ASSERT(chance != DESK_LAST);
        return false;
    }
    RD_ASSERT(r == 0);
    send_reply(door, question);
    return true;
}

/* Room for one more: where all places are taken, the oldest question that is ahead gives up its. */
static bool make_room(struct desk_door *door)
{
    for (size_t i = 0; door->waiting_count == DESK_WAITING_MAX && i < DESK_WAITING_MAX; i++) {
        struct question *question = door->waiting[i];
        if (question->is_ahead && answer(door, question, DESK_LAST)) {
            question_done(door, question);
            door->waiting_count--;
            memmove(&door->waiting[i], &door->waiting[i + 1],
                    (door->waiting_count - i) * sizeof door->waiting[0]);
        }
    }
    return door->waiting_count < DESK_WAITING_MAX;
}

/* Those that cannot be answered at once ask together, when all of them have come. */
static void take_questions(struct desk_door *door, struct socket *socket)
{
    size_t fresh = 0;
    int r = 1;
    for (int taken = 0; taken < TAKE_AT_ONCE && r >= 0 && make_room(door); taken++) {
        struct question *question = question_new(door);
        question->socket = socket;
        r = take_question(question);
        if (r <= 0 || answer(door, question, DESK_CAME)) {
            question_done(door, question);
            continue;
        }
        if (!question->is_parked) {
            question->until = door->options.now() + DESK_WAIT_US;
        }
        door->waiting[door->waiting_count++] = question;
        fresh++;
    }
    uint64_t number = fresh > 0 ? door->options.ask(door->options.context) : 0;
    for (size_t i = door->waiting_count - fresh; i < door->waiting_count; i++) {
        door->waiting[i]->number = number;
    }
}

/* The peer may have read meanwhile: then it is as if the question had just come. True if it was
 * answered. */
static bool try_parked(struct desk_door *door, struct question *question)
{
    if (question->until > door->options.now()) {
        return false;
    }
    question->is_parked = false;
    if (answer(door, question, DESK_CAME)) {
        return true;
    }
    if (!question->is_parked) {
        question->until = door->options.now() + DESK_WAIT_US;
        question->number = door->options.ask(door->options.context);
    }
    return false;
}

static size_t ahead_of(const struct desk_door *door, int fd)
{
    size_t count = 0;
    for (size_t i = 0; i < door->waiting_count; i++) {
        const struct question *one = door->waiting[i];
        count += one != NULL && one->fd == fd && one->is_ahead;
    }
    return count;
}

/* True if it was answered. */
static bool try(struct desk_door *door, struct question *question, uint64_t shown)
{
    if (question->is_parked) {
        return try_parked(door, question);
    }
    if (question->number <= shown) {
        if (answer(door, question, DESK_SHOWN)) {
            return true;
        }
        bool is_one_more = !question->is_ahead && ahead_of(door, question->fd) >= DESK_OPEN_MAX;
        if (is_one_more && answer(door, question, DESK_LAST)) {
            return true;
        }
        question->is_ahead = !question->is_parked;
    }
    return question->until <= door->options.now() && answer(door, question, DESK_LAST);
}

/* Tries those that wait by what is shown, and asks for more for the others. */
static void answer_waiting(struct desk_door *door)
{
    uint64_t shown = door->options.shown(door->options.context);
    size_t kept = 0, ahead = 0;
    for (size_t i = 0; i < door->waiting_count; i++) {
        if (try(door, door->waiting[i], shown)) {
            question_done(door, door->waiting[i]);
            door->waiting[i] = NULL;
        }
    }
    for (size_t i = 0; i < door->waiting_count; i++) {
        if (door->waiting[i] != NULL) {
            ahead += door->waiting[i]->is_ahead ? 1 : 0;
            door->waiting[kept++] = door->waiting[i];
        }
    }
    door->waiting_count = kept;
    if (shown > 0) {
        door->options.done(door->options.context);
        door->ahead_at = door->options.now() + AHEAD_US;
    }
    bool is_time = ahead > 0 && door->ahead_at <= door->options.now();
    if ((shown > 0 && kept > ahead) || is_time) {
        (void)door->options.ask(door->options.context);
        door->ahead_at = door->options.now() + AHEAD_US;
    }
}

static rd_time sooner(rd_time a, rd_time b)
{
    return a < b ? a : b;
}

/* Until something is to be done without being woken; -1: nothing. */
static long timeout_ms(const struct desk_door *door)
{
    rd_time at = door->options.look != NULL ? door->look_at : RD_TIME_MAX;
    for (size_t i = 0; i < door->waiting_count; i++) {
        at = sooner(at, door->waiting[i]->until);
        at = sooner(at, door->waiting[i]->is_ahead ? door->ahead_at : RD_TIME_MAX);
    }
    if (at == RD_TIME_MAX) {
        return -1;
    }
    int64_t left_us = at - door->options.now();
    return left_us > 0 ? (long)(left_us / 1000) + 1 : 0;
}

void desk_door_bind(struct desk_door *door, struct endpoints endpoint)
{
    RD_ASSERT(endpoint.count == 1 && strlen(endpoint.at[0]) < ENDPOINT_TEXT_MAX);
    struct more *more = calloc(1, sizeof *more);
    if (more == NULL) {
        rd_oom();
    }
    (void)snprintf(more->text, sizeof more->text, "%s", endpoint.at[0]);
    (void)snprintf(more->user, sizeof more->user, "%s",
            endpoint.users != NULL && endpoint.users[0] != NULL ? endpoint.users[0] : "");
    more->fd = endpoint.fds[0];
    more->next = atomic_load(&door->more);
    while (!atomic_compare_exchange_weak(&door->more, &more->next, more)) {
    }
    desk_door_wake(door);
}

/* A socket that cannot be listened at is closed, so that nobody waits there for an answer. */
static void bind_more(struct desk_door *door)
{
    struct more *more = atomic_exchange(&door->more, NULL);
    while (more != NULL) {
        char what[256];
        const char *text = more->text, *user = more->user;
        int r = sockets_bind(&door->sockets,
                (struct endpoints){.at = &text, .fds = &more->fd, .users = &user, .count = 1},
                what);
        (void)r;
        struct more *next = more->next;
        free(more);
        more = next;
    }
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
        zmq_pollitem_t items[SOCKETS_MAX + 1] = {{.fd = door->wake_fd, .events = ZMQ_POLLIN}};
        size_t sockets = door->sockets.count;
        bool has_room = make_room(door);
        for (size_t i = 0; i < sockets; i++) {
            items[1 + i] = (zmq_pollitem_t){
                    .socket = door->sockets.at[i].handle, .events = has_room ? ZMQ_POLLIN : 0};
        }
        if (zmq_poll(items, (int)sockets + 1, timeout_ms(door)) < 0) {
            RD_ASSERT(errno == EINTR);
            continue;
        }
        uint64_t wakes = 0;
        if (items[0].revents != 0 && read(door->wake_fd, &wakes, sizeof wakes) < 0) {
            RD_ASSERT(errno == EAGAIN || errno == EINTR);
        }
        bind_more(door);
        answer_waiting(door);
        size_t first = door->turns++;
        for (size_t i = 0; i < sockets; i++) {
            size_t at = (first + i) % sockets;
            if (items[1 + at].revents != 0) {
                take_questions(door, &door->sockets.at[at]);
            } else if (has_room) {
                gate_drained(door->sockets.at[at].rules);
            }
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
            .rules = {.door = "desk",
                    .in = {.frame_bytes = DESK_REQUEST_BYTES_MAX, .message_frames = FRAMES_MAX},
                    .unread_messages = UNREAD_MAX,
                    .unread_bytes = UNREAD_BYTES_MAX,
                    .has_ids = true},
            .send_max = SEND_MAX,
            .linger_ms = LINGER_MS,
    };
    int r = sockets_open(doors, &socket_options, options->bind, &door->sockets, ret_what);
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
    for (struct more *more = atomic_load(&door->more); more != NULL;) {
        struct more *next = more->next;
        (void)close(more->fd);
        free(more);
        more = next;
    }
    for (size_t i = 0; i < door->waiting_count; i++) {
        question_done(door, door->waiting[i]);
    }
    sockets_close(&door->sockets);
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
