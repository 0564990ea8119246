#include "daemon/doors/gate.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "daemon/doors/gate_next.h"
#include "daemon/doors/gate_peer.h"

enum {
    CUTS_MAX = 64,
    FRAMES_UNREAD_MAX = 64 * 4096, /* of a CURVE peer: 64 of the greatest messages */
    SMALL_UNREAD_MAX = 1024 * 1024,
};
#define GATE_LOOK_US (RD_SECOND_US / 2) /* two looks are at least so far apart */

static struct {
    pthread_mutex_t lock; /* of all but the three arrays, which only it changes */
    _Atomic(struct gate_peer *) peers[GATE_FDS_MAX];
    _Atomic(struct gate_rules *) listening[GATE_FDS_MAX];
    _Atomic uint64_t connections[GATE_FDS_MAX]; /* their numbers; 0: it is none */
    uint64_t last;                              /* of these numbers */
    struct gate_rules *connecting;
    struct doors_cut cuts[CUTS_MAX]; /* a ring; what does not fit is only counted */
    size_t cuts_from, cuts_count;
    uint64_t left_out;
    uint64_t held;     /* of all peers */
    int64_t looked_us; /* by gate_look() */
    _Atomic uint64_t refused, crowded;
} gate = {.lock = PTHREAD_MUTEX_INITIALIZER};

static _Thread_local struct gate_rules *listen_for;

static void lock(void)
{
    int r = pthread_mutex_lock(&gate.lock);
    RD_ASSERT(r == 0);
}

static void unlock(void)
{
    int r = pthread_mutex_unlock(&gate.lock);
    RD_ASSERT(r == 0);
}

/* Locked: the peer, to be given back by unlock(). NULL, not locked: the descriptor is none of ours.
 */
static struct gate_peer *lock_peer(int fd)
{
    if (fd < 0 || fd >= GATE_FDS_MAX || atomic_load(&gate.peers[fd]) == NULL) {
        return NULL;
    }
    lock();
    struct gate_peer *peer = atomic_load(&gate.peers[fd]);
    if (peer == NULL) {
        unlock();
    }
    return peer;
}

/* Cuts the peer off once; only the first reason is kept. */
static void cut(struct gate_peer *peer, const char *why, uint64_t number)
{
    if (peer->is_cut) {
        return;
    }
    peer->is_cut = true;
    if (gate.cuts_count == CUTS_MAX) {
        gate.left_out++;
    } else {
        struct doors_cut *one = &gate.cuts[(gate.cuts_from + gate.cuts_count++) % CUTS_MAX];
        *one = (struct doors_cut){.door = peer->rules->door, .why = why, .number = number};
        memcpy(one->user, peer->name, sizeof one->user);
        gate_peer_name(peer->fd, one->peer);
    }
    (void)shutdown(peer->fd, SHUT_RDWR);
}

/* All peers together hold too much memory: cuts off the one that holds most. */
static void cut_largest(void)
{
    struct gate_peer *largest = NULL;
    for (size_t i = 0; i < GATE_FDS_MAX; i++) {
        struct gate_peer *one = atomic_load(&gate.peers[i]);
        if (one != NULL && !one->is_cut && (largest == NULL || one->held > largest->held)) {
            largest = one;
        }
    }
    if (largest != NULL) {
        cut(largest, "all peers together hold too much, and this one most (bytes)", largest->held);
    }
}

/* To be called after every change of a peer's counts. */
static void settle(struct gate_peer *peer)
{
    uint64_t before = peer->held;
    gate_peer_settle(peer);
    gate.held += peer->held - before;
    if (gate.held > GATE_HELD_MAX && peer->held > before) {
        cut_largest();
    }
}

uint64_t gate_connection(int fd)
{
    return fd >= 0 && fd < GATE_FDS_MAX ? atomic_load(&gate.connections[fd]) : 0;
}

void gate_listen_for(struct gate_rules *rules)
{
    listen_for = rules;
}

void gate_connect_for(struct gate_rules *rules)
{
    lock();
    gate.connecting = rules;
    unlock();
}

