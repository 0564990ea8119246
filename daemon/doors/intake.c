#include "daemon/doors/intake.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <zmq.h>

#include "common/base/buf.h"
#include "common/base/sizes.h"
#include "common/wire/pack.h"
#include "daemon/doors/socket.h"

enum {
    REPLIES_MAX = 65536, /* receipts of one peer on their way; about 100 bytes each */
    MESSAGE_BYTES_MAX = 64 * 1024 * 1024,
    UNREAD_MAX = 64, /* messages of one peer that are not done with */
    UNREAD_BYTES_MAX = 4 * 1024 * 1024,
    LINGER_MS = 1000,
    SOURCES = 3,
    PEER_HEAD = sizeof(int) + 1, /* before the routing id: the descriptor, the socket */
    PARTS_FIRST = 64,
    IDLE_MAX = 4,
};

enum source { SOURCE_ROUTER, SOURCE_PULL, SOURCE_SUB };

/* A message with the memory it borrows from. */
struct parcel {
    struct intake_message message; /* first: the caller has its address */
    struct parcel *next;           /* of the idle ones */
    char peer[INTAKE_PEER_MAX];    /* the connection, the socket, and the routing id */
    struct socket *socket;
    int fd;           /* of the connection; -1: unknown */
    zmq_msg_t *parts; /* an envelope and the events */
    struct rd_str *frames;
    size_t part_count, room;                /* of parts that are open; of both arrays */
    size_t read_count;                      /* of parts, those not kept too */
    uint64_t counted_frames, counted_bytes; /* for gate_taken() */
};

struct intake {
    struct sockets sockets[SOURCES]; /* none: not configured */
    struct parcel *idle;             /* kept, so that a steady state does not call malloc */
    size_t idle_count;
    uint64_t dropped;
    size_t turns; /* which socket is looked at first */
};

static int open_source(struct doors *doors, enum source source,
        const struct intake_options *options, struct sockets *sockets, char ret_what[static 256])
{
    static const char *const names[SOURCES] = {"intake", "pull", "subscribe"};
    static const int types[SOURCES] = {ZMQ_ROUTER, ZMQ_PULL, ZMQ_SUB};
    const struct endpoints lists[SOURCES] = {options->bind, options->pull, options->subscribe};
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
    return sockets_open(doors, &socket_options, lists[source], sockets, ret_what);
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
    return sockets_bind(
            &intake->sockets[is_pull ? SOURCE_PULL : SOURCE_ROUTER], endpoints, ret_what);
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
        gate_taken(parcel->fd, parcel->counted_frames, parcel->counted_bytes);
    }
    parcel->part_count = parcel->read_count = 0;
    parcel->counted_frames = parcel->counted_bytes = 0;
}

static void parcel_free(struct parcel *parcel)
{
    free(parcel->parts);
    free(parcel->frames);
    free(parcel);
}

/* Keeps only a few idle ones, so that a flood does not hold its memory for ever. */
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
        sockets_close(&intake->sockets[i]);
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
static int receive_parts(struct parcel *parcel)
{
    bool has_more = true;
    while (has_more) {
        parcel_grow(parcel);
        zmq_msg_t *part = &parcel->parts[parcel->part_count];
        int r = receive(parcel->socket->handle, part, &has_more);
        if (r <= 0) {
            return r == 0 && parcel->read_count > 0 ? -EBADMSG : r;
        }
        parcel->fd = parcel->read_count == 0 ? zmq_msg_get(part, ZMQ_SRCFD) : parcel->fd;
        parcel->read_count++;
        gate_count(parcel->socket->rules, zmq_msg_size(part), &parcel->counted_frames,
                &parcel->counted_bytes);
        if (parcel->part_count < INTAKE_ENVELOPE_MAX + INTAKE_FRAMES_MAX) {
            parcel->part_count++;
        } else {
            (void)zmq_msg_close(part);
        }
    }
    return 1;
}

/* The sender: its routing id, which follows the descriptor that receipts are counted by. */
static int receive_peer(struct parcel *parcel, uint8_t socket, struct rd_str *ret_peer)
{
    zmq_msg_t id;
    bool has_more;
    int r = receive(parcel->socket->handle, &id, &has_more);
    if (r != 1) {
        return r;
    }
    struct rd_str bytes = bytes_of(&id);
    RD_ASSERT(has_more && bytes.len <= UINT8_MAX);
    memcpy(parcel->peer + PEER_HEAD, bytes.ptr, bytes.len);
    *ret_peer = (struct rd_str){.ptr = parcel->peer, .len = PEER_HEAD + bytes.len};
    (void)zmq_msg_close(&id);
    r = receive_parts(parcel);
    memcpy(parcel->peer, &parcel->fd, sizeof parcel->fd);
    parcel->peer[sizeof parcel->fd] = (char)socket;
    return r == 0 ? -EBADMSG : r;
}

