#include "daemon/doors/gate_peer.h"

#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>

#include "daemon/doors/gate_next.h"

enum { TOPICS_FIRST = 16 };

struct gate_peer *gate_peer_new(int fd, struct gate_rules *rules)
{
    struct gate_peer *peer = calloc(1, sizeof *peer);
    if (peer == NULL) {
        rd_oom();
    }
    *peer = (struct gate_peer){.fd = fd, .rules = rules, .epoll_fd = -1};
    peer->kept = malloc(ZMTP_KEPT_MAX);
    if (peer->kept == NULL) {
        rd_oom();
    }
    peer->in.kept = peer->kept;
    return peer;
}

void gate_peer_free(struct gate_peer *peer)
{
    if (peer != NULL) {
        free(peer->kept);
        free(peer->topics);
        free(peer);
    }
}

uint64_t gate_hash(struct rd_str topic)
{
    static _Atomic uint64_t key;
    while (key == 0) {
        uint64_t random = 0;
        if (getrandom(&random, sizeof random, 0) == (ssize_t)sizeof random) {
            key = random;
        }
    }
    uint64_t value = key;
    for (size_t i = 0; i < topic.len; i++) {
        value = (value ^ (uint8_t)topic.ptr[i]) * UINT64_C(0x9E3779B97F4A7C15);
        value ^= value >> 29;
    }
    return value;
}

void gate_count(const struct gate_rules *rules, size_t size, uint64_t *frames, uint64_t *bytes)
{
    if (!rules->is_curve || rules->has_topics || size > GATE_SMALL_MAX) {
        *frames += 1;
        *bytes += size;
    }
}

static void subscribe(struct gate_peer *peer, struct rd_str topic)
{
    if (peer->topic_count == peer->topic_room) {
        peer->topic_room = peer->topic_room > 0 ? 2 * peer->topic_room : TOPICS_FIRST;
        peer->topics = realloc(peer->topics, peer->topic_room * sizeof *peer->topics);
        if (peer->topics == NULL) {
            rd_oom();
        }
    }
    peer->topics[peer->topic_count++] =
            (struct gate_topic){.hash = gate_hash(topic), .size = (uint32_t)topic.len};
    peer->topic_bytes += topic.len;
}

static void unsubscribe(struct gate_peer *peer, struct rd_str topic)
{
    uint64_t wanted = gate_hash(topic);
    for (size_t i = 0; i < peer->topic_count; i++) {
        if (peer->topics[i].hash == wanted && peer->topics[i].size == topic.len) {
            peer->topic_bytes -= topic.len;
            peer->topics[i] = peer->topics[--peer->topic_count];
            return;
        }
    }
}

/* Subscriptions are messages that begin with 1 or 0, or the commands of ZMTP 3.1. True: it was one.
 */
static bool note_topic(struct gate_peer *peer, const struct zmtp_part *part)
{
    static const char begin[] = "\x09SUBSCRIBE", end[] = "\x06"
                                                         "CANCEL";
    struct rd_str text = part->start;
    bool is_begin = rd_str_starts(text, part->is_command ? RD_STR(begin) : RD_STR("\x01"));
    bool is_end =
            rd_str_starts(text, part->is_command ? RD_STR(end) : (struct rd_str){.ptr = "", 1});
    if (!is_begin && !is_end) {
        return false;
    }
    size_t skipped = !part->is_command ? 1 : is_begin ? sizeof begin - 1 : sizeof end - 1;
    struct rd_str topic = {.ptr = text.ptr + skipped, .len = text.len - skipped};
    if (is_begin) {
        subscribe(peer, topic);
    } else {
        unsubscribe(peer, topic);
    }
    return true;
}

/* Each frame counts as a message here, because the flag that says whether more follow is
 * encrypted. */
static void note_curve(struct gate_peer *peer, const struct zmtp_part *part)
{
    if (part->is_command) {
        return;
    }
    uint64_t frames = 0, bytes = 0;
    gate_count(peer->rules, part->size > GATE_CURVE_EXTRA ? part->size - GATE_CURVE_EXTRA : 0,
            &frames, &bytes);
    peer->small += frames == 0 ? 1 : 0;
    peer->count += frames;
    peer->cost += bytes + frames * GATE_FRAME_COST;
}

bool gate_peer_is_shut_out(struct gate_peer *peer)
{
    const struct gate_rules *rules = peer->rules;
    uint64_t drains = rules->drains;
    bool has_drained = drains != peer->drains;
    bool is_shut_out = has_drained && rules->has_ids && peer->session == 0 && peer->counts[1] > 0;
    if (has_drained && rules->has_topics && peer->taken_count < peer->counts[1]) {
        peer->taken_count = peer->counts[1]; /* what is left are pings */
        peer->taken_cost = peer->costs[1];
    }
    peer->drains = drains;
    peer->counts[1] = peer->counts[0];
    peer->costs[1] = peer->costs[0];
    peer->counts[0] = peer->count;
    peer->costs[0] = peer->cost;
    return is_shut_out;
}