void gate_listening(int fd)
{
    if (fd >= 0 && fd < GATE_FDS_MAX) {
        atomic_store(&gate.listening[fd], listen_for);
    }
}

static void begin(int fd, struct gate_rules *rules, bool is_accepted)
{
    struct gate_peer *peer = gate_peer_new(fd, rules);
    peer->is_accepted = is_accepted;
    lock();
    struct gate_peer *before = atomic_exchange(&gate.peers[fd], peer);
    gate.held -= before != NULL ? before->held : 0;
    atomic_store(&gate.connections[fd], ++gate.last);
    unlock();
    gate_peer_free(before);
}

/* The kernel gives out the lowest free descriptor, so the number of this one tells how many are in
 * use. */
static bool is_scarce(int fd)
{
    struct rlimit limit;
    int r = getrlimit(RLIMIT_NOFILE, &limit);
    RD_ASSERT(r == 0);
    return fd >= GATE_FDS_MAX || (rlim_t)fd + GATE_FDS_RESERVED >= limit.rlim_cur;
}

bool gate_admits(int listen_fd, int fd)
{
    struct gate_rules *rules = listen_fd >= 0 && listen_fd < GATE_FDS_MAX
                                       ? atomic_load(&gate.listening[listen_fd])
                                       : NULL;
    if (rules == NULL) {
        return true;
    }
    bool is_one_too_many = !is_scarce(fd) && rules->is_curve && gate_is_crowded(fd);
    if (is_one_too_many || is_scarce(fd)) {
        atomic_fetch_add(is_one_too_many ? &gate.crowded : &gate.refused, 1);
        return false;
    }
    begin(fd, rules, true);
    return true;
}

void gate_connecting(int fd)
{
    lock();
    struct gate_rules *rules = gate.connecting;
    unlock();
    if (rules != NULL && fd >= 0 && fd < GATE_FDS_MAX) {
        begin(fd, rules, false);
    }
}

void gate_ended(int fd)
{
    struct gate_peer *peer = lock_peer(fd);
    if (peer != NULL) {
        peer->has_ended = true;
        unlock();
    }
}

void gate_closed(int fd)
{
    if (fd < 0 || fd >= GATE_FDS_MAX) {
        return;
    }
    if (atomic_load(&gate.listening[fd]) != NULL) {
        atomic_store(&gate.listening[fd], NULL);
    }
    struct gate_peer *peer = lock_peer(fd);
    if (peer != NULL) {
        if (gate_peer_is_mute(peer)) {
            cut(peer, "its handshake failed, or took ten seconds", 0);
        }
        atomic_store(&gate.peers[fd], NULL);
        atomic_store(&gate.connections[fd], 0);
        gate.held -= peer->held;
        unlock();
        gate_peer_free(peer);
    }
}

/* Whether another connected peer of the same socket has this id. */
static bool is_id_taken(const struct gate_peer *peer)
{
    for (size_t i = 0; i < GATE_FDS_MAX; i++) {
        const struct gate_peer *one = atomic_load(&gate.peers[i]);
        if (one != NULL && one != peer && !one->is_cut && one->rules == peer->rules &&
                one->id_len == peer->id_len && memcmp(one->id, peer->id, peer->id_len) == 0) {
            return true;
        }
    }
    return false;
}

static void judge_fault(struct gate_peer *peer)
{
    switch (peer->in.fault) {
    case ZMTP_NOT_SPOKEN:
        cut(peer, "no ZMTP 3", 0);
        break;
    case ZMTP_FRAME_SIZE:
        cut(peer, "a frame over the limit (bytes)", peer->in.size);
        break;
    case ZMTP_FRAME_COUNT:
        cut(peer, "a message of more frames than", peer->rules->in.message_frames);
        break;
    case ZMTP_MESSAGE_SIZE:
        cut(peer, "a message of more bytes than", peer->rules->in.message_bytes);
        break;
    case ZMTP_FINE:
    case ZMTP_FAULTS_BEHIND:
        break;
    }
}

