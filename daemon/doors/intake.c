#include "daemon/doors/intake.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <zmq.h>

#include "common/buf.h"
#include "common/pack.h"
#include "common/sizes.h"
#include "daemon/doors/socket.h"

enum {
    REPLIES_MAX = 65536, /* receipts of one peer on their way; about 100 bytes each */
    MESSAGE_BYTES_MAX = 64 * 1024 * 1024,
    UNREAD_MAX = 64, /* messages of one peer that are not done with */
    UNREAD_BYTES_MAX = 4 * 1024 * 1024,
    LINGER_MS = 1000,
    SOURCES = 3,
    PARTS_FIRST = 64,
    IDLE_MAX = 4,
};

enum source { SOURCE_ROUTER, SOURCE_PULL, SOURCE_SUB };

/* A message with the memory it borrows from. */
struct parcel {
    struct intake_message message; /* first: the caller has its address */
    struct parcel *next;           /* of the idle ones */
    char peer[INTAKE_PEER_MAX];    /* the connection, and the routing id */
    int fd;                        /* of the connection; -1: unknown */
    zmq_msg_t *parts;              /* an envelope and the events */
    struct rd_str *frames;
    size_t part_count, room; /* of parts that are open; of both arrays */
    size_t read_count;       /* of parts, those not kept too */
    uint64_t read_bytes;
};

struct intake {
    struct socket sockets[SOURCES]; /* not open: not configured */
    struct parcel *idle;            /* kept, so that a steady state does not call malloc */
    size_t idle_count;
    uint64_t dropped;
};