static bool is_map(struct rd_str frame)
{
    uint8_t tag = frame.len > 0 ? (uint8_t)frame.ptr[0] : 0;
    bool is_head = (tag >= 0x80 && tag <= 0x8f) || tag == 0xde || tag == 0xdf;
    return is_head && rd_pack_scan(frame, NULL) != -EBADMSG;
}

/* Counts the leading frames that are the envelope: those that a REQ and each socket in between put
 * before the message, up to the first empty frame. If the first frame is an event there is no
 * envelope, and an empty frame is a malformed event. */
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
    if (count == 0 ||
            !socket_who(parcel->socket, &parcel->parts[first], parcel->fd, &message->user, NULL)) {
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
    return true;
}

static int take_from(struct intake *intake, enum source source, size_t at, struct parcel *parcel)
{
    parcel->socket = &intake->sockets[source].at[at];
    for (;;) {
        struct rd_str peer = {.ptr = "", .len = 0};
        int r = source == SOURCE_ROUTER ? receive_peer(parcel, (uint8_t)at, &peer)
                                        : receive_parts(parcel);
        if (r == 0) {
            gate_drained(parcel->socket->rules);
        }
        if (r != 1 || make_message(parcel, source, peer)) {
            return r;
        }
        parcel_empty(parcel);
        intake->dropped++;
    }
}

/* The sockets in the order of their sources, each turn from another one on, so that none starves
 * the others. */
int intake_take(struct intake *intake, bool only_answered, struct intake_message **ret_message)
{
    struct parcel *parcel = parcel_new(intake);
    enum source behind = only_answered ? SOURCE_PULL : SOURCES;
    for (enum source source = SOURCE_ROUTER; source < behind; source++) {
        const struct sockets *sockets = &intake->sockets[source];
        size_t first = intake->turns++;
        for (size_t i = 0; i < sockets->count; i++) {
            int r = take_from(intake, source, (first + i) % sockets->count, parcel);
            if (r == 1) {
                *ret_message = &parcel->message;
                return r;
            }
            if (r < 0) {
                parcel_done(intake, parcel);
                return r;
            }
        }
    }
    parcel_done(intake, parcel);
    return 0;
}

bool intake_is_readable(struct intake *intake, bool only_answered)
{
    const struct socket *sockets[INTAKE_SOCKETS_MAX];
    size_t count = intake_sockets(intake, only_answered, sockets);
    bool is_readable = false;
    for (size_t i = 0; i < count; i++) {
        int events = 0;
        size_t size = sizeof events;
        int r = zmq_getsockopt(sockets[i]->handle, ZMQ_EVENTS, &events, &size);
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
    int fd;
    RD_ASSERT(peer.len > PEER_HEAD && frames.len > 0);
    memcpy(&fd, peer.ptr, sizeof fd);
    size_t at = (uint8_t)peer.ptr[sizeof fd];
    RD_ASSERT(at < intake->sockets[SOURCE_ROUTER].count);
    const struct socket *of_peer = &intake->sockets[SOURCE_ROUTER].at[at];
    void *socket = of_peer->handle;
    if (gate_waiting(fd) > 2 * GATE_WAITING_MAX) { /* it has not been read for long */
        gate_cut_unread(fd);
        return -EAGAIN;
    }
    struct rd_str id = {.ptr = peer.ptr + PEER_HEAD, .len = peer.len - PEER_HEAD};
    int r = send_part(socket, id, ZMQ_SNDMORE);
    uint64_t size = 0;
    struct rd_get get = rd_get_of(frames);
    while (r == 0 && get.ptr < get.end) {
        uint32_t length = rd_get_u32(&get);
        struct rd_str frame = rd_get_bytes(&get, length);
        RD_ASSERT(get.error == 0);
        size += socket_framed(of_peer, frame.len);
        r = send_part(socket, frame, get.ptr < get.end ? ZMQ_SNDMORE : 0);
    }
    if (r == 0) {
        gate_queued(fd, size);
    }
    return r;
}

size_t intake_sockets(const struct intake *intake, bool only_answered,
        const struct socket *sockets[static INTAKE_SOCKETS_MAX])
{
    size_t count = 0;
    for (size_t source = 0; source < (only_answered ? SOURCE_PULL : SOURCES); source++) {
        for (size_t i = 0; i < intake->sockets[source].count; i++) {
            sockets[count++] = &intake->sockets[source].at[i];
        }
    }
    return count;
}