size_t gate_received(int fd, const void *bytes, size_t size)
{
    struct gate_peer *peer = lock_peer(fd);
    if (peer == NULL) {
        return size;
    }
    size_t at = 0;
    while (at < size && !peer->is_cut) {
        struct zmtp_part part;
        bool has_part;
        size_t followed = zmtp_follow(&peer->in, &peer->rules->in,
                (struct rd_str){.ptr = (const char *)bytes + at, .len = size - at}, &has_part,
                &part);
        enum gate_note note = has_part ? gate_peer_note(peer, &part) : GATE_NOTE_NOTHING;
        if (note == GATE_NOTE_ID && is_id_taken(peer)) {
            cut(peer, "another peer with this id is connected", 0);
        }
        if (note == GATE_NOTE_UNLAWFUL) {
            cut(peer, "a command that this door has no use for, number", peer->in.commands);
        }
        if (peer->rules->is_curve && (peer->small > SMALL_UNREAD_MAX ||
                                             peer->count - peer->taken_count > FRAMES_UNREAD_MAX)) {
            cut(peer, "a message of more frames than", FRAMES_UNREAD_MAX);
        }
        if (peer->topic_count > GATE_TOPICS_MAX || peer->topic_bytes > GATE_TOPIC_BYTES_MAX) {
            cut(peer, "too many subscriptions, or too long together (bytes)", peer->topic_bytes);
        }
        judge_fault(peer);
        at += peer->is_cut ? 0 : followed;
    }
    settle(peer);
    bool is_cut = peer->is_cut;
    unlock();
    return is_cut ? at : size;
}

bool gate_is_cut(int fd)
{
    struct gate_peer *peer = lock_peer(fd);
    bool is_cut = peer != NULL && peer->is_cut;
    if (peer != NULL) {
        unlock();
    }
    return is_cut;
}

void gate_sent(int fd, const void *bytes, size_t size)
{
    static const struct zmtp_limits none = {0};
    struct gate_peer *peer = lock_peer(fd);
    if (peer == NULL) {
        return;
    }
    struct rd_str rest = {.ptr = bytes, .len = size};
    while (rest.len > 0 && peer->out.fault == ZMTP_FINE) {
        struct zmtp_part part;
        bool has_part;
        size_t followed = zmtp_follow(&peer->out, &none, rest, &has_part, &part);
        rest.ptr += followed;
        rest.len -= followed;
    }
    peer->stuck_us = 0;
    settle(peer);
    unlock();
}

int gate_polled(int epoll_fd, int operation, int fd, struct epoll_event *event)
{
    struct gate_peer *peer = lock_peer(fd);
    if (peer == NULL) {
        return gate_next()->epoll_ctl(epoll_fd, operation, fd, event);
    }
    peer->epoll_fd = operation == EPOLL_CTL_DEL ? -1 : epoll_fd;
    struct epoll_event changed = {.events = 0};
    if (operation != EPOLL_CTL_DEL) {
        peer->event = changed = *event;
        changed.events &= peer->is_paused ? ~(uint32_t)EPOLLIN : UINT32_MAX;
    }
    int r = gate_next()->epoll_ctl(epoll_fd, operation, fd, &changed);
    unlock(); /* held during the call, as another thread may pause the peer or end it */
    return r;
}

void gate_taken(int fd, uint64_t frames, uint64_t bytes)
{
    struct gate_peer *peer = lock_peer(fd);
    if (peer != NULL) {
        peer->taken_count += peer->rules->is_curve ? frames : 1;
        peer->small = 0;
        peer->taken_cost += bytes + frames * GATE_FRAME_COST;
        settle(peer);
        unlock();
    }
}

void gate_queued(int fd, uint64_t bytes)
{
    struct gate_peer *peer = lock_peer(fd);
    if (peer != NULL) {
        /* Bytes sent beyond those queued (which only other mechanisms than NULL have) give no
         * credit. */
        peer->queued = peer->queued < peer->out.bytes ? peer->out.bytes : peer->queued;
        peer->queued += bytes;
        settle(peer);
        unlock();
    }
}

void gate_drained(struct gate_rules *rules)
{
    rules->drains++;
}