/* HELLO and INITIATE under keys, READY without; then a heartbeat's, and the end. libzmq would queue
 * subscriptions at any door, count none of them, and keep some bytes of each for ever. */
static bool is_lawful(const struct gate_peer *peer, const struct zmtp_part *part, bool is_topic)
{
    static const char ping[] = "\x04PING", pong[] = "\x04PONG",
                      error[] = "\x05"
                                "ERROR";
    if (!part->is_command || is_topic) {
        return true;
    }
    if (peer->rules->is_curve) {
        return peer->in.commands <= 2;
    }
    return peer->in.commands == 1 || rd_str_starts(part->start, RD_STR(ping)) ||
           rd_str_starts(part->start, RD_STR(pong)) || rd_str_starts(part->start, RD_STR(error));
}

enum gate_note gate_peer_note(struct gate_peer *peer, const struct zmtp_part *part)
{
    const struct gate_rules *rules = peer->rules;
    bool is_topic = !rules->is_curve && rules->has_topics && note_topic(peer, part);
    if (!is_lawful(peer, part, is_topic)) {
        return GATE_NOTE_UNLAWFUL;
    }
    if (rules->is_curve) {
        note_curve(peer, part);
        return GATE_NOTE_NOTHING;
    }
    if (!part->is_command || is_topic) {
        peer->count += part->has_more ? 0 : 1;
        peer->cost += part->size + GATE_FRAME_COST;
        return GATE_NOTE_NOTHING;
    }
    struct rd_str id = rules->has_ids && peer->in.commands == 1 ? zmtp_identity(part) : RD_STR("");
    if (id.len == 0 || id.len > sizeof peer->id) {
        return GATE_NOTE_NOTHING;
    }
    memcpy(peer->id, id.ptr, id.len);
    peer->id_len = id.len;
    return GATE_NOTE_ID;
}

bool gate_peer_is_mute(const struct gate_peer *peer)
{
    /* What a peer says before its first message: READY, or under keys HELLO and INITIATE. */
    uint64_t commands = peer->rules->is_curve ? 2 : 1;
    bool is_known = peer->in.commands >= commands || peer->in.messages > 0;
    return peer->is_accepted && !peer->has_ended && !is_known;
}

uint64_t gate_peer_waiting(const struct gate_peer *peer)
{
    return peer->queued > peer->out.bytes ? peer->queued - peer->out.bytes : 0;
}

static void read_or_not(struct gate_peer *peer, bool is_paused)
{
    if (peer->is_paused == is_paused) {
        return;
    }
    peer->is_paused = is_paused;
    if (peer->epoll_fd >= 0) {
        struct epoll_event event = peer->event;
        event.events &= is_paused ? ~(uint32_t)EPOLLIN : UINT32_MAX;
        int r = gate_next()->epoll_ctl(peer->epoll_fd, EPOLL_CTL_MOD, peer->fd, &event);
        RD_ASSERT(r == 0);
    }
}

void gate_peer_settle(struct gate_peer *peer)
{
    const struct gate_rules *rules = peer->rules;
    if (peer->taken_count >= peer->count) { /* all that came whole is taken */
        peer->taken_count = peer->count;
        peer->taken_cost = peer->cost;
    }
    uint64_t unread = peer->count - peer->taken_count;
    uint64_t cost = peer->cost > peer->taken_cost ? peer->cost - peer->taken_cost : 0;
    uint64_t waiting = gate_peer_waiting(peer);
    peer->held = cost + waiting + peer->in.under_way_bytes +
                 peer->in.under_way * (uint64_t)GATE_FRAME_COST;
    /* Read again only when half of it is gone. */
    unsigned half = peer->is_paused ? 2 : 1;
    /* If frames are counted instead of messages, the unread ones may never form a whole message, so
     * a pause could last for ever; libzmq itself stops reading at so many messages. */
    bool has_much = (!rules->is_curve || rules->has_topics) &&
                    (unread >= rules->unread_messages / half ||
                            (unread > 0 && cost >= rules->unread_bytes / half));
    read_or_not(peer, has_much || waiting > GATE_WAITING_MAX / half);
}

void gate_peer_name(int fd, char ret_name[static DOORS_PEER_MAX])
{
    struct sockaddr_storage address;
    socklen_t size = sizeof address;
    struct ucred who;
    socklen_t who_size = sizeof who;
    char host[48], port[8];
    if (getpeername(fd, (struct sockaddr *)&address, &size) < 0) {
        (void)snprintf(ret_name, DOORS_PEER_MAX, "one that has gone");
    } else if (address.ss_family == AF_UNIX &&
               getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &who_size) == 0) {
        (void)snprintf(ret_name, DOORS_PEER_MAX, "process %d of user %u", who.pid, who.uid);
    } else if (getnameinfo((struct sockaddr *)&address, size, host, sizeof host, port, sizeof port,
                       NI_NUMERICHOST | NI_NUMERICSERV) == 0) {
        (void)snprintf(ret_name, DOORS_PEER_MAX, "%s port %s", host, port);
    } else {
        (void)snprintf(ret_name, DOORS_PEER_MAX, "unknown");
    }
}
