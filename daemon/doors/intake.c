#include "daemon/doors/intake.h"

#include <errno.h>
#include <stdlib.h>

#include <zmq.h>

#include "common/buf.h"
#include "daemon/doors/socket.h"

enum {
    RECEIVE_MAX = 1024,
    REPLIES_MAX = 65536, /* receipts of one peer on their way; about 100 bytes each */
    LINGER_MS = 1000,
    SOURCES = 3,
};

enum source { SOURCE_ROUTER, SOURCE_PULL, SOURCE_SUB };

/* A message with the memory it borrows from. */
struct parcel {
    struct intake_message message; /* first: the caller has its address */
    struct parcel *next;           /* of the idle ones */
    zmq_msg_t peer;
    zmq_msg_t parts[INTAKE_FRAMES_MAX + 1]; /* a preface and the events */
    struct rd_str frames[INTAKE_FRAMES_MAX];
    size_t part_count; /* of parts that are open */
    bool has_peer;
};

struct intake {
    void *sockets[SOURCES]; /* NULL: not configured */
    struct parcel *idle;    /* kept, so that a steady state does not call malloc */
    uint64_t dropped;
};

static int open_source(struct doors *doors, enum source source,
        const struct intake_options *options, void **ret_socket, char ret_what[static 256])
{
    static const int types[SOURCES] = {ZMQ_ROUTER, ZMQ_PULL, ZMQ_SUB};
    const struct endpoints lists[SOURCES] = {options->bind, options->pull, options->subscribe};
    if (lists[source].count == 0) {
        return 0;
    }
    struct socket_options socket_options = {
            .type = types[source],
            .send_max = REPLIES_MAX,
            .receive_max = RECEIVE_MAX,
            .frame_bytes_max = (int64_t)options->event_bytes_max * 4,
            .linger_ms = LINGER_MS,
    };
    int r = socket_open(doors, &socket_options, ret_socket);
    if (r < 0) {
        return r;
    }
    if (source != SOURCE_SUB) {
        return socket_bind(*ret_socket, lists[source], ret_what);
    }
    if (zmq_setsockopt(*ret_socket, ZMQ_SUBSCRIBE, "", 0) < 0) {
        return -errno;
    }
    return socket_connect(*ret_socket, lists[source], ret_what);
}

int intake_open(struct doors *doors, const struct intake_options *options,
        struct intake **ret_intake, char ret_what[static 256])
{
    ret_what[0] = '\0';
    RD_CLEANUP(intake_closep)
    struct intake *intake = calloc(1, sizeof *intake);
    if (intake == NULL) {
        rd_oom();
    }
    for (enum source source = SOURCE_ROUTER; source <= SOURCE_SUB; source++) {
        int r = open_source(doors, source, options, &intake->sockets[source], ret_what);
        if (r < 0) {
            return r;
        }
    }
    *ret_intake = intake;
    intake = NULL;
    return 0;
}

static struct parcel *parcel_new(struct intake *intake)
{
    struct parcel *parcel = intake->idle;
    if (parcel != NULL) {
        intake->idle = parcel->next;
        return parcel;
    }
    parcel = calloc(1, sizeof *parcel);
    if (parcel == NULL) {
        rd_oom();
    }
    return parcel;
}

static void parcel_empty(struct parcel *parcel)
{
    for (size_t i = 0; i < parcel->part_count; i++) {
        (void)zmq_msg_close(&parcel->parts[i]);
    }
    parcel->part_count = 0;
    if (parcel->has_peer) {
        (void)zmq_msg_close(&parcel->peer);
        parcel->has_peer = false;
    }
}

static void parcel_done(struct intake *intake, struct parcel *parcel)
{
    parcel_empty(parcel);
    parcel->next = intake->idle;
    intake->idle = parcel;
}

void intake_done(struct intake *intake, struct intake_message *message)
{
    parcel_done(intake, (struct parcel *)message);
}

void intake_close(struct intake *intake)
{
    if (intake == NULL) {
        return;
    }
    while (intake->idle != NULL) {
        struct parcel *parcel = intake->idle;
        intake->idle = parcel->next;
        free(parcel);
    }
    for (size_t i = 0; i < SOURCES; i++) {
        socket_close(&intake->sockets[i]);
    }
    free(intake);
}

void intake_closep(struct intake **intake)
{
    intake_close(*intake);
}

static struct rd_str bytes_of(zmq_msg_t *part)
{
    return (struct rd_str){.ptr = zmq_msg_data(part), .len = zmq_msg_size(part)};
}

/* Reads one part into `part`. 1 and whether more follow, 0: nothing there, -errno. */
static int receive(void *socket, zmq_msg_t *part, bool *ret_has_more)
{
    (void)zmq_msg_init(part);
    if (zmq_msg_recv(part, socket, ZMQ_DONTWAIT) < 0) {
        int r = errno == EAGAIN || errno == EINTR ? 0 : -errno;
        (void)zmq_msg_close(part);
        return r;
    }
    *ret_has_more = zmq_msg_more(part) != 0;
    return 1;
}

/* Reads the rest of a multipart message; libzmq has all of it before it gives the first part. */
static int receive_parts(struct parcel *parcel, void *socket, bool has_more, size_t *ret_over)
{
    size_t over = 0;
    while (has_more) {
        zmq_msg_t unread;
        bool is_kept = parcel->part_count < RD_COUNT(parcel->parts);
        zmq_msg_t *part = is_kept ? &parcel->parts[parcel->part_count] : &unread;
        int r = receive(socket, part, &has_more);
        if (r <= 0) {
            return r < 0 ? r : -EBADMSG;
        }
        if (is_kept) {
            parcel->part_count++;
        } else {
            (void)zmq_msg_close(part);
            over++;
        }
    }
    *ret_over = over;
    return 1;
}

