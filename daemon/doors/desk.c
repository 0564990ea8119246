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

#include "daemon/doors/gate_peer.h"
#include "daemon/doors/question.h"

enum {
    SEND_MAX = 1000,
    LINGER_MS = 200,
    FRAMES_MAX = 8, /* of a message; more than a question and an empty frame is no question */
    UNREAD_MAX = 64,
    UNREAD_BYTES_MAX = 1024 * 1024, /* of one peer, as are the messages */
    TAKE_AT_ONCE = 64,
};
#define SLICE_US       (RD_SECOND_US / 200) /* answered without a look at who has come meanwhile */
#define AHEAD_US       (RD_SECOND_US / 200) /* a question ahead of the daemon is tried so often */
#define PARKED_LOOK_US (RD_SECOND_US / 10)  /* how often a question that is parked is looked at */

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
    struct shares shares;
    uint64_t pass; /* over those that wait */
    struct rd_buf reply;
    rd_time look_at;  /* when to look around next */
    rd_time ahead_at; /* when to ask again for those that are ahead */
};

static struct question *question_new(struct desk_door *door, struct socket *socket)
{
    RD_ASSERT(door->idle_count > 0);
    struct question *question = door->idle[--door->idle_count];
    question_init(question, socket);
    return question;
}

static void question_free(struct desk_door *door, struct question *question)
{
    question_done(question);
    door->idle[door->idle_count++] = question;
}

static void park(struct desk_door *door, struct question *question)
{
    question->is_parked = true;
    question->is_ahead = false;
    question->until = door->options.now() + PARKED_LOOK_US;
}

/* True if it was answered. Who does not read its answers, or has had as much as its key may have,
 * is given no more for now: its question is parked. */