void gate_known(int fd, uint64_t session, struct rd_str key, struct rd_str name)
{
    struct gate_peer *peer = lock_peer(fd);
    if (peer == NULL) {
        return;
    }
    if (session > peer->session) {
        peer->session = session;
        (void)snprintf(peer->key, sizeof peer->key, "%.*s", RD_FMT(key));
        (void)snprintf(peer->name, sizeof peer->name, "%.*s", RD_FMT(name));
    }
    unlock();
}

void gate_cut_keys(bool (*is_good)(void *context, struct rd_str key), void *context)
{
    lock();
    for (size_t i = 0; i < GATE_FDS_MAX; i++) {
        struct gate_peer *peer = atomic_load(&gate.peers[i]);
        if (peer != NULL && peer->session != 0 && !is_good(context, rd_str_of(peer->key))) {
            cut(peer, "its key was taken out, or has expired", 0);
        }
    }
    unlock();
}

void gate_cut_session(int fd, uint64_t session, const char *why)
{
    struct gate_peer *peer = lock_peer(fd);
    if (peer == NULL) {
        return;
    }
    if (peer->session == session) {
        cut(peer, why, 0);
    }
    unlock();
}

bool gate_is_session(int fd, uint64_t session)
{
    struct gate_peer *peer = lock_peer(fd);
    bool is_session = peer != NULL && peer->session == session;
    if (peer != NULL) {
        unlock();
    }
    return is_session;
}

uint64_t gate_waiting(int fd)
{
    struct gate_peer *peer = lock_peer(fd);
    uint64_t waiting = 0;
    if (peer != NULL) {
        waiting = gate_peer_waiting(peer);
        unlock();
    }
    return waiting;
}

void gate_cut_unread(int fd)
{
    struct gate_peer *peer = lock_peer(fd);
    if (peer != NULL) {
        cut(peer, "what is sent to it is not read (bytes waiting)", gate_peer_waiting(peer));
        unlock();
    }
}

/* If libzmq does not wait to send and nothing was queued since the last look, nothing is on its
 * way: bytes still counted went to an earlier connection of the same descriptor. */
static void forget_lost(struct gate_peer *peer)
{
    bool is_idle = (peer->event.events & EPOLLOUT) == 0 && peer->queued == peer->queued_before;
    if (is_idle && gate_peer_waiting(peer) > 0) {
        peer->queued = peer->out.bytes;
        settle(peer);
    }
    peer->queued_before = peer->queued;
}

bool gate_look(int64_t now_us)
{
    lock();
    if (now_us - gate.looked_us < GATE_LOOK_US) {
        unlock();
        return false;
    }
    gate.looked_us = now_us;
    gate_crowd_at(now_us);
    for (size_t i = 0; i < GATE_FDS_MAX; i++) {
        struct gate_peer *peer = atomic_load(&gate.peers[i]);
        if (peer == NULL) {
            continue;
        }
        forget_lost(peer);
        if (peer->rules->is_curve && gate_peer_is_shut_out(peer)) {
            cut(peer, "another peer with this id is connected", 0);
        }
        if (gate_peer_waiting(peer) <= GATE_WAITING_MAX) {
            continue;
        }
        peer->stuck_us = peer->stuck_us == 0 ? now_us : peer->stuck_us;
        if (now_us - peer->stuck_us > GATE_STUCK_US) {
            cut(peer, "what is sent to it is not read (bytes waiting)", gate_peer_waiting(peer));
        }
    }
    unlock();
    return true;
}

bool gate_next_cut(struct doors_cut *ret_cut)
{
    lock();
    bool is_there = gate.cuts_count > 0;
    if (is_there) {
        *ret_cut = gate.cuts[gate.cuts_from];
        gate.cuts_from = (gate.cuts_from + 1) % CUTS_MAX;
        gate.cuts_count--;
        ret_cut->left_out = gate.left_out;
        gate.left_out = 0;
    }
    unlock();
    return is_there;
}

uint64_t gate_crowded(void)
{
    return atomic_load(&gate.crowded);
}

uint64_t gate_refused(void)
{
    return atomic_load(&gate.refused);
}