/* The leading frame that is no event: mirrored if empty, the topic of a SUB. True: skip it. */
static bool is_preface(struct parcel *parcel, enum source source)
{
    if (source == SOURCE_SUB) {
        return parcel->part_count > 1;
    }
    parcel->message.is_empty_mirrored = zmq_msg_size(&parcel->parts[0]) == 0;
    return parcel->message.is_empty_mirrored;
}

/* Fills the message from the parts. False: nothing in it, or too much: dropped. */
static bool make_message(struct parcel *parcel, enum source source, size_t over)
{
    size_t first = 0;
    struct intake_message *message = &parcel->message;
    *message = (struct intake_message){.is_answered = source == SOURCE_ROUTER};
    if (parcel->part_count > 0 && is_preface(parcel, source)) {
        first = 1;
    }
    size_t count = parcel->part_count - first;
    if (count > INTAKE_FRAMES_MAX) {
        over += count - INTAKE_FRAMES_MAX;
        count = INTAKE_FRAMES_MAX;
    }
    if (count == 0 || over > INTAKE_FRAMES_OVER_MAX) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        parcel->frames[i] = bytes_of(&parcel->parts[first + i]);
        message->bytes += parcel->frames[i].len;
    }
    const char *user = zmq_msg_gets(&parcel->parts[first], "User-Id");
    message->user = rd_str_of(user);
    message->frames = parcel->frames;
    message->frame_count = count;
    message->frames_over = over;
    if (parcel->has_peer) {
        message->peer = bytes_of(&parcel->peer);
    }
    return true;
}

static int take_from(struct intake *intake, enum source source, struct parcel *parcel)
{
    void *socket = intake->sockets[source];
    for (;;) {
        bool has_more = true;
        size_t over = 0;
        int r;
        if (source == SOURCE_ROUTER) {
            r = receive(socket, &parcel->peer, &has_more);
            parcel->has_peer = r == 1;
        } else {
            r = receive(socket, &parcel->parts[0], &has_more);
            parcel->part_count = r == 1 ? 1 : 0;
        }
        if (r == 1) {
            r = receive_parts(parcel, socket, has_more, &over);
        }
        if (r != 1 || make_message(parcel, source, over)) {
            return r;
        }
        parcel_empty(parcel);
        intake->dropped++;
    }
}

int intake_take(struct intake *intake, bool only_answered, struct intake_message **ret_message)
{
    struct parcel *parcel = parcel_new(intake);
    for (enum source source = SOURCE_ROUTER; source <= SOURCE_SUB; source++) {
        if (intake->sockets[source] == NULL || (only_answered && source != SOURCE_ROUTER)) {
            continue;
        }
        int r = take_from(intake, source, parcel);
        if (r == 1) {
            *ret_message = &parcel->message;
            return r;
        }
        if (r < 0) {
            parcel_done(intake, parcel);
            return r;
        }
    }
    parcel_done(intake, parcel);
    return 0;
}

bool intake_is_readable(struct intake *intake, bool only_answered)
{
    bool is_readable = false;
    for (enum source source = SOURCE_ROUTER; source <= SOURCE_SUB; source++) {
        int events = 0;
        size_t size = sizeof events;
        if (intake->sockets[source] == NULL || (only_answered && source != SOURCE_ROUTER)) {
            continue;
        }
        int r = zmq_getsockopt(intake->sockets[source], ZMQ_EVENTS, &events, &size);
        is_readable = is_readable || (r == 0 && (events & ZMQ_POLLIN) != 0);
    }
    return is_readable;
}

uint64_t intake_dropped(const struct intake *intake)
{
    return intake->dropped;
}

static int send_part(void *socket, struct rd_str bytes, int flags)
{
    return zmq_send(socket, bytes.ptr, bytes.len, flags | ZMQ_DONTWAIT) < 0 ? -errno : 0;
}

int intake_reply(
        struct intake *intake, struct rd_str peer, bool is_empty_mirrored, struct rd_str receipts)
{
    void *socket = intake->sockets[SOURCE_ROUTER];
    RD_ASSERT(socket != NULL);
    RD_ASSERT(receipts.len > 0);
    int r = send_part(socket, peer, ZMQ_SNDMORE);
    if (r == 0 && is_empty_mirrored) {
        r = send_part(socket, (struct rd_str){.ptr = "", .len = 0}, ZMQ_SNDMORE);
    }
    struct rd_get get = rd_get_of(receipts);
    while (r == 0 && get.ptr < get.end) {
        uint32_t size = rd_get_u32(&get);
        struct rd_str receipt = rd_get_bytes(&get, size);
        RD_ASSERT(get.error == 0);
        r = send_part(socket, receipt, get.ptr < get.end ? ZMQ_SNDMORE : 0);
    }
    return r;
}

size_t intake_sockets(const struct intake *intake, bool only_answered, void *sockets[static 3])
{
    size_t count = 0;
    for (size_t i = 0; i < SOURCES; i++) {
        if (intake->sockets[i] != NULL && (!only_answered || i == SOURCE_ROUTER)) {
            sockets[count++] = intake->sockets[i];
        }
    }
    return count;
}