static bool answer(struct desk_door *door, struct question *question, enum desk_chance chance)
{
    if (gate_waiting(question->fd) > GATE_WAITING_MAX) {
        park(door, question);
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
    if (r == -EBUSY) {
        park(door, question);
        return false;
    }
    if (r == -EINPROGRESS) {
        question_wait_for_work(question, door->options.now());
    }
    if (r == -EAGAIN || r == -EINPROGRESS) {
        RD_ASSERT(chance != DESK_LAST);
        return false;
    }
    RD_ASSERT(r == 0);
    RD_ASSERT(door->reply.error == 0);
    question_reply(question, rd_buf_str(&door->reply));
    return true;
}

static size_t parked_of(const struct desk_door *door, int fd)
{
    size_t count = 0;
    for (size_t i = 0; i < door->waiting_count; i++) {
        count += door->waiting[i]->fd == fd && door->waiting[i]->is_parked;
    }
    return count;
}

/* All places are taken by peers that do not read: the one that has most of them goes. */
static void cut_most_parked(struct desk_door *door)
{
    int most_fd = -1;
    size_t most = 0, kept = 0;
    for (size_t i = 0; i < door->waiting_count; i++) {
        int fd = door->waiting[i]->fd;
        size_t count = fd != most_fd && door->waiting[i]->is_parked ? parked_of(door, fd) : 0;
        most_fd = count > most ? fd : most_fd;
        most = count > most ? count : most;
    }
    if (most == 0) {
        return;
    }
    gate_cut_unread(most_fd);
    for (size_t i = 0; i < door->waiting_count; i++) {
        struct question *question = door->waiting[i];
        if (question->fd == most_fd) {
            question_free(door, question);
        } else {
            door->waiting[kept++] = question;
        }
    }
    door->waiting_count = kept;
}

/* Room for one more: where all places are taken, the oldest question that is ahead gives up its;
 * where there is none, a peer that does not read. */
static bool make_room(struct desk_door *door)
{
    for (size_t i = 0; door->waiting_count == DESK_WAITING_MAX && i < DESK_WAITING_MAX; i++) {
        struct question *question = door->waiting[i];
        bool is_waiting = question->is_ahead || question->is_working;
        if (is_waiting && answer(door, question, DESK_LAST)) {
            question_free(door, question);
            door->waiting_count--;
            memmove(&door->waiting[i], &door->waiting[i + 1],
                    (door->waiting_count - i) * sizeof door->waiting[0]);
        }
    }
    if (door->waiting_count == DESK_WAITING_MAX) {
        cut_most_parked(door);
    }
    return door->waiting_count < DESK_WAITING_MAX;
}

/* They wait, also those that could be answered at once: whose turn it is is for the shares. */
static void take_questions(struct desk_door *door, struct socket *socket)
{
    int r = 1;
    for (int taken = 0; taken < TAKE_AT_ONCE && r >= 0 && make_room(door); taken++) {
        struct question *question = question_new(door, socket);
        r = question_take(question);
        if (r <= 0) {
            question_free(door, question);
            continue;
        }
        question->share = share_enter(&door->shares, question_whose(question));
        door->waiting[door->waiting_count++] = question;
    }
}

/* One that has just come, or whose peer may have read meanwhile. True if it was answered. */
static bool try_fresh(struct desk_door *door, struct question *question)
{
    question->is_parked = false;
    if (answer(door, question, DESK_CAME)) {
        return true;
    }
    question->is_to_ask = !question->is_parked && !question->is_working;
    return false;
}

static size_t ahead_of(const struct desk_door *door, int fd)
{
    size_t count = 0;
    for (size_t i = 0; i < door->waiting_count; i++) {
        const struct question *one = door->waiting[i];
        count += one != NULL && one->fd == fd && (one->is_ahead || one->is_working);
    }
    return count;
}

/* One too many of a peer, and one whose time is over, is asked a last time. True if answered. */
static bool try_working(struct desk_door *door, struct question *question)
{
    bool is_last = question->give_up <= door->options.now() ||
                   ahead_of(door, question->fd) > DESK_OPEN_MAX;
    return answer(door, question, is_last ? DESK_LAST : DESK_CAME);
}

/* True if it was answered. */
static bool try(struct desk_door *door, struct question *question, uint64_t shown)
{
    if (question->is_working && !question->is_parked) {
        return try_working(door, question);
    }
    if (question->is_parked || question->number == 0) {
        return try_fresh(door, question);
    }
    if (question->number <= shown) {
        if (answer(door, question, DESK_SHOWN)) {
            return true;
        }
        bool is_one_more = !question->is_ahead && ahead_of(door, question->fd) >= DESK_OPEN_MAX;
        if (is_one_more && answer(door, question, DESK_LAST)) {
            return true;
        }
        question->is_ahead = !question->is_parked && !question->is_working;
    }
    return question->until <= door->options.now() && answer(door, question, DESK_LAST);
}

/* The one whose peer has used least; of several, the one that came first. Its place, or
 * DESK_WAITING_MAX: all were tried in this pass, or wait for something. */
static size_t next_to_try(const struct desk_door *door, uint64_t shown)
{
    rd_time now = door->options.now();
    size_t best = DESK_WAITING_MAX;
    for (size_t i = 0; i < door->waiting_count; i++) {
        const struct question *one = door->waiting[i];
        if (one != NULL && one->tried != door->pass && question_is_ready(one, shown, now) &&
                (best == DESK_WAITING_MAX || one->share->used < door->waiting[best]->share->used)) {
            best = i;
        }
    }
    return best;
}

/* Nobody waits for the answers of a connection that has gone. */
static void drop_gone(struct desk_door *door)
{
    size_t kept = 0;
    for (size_t i = 0; i < door->waiting_count; i++) {
        struct question *question = door->waiting[i];
        if (question != NULL && question_is_gone(question)) {
            question_free(door, question);
        } else if (question != NULL) {
            door->waiting[kept++] = question;
        }
    }
    door->waiting_count = kept;
}

/* Those that were tried in vain ask together. What has a number waits for the next thing shown: as
 * long as the desk itself had the last one, none could be, so that time does not count. */
static void ask_for_more(struct desk_door *door, uint64_t shown)
{
    rd_time now = door->options.now();
    bool is_to_ask = false, is_ahead_due = false;
    for (size_t i = 0; i < door->waiting_count; i++) {
        const struct question *question = door->waiting[i];
        is_to_ask |= question->is_to_ask || (shown > 0 && question_waits_for_showing(question));
        is_ahead_due |= question->is_ahead && shown == 0 && door->ahead_at <= now;
    }
    if (shown > 0 || is_ahead_due) {
        door->ahead_at = now + AHEAD_US;
    }
    uint64_t number = is_to_ask || is_ahead_due ? door->options.ask(door->options.context) : 0;
    for (size_t i = 0; i < door->waiting_count; i++) {
        struct question *question = door->waiting[i];
        if (question->is_to_ask || (shown > 0 && question_waits_for_showing(question))) {
            question->until = now + DESK_WAIT_US;
        }
        question->number = question->is_to_ask ? number : question->number;
        question->is_to_ask = false;
    }
}

/* Answers for a slice of time, and at least one, by what is shown; asks for more for the others. */
static void answer_waiting(struct desk_door *door)
{
    uint64_t shown = door->options.shown(door->options.context);
    rd_time begin = door->options.now(), now = begin;
    drop_gone(door);
    door->pass++;
    for (size_t at = next_to_try(door, shown);
            at != DESK_WAITING_MAX && now - begin < SLICE_US && !atomic_load(&door->is_stopping);
            at = next_to_try(door, shown)) {
        struct question *question = door->waiting[at];
        rd_time before = now;
        question->tried = door->pass;
        bool is_answered = try(door, question, shown);
        now = door->options.now();
        share_use(&door->shares, question->share, now > before ? now - before : 1);
        if (is_answered) {
            question_free(door, question);
            door->waiting[at] = NULL;
        }
    }
    drop_gone(door); /* and closes the gaps */
    if (shown > 0) {
        door->options.done(door->options.context);
    }
    ask_for_more(door, shown);
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
        const struct question *question = door->waiting[i];
        bool is_fresh = question->number == 0 && !question->is_parked && !question->is_working;
        at = sooner(at, is_fresh ? 0 : question->until);
        at = sooner(at, question->is_ahead ? door->ahead_at : RD_TIME_MAX);
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
        size_t first = door->turns++;
        for (size_t i = 0; i < sockets; i++) {
            size_t at = (first + i) % sockets;
            if (items[1 + at].revents != 0) {
                take_questions(door, &door->sockets.at[at]);
            } else if (has_room) {
                gate_drained(door->sockets.at[at].rules);
            }
        }
        answer_waiting(door);
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
        question_free(door, door->waiting[i]);
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