static int open_source(struct doors *doors, enum source source,
        const struct intake_options *options, struct socket *ret_socket, char ret_what[static 256])
{
    static const char *const names[SOURCES] = {"intake", "pull", "subscribe"};
    static const int types[SOURCES] = {ZMQ_ROUTER, ZMQ_PULL, ZMQ_SUB};
    const struct endpoints lists[SOURCES] = {options->bind, options->pull, options->subscribe};
    if (lists[source].count == 0) {
        return 0;
    }
    struct socket_options socket_options = {
            .type = types[source],
            .rules = {.door = names[source],
                    .in = {.frame_bytes = options->event_bytes_max * RD_FRAME_TIMES,
                            .message_frames = INTAKE_MESSAGE_FRAMES_MAX,
                            .message_bytes = MESSAGE_BYTES_MAX},
                    .unread_messages = UNREAD_MAX,
                    .unread_bytes = UNREAD_BYTES_MAX,
                    .has_ids = source == SOURCE_ROUTER},
            .send_max = REPLIES_MAX,
            .linger_ms = LINGER_MS,
    };
    int r = socket_open(doors, &socket_options, ret_socket);
    if (r < 0) {
        return r;
    }
    if (source != SOURCE_SUB) {
        return socket_bind(ret_socket, lists[source], ret_what);
    }
    if (zmq_setsockopt(ret_socket->handle, ZMQ_SUBSCRIBE, "", 0) < 0) {
        return -errno;
    }
    return socket_connect(ret_socket, lists[source], ret_what);
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

int intake_bind(
        struct intake *intake, bool is_pull, struct endpoints endpoints, char ret_what[static 256])
{
    struct socket *socket = &intake->sockets[is_pull ? SOURCE_PULL : SOURCE_ROUTER];
    RD_ASSERT(socket->handle != NULL);
    return socket_bind(socket, endpoints, ret_what);
}

static struct parcel *parcel_new(struct intake *intake)
{
    struct parcel *parcel = intake->idle;
    if (parcel != NULL) {
        intake->idle = parcel->next;
        intake->idle_count--;
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
    if (parcel->read_count > 0) {
        gate_taken(parcel->fd, parcel->read_count, parcel->read_bytes);
    }
    parcel->part_count = parcel->read_count = 0;
    parcel->read_bytes = 0;
}

static void parcel_free(struct parcel *parcel)
{
    free(parcel->parts);
    free(parcel->frames);
    free(parcel);
}

/* Few of those that are idle are kept, so that a flood leaves nothing behind. */
static void parcel_done(struct intake *intake, struct parcel *parcel)
{
    parcel_empty(parcel);
    if (intake->idle_count == IDLE_MAX) {
        parcel_free(parcel);
        return;
    }
    intake->idle_count++;
    parcel->next = intake->idle;
    intake->idle = parcel;
}

/* Room for one part more. */
static void parcel_grow(struct parcel *parcel)
{
    if (parcel->part_count < parcel->room) {
        return;
    }
    size_t room = parcel->room > 0 ? 2 * parcel->room : PARTS_FIRST;
    zmq_msg_t *parts = calloc(room, sizeof *parts);
    struct rd_str *frames = calloc(room, sizeof *frames);
    if (parts == NULL || frames == NULL) {
        rd_oom();
    }
    for (size_t i = 0; i < parcel->part_count; i++) {
        (void)zmq_msg_init(&parts[i]);
        (void)zmq_msg_move(&parts[i], &parcel->parts[i]);
        (void)zmq_msg_close(&parcel->parts[i]);
    }
    free(parcel->parts);
    free(parcel->frames);
    parcel->parts = parts;
    parcel->frames = frames;
    parcel->room = room;
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
        parcel_free(parcel);
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

/* Reads the parts of a message; libzmq has all of it before it gives the first one. 1, 0: there is
 * none, -errno. */
static int receive_parts(struct parcel *parcel, void *socket)
{
    bool has_more = true;
    while (has_more) {
        parcel_grow(parcel);
        zmq_msg_t *part = &parcel->parts[parcel->part_count];
        int r = receive(socket, part, &has_more);
        if (r <= 0) {
            return r == 0 && parcel->read_count > 0 ? -EBADMSG : r;
        }
        parcel->fd = parcel->read_count == 0 ? zmq_msg_get(part, ZMQ_SRCFD) : parcel->fd;
        parcel->read_count++;
        parcel->read_bytes += zmq_msg_size(part);
        if (parcel->part_count < INTAKE_ENVELOPE_MAX + INTAKE_FRAMES_MAX) {
            parcel->part_count++;
        } else {
            (void)zmq_msg_close(part);
        }
    }
    return 1;
}

/* Who sent it: the routing id, after the descriptor, which tells what waits for it. */
static int receive_peer(struct parcel *parcel, void *socket, struct rd_str *ret_peer)
{
    zmq_msg_t id;
    bool has_more;
    int r = receive(socket, &id, &has_more);
    if (r != 1) {
        return r;
    }
    struct rd_str bytes = bytes_of(&id);
    RD_ASSERT(has_more && bytes.len <= UINT8_MAX);
    memcpy(parcel->peer + sizeof parcel->fd, bytes.ptr, bytes.len);
    *ret_peer = (struct rd_str){.ptr = parcel->peer, .len = sizeof parcel->fd + bytes.len};
    (void)zmq_msg_close(&id);
    r = receive_parts(parcel, socket);
    memcpy(parcel->peer, &parcel->fd, sizeof parcel->fd);
    return r == 0 ? -EBADMSG : r;
}

static bool is_map(struct rd_str frame)
{
    uint8_t tag = frame.len > 0 ? (uint8_t)frame.ptr[0] : 0;
    bool is_head = (tag >= 0x80 && tag <= 0x8f) || tag == 0xde || tag == 0xdf;
    return is_head && rd_pack_scan(frame, NULL) != -EBADMSG;
}

/* How many leading frames are the envelope: what a REQ and each socket between it and here has put
 * before the message, up to the first empty frame. Where the first frame is an event there is none,
 * and an empty frame is one that is malformed. */
static size_t envelope_of(struct parcel *parcel)
{
    size_t bytes = 0;
    for (size_t i = 0; i < parcel->part_count && i < INTAKE_ENVELOPE_MAX; i++) {
        size_t len = zmq_msg_size(&parcel->parts[i]);
        bytes += len;
        if (bytes > INTAKE_ENVELOPE_BYTES_MAX) {
            return 0;
        }
        if (len == 0) {
            return i > 0 && is_map(bytes_of(&parcel->parts[0])) ? 0 : i + 1;
        }
    }
    return 0;
}

/* Fills the message from the parts. False: nothing is in it. */
static bool make_message(struct parcel *parcel, enum source source, struct rd_str peer)
{
    struct intake_message *message = &parcel->message;
    *message = (struct intake_message){.is_answered = source == SOURCE_ROUTER, .peer = peer};
    bool has_topic = source == SOURCE_SUB && parcel->part_count > 1;
    size_t first = source == SOURCE_SUB ? (has_topic ? 1 : 0) : envelope_of(parcel);
    size_t count = parcel->read_count - first;
    if (count == 0) {
        return false;
    }
    message->frame_count = count < INTAKE_FRAMES_MAX ? count : INTAKE_FRAMES_MAX;
    message->frames_over = count - message->frame_count;
    for (size_t i = 0; i < first + message->frame_count; i++) {
        parcel->frames[i] = bytes_of(&parcel->parts[i]);
        message->bytes += parcel->frames[i].len;
    }
    message->envelope = parcel->frames;
    message->envelope_count = source == SOURCE_ROUTER ? first : 0;
    message->frames = parcel->frames + first;
    const char *user = zmq_msg_gets(&parcel->parts[first], "User-Id");
    message->user = rd_str_of(user);
    return true;
}

static int take_from(struct intake *intake, enum source source, struct parcel *parcel)
{
    void *socket = intake->sockets[source].handle;
    for (;;) {
        struct rd_str peer = {.ptr = "", .len = 0};
        int r = source == SOURCE_ROUTER ? receive_peer(parcel, socket, &peer)
                                        : receive_parts(parcel, socket);
        if (r != 1 || make_message(parcel, source, peer)) {
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
        if (intake->sockets[source].handle == NULL || (only_answered && source != SOURCE_ROUTER)) {
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
        if (intake->sockets[source].handle == NULL || (only_answered && source != SOURCE_ROUTER)) {
            continue;
        }
        int r = zmq_getsockopt(intake->sockets[source].handle, ZMQ_EVENTS, &events, &size);
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

int intake_reply(struct intake *intake, struct rd_str peer, struct rd_str frames)
{
    void *socket = intake->sockets[SOURCE_ROUTER].handle;
    int fd;
    RD_ASSERT(socket != NULL && peer.len > sizeof fd && frames.len > 0);
    memcpy(&fd, peer.ptr, sizeof fd);
    if (gate_waiting(fd) > 2 * GATE_WAITING_MAX) { /* it has not been read for long */
        gate_cut_unread(fd);
        return -EAGAIN;
    }
    struct rd_str id = {.ptr = peer.ptr + sizeof fd, .len = peer.len - sizeof fd};
    int r = send_part(socket, id, ZMQ_SNDMORE);
    uint64_t size = 0;
    struct rd_get get = rd_get_of(frames);
    while (r == 0 && get.ptr < get.end) {
        uint32_t length = rd_get_u32(&get);
        struct rd_str frame = rd_get_bytes(&get, length);
        RD_ASSERT(get.error == 0);
        size += zmtp_framed(frame.len);
        r = send_part(socket, frame, get.ptr < get.end ? ZMQ_SNDMORE : 0);
    }
    if (r == 0) {
        gate_queued(fd, size);
    }
    return r;
}

size_t intake_sockets(const struct intake *intake, bool only_answered, void *sockets[static 3])
{
    size_t count = 0;
    for (size_t i = 0; i < SOURCES; i++) {
        if (intake->sockets[i].handle != NULL && (!only_answered || i == SOURCE_ROUTER)) {
            sockets[count++] = intake->sockets[i].handle;
        }
    }
    return count;
}
