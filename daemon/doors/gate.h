/* daemon/doors/gate.h — bounds that libzmq does not have for a connection: bytes, frames, ids,
 * descriptors.
 *
 * libzmq counts messages, not bytes, keeps any number of frames of a message that is not whole, and
 * ends the process where descriptors run out. So the calls it makes on its connections come through
 * here (gate_calls.c): accept4(2), connect(2), recv(2), send(2), epoll_ctl(2) and close(2). The
 * gate follows the frames that pass. It refuses connections when few descriptors are left, stops
 * reading a peer that has much unread or does not read its own messages, cuts off a peer that
 * breaks a limit, and keeps the reason for doors_next_cut(). A peer that is not read waits in the
 * kernel's buffers: nothing is dropped, and nothing is polled in vain. Any thread. Inside this room
 * only. Source: redress-protocol(7), "Limits of a connection". */
#pragma once

#include <sys/epoll.h>

#include "common/time/utime.h"
#include "daemon/doors/doors.h"
#include "daemon/doors/zmtp.h"

enum {
    GATE_FDS_RESERVED = 64,            /* descriptors that no peer is given */
    GATE_FDS_MAX = 64 * 1024,          /* connections above are refused too */
    GATE_FRAME_COST = 64,              /* what libzmq needs for a frame, besides its bytes */
    GATE_TOPICS_MAX = 4096,            /* subscriptions of a peer */
    GATE_TOPIC_BYTES_MAX = 256 * 1024, /* of them together */
};
#define GATE_WAITING_MAX                                                                           \
    (UINT64_C(16) << 20)                    /* bytes on their way to a peer; then it is not read */
#define GATE_HELD_MAX (UINT64_C(256) << 20) /* of all peers; then who holds most is cut off */
/* A peer that does not read for so long, with that much waiting, is cut off. */
#define GATE_STUCK_US (30 * RD_SECOND_US)

/* The rules of one kind of socket. It lives as long as the process. */
struct gate_rules {
    const char *door; /* its name, for operators */
    struct zmtp_limits in;
    uint64_t unread_messages, unread_bytes; /* of a peer; then it is not read */
    bool has_ids;                           /* ROUTER: a peer's id is its own */
    bool has_topics;                        /* XPUB: what comes in are subscriptions */
    bool is_curve;                          /* what passes is encrypted: only its size is seen */
    _Atomic uint64_t drains;                /* how often the door found nothing more to read */
};

/* What a CURVE frame has around its text. A frame of at most GATE_SMALL_MAX bytes may be one of
 * libzmq's own, a ping, and is not counted with what the door reads. */
enum { GATE_CURVE_EXTRA = 33, GATE_SMALL_MAX = 23 };
/* Adds a frame that was read to what gate_taken() is told. */
void gate_count(const struct gate_rules *rules, size_t size, uint64_t *frames, uint64_t *bytes);

/* Sets what the thread's next listen(2) listens for; NULL: nothing of ours. */
void gate_listen_for(struct gate_rules *rules);
/* The rules of the connections that libzmq makes by itself. */
void gate_connect_for(struct gate_rules *rules);

/* Which connection has the descriptor now, a number that no other ever has; 0: none. */
uint64_t gate_connection(int fd);

/* Calls of the doors. `fd` is ZMQ_SRCFD of a message; a descriptor that is no connection any more
 * is ignored. */
/* A message was read and is done with. */
void gate_taken(int fd, uint64_t frames, uint64_t bytes);
/* The door found nothing more to read at a socket of these rules. */
void gate_drained(struct gate_rules *rules);
/* A message came by the connection whose sender proved this key in this session. The highest
 * session counts: an older message may have come when the descriptor was another connection's. */
void gate_known(int fd, uint64_t session, struct rd_str key, struct rd_str name);
/* Cuts off whoever is known by a key that is not good any more. */
void gate_cut_keys(bool (*is_good)(void *context, struct rd_str key), void *context);
/* Cuts off that session, if the descriptor is still its own. */
void gate_cut_session(int fd, uint64_t session, const char *why);
bool gate_is_session(int fd, uint64_t session);
/* Frames of so many bytes, zmtp_framed() each, were handed to libzmq. */
void gate_queued(int fd, uint64_t bytes);
/* Bytes on their way to it. */
uint64_t gate_waiting(int fd);
/* A reply was not handed over, since too much is waiting: the peer is cut off. */
void gate_cut_unread(int fd);
/* Cuts off peers that have not read for too long. To be called now and then. False: the last look
 * was too recent. */
bool gate_look(int64_t now_us);
bool gate_next_cut(struct doors_cut *ret_cut);
uint64_t gate_refused(void); /* connections, since the start */
uint64_t gate_crowded(void); /* those of an address from which too many came */

/* Calls of gate_calls.c alone. */
void gate_listening(int fd);
bool gate_admits(int listen_fd, int fd); /* false: refused, and the caller closes it */
void gate_connecting(int fd);
/* How many of the bytes libzmq is to see; fewer than `size`: and then the end. */
size_t gate_received(int fd, const void *bytes, size_t size);
bool gate_is_cut(int fd);
void gate_sent(int fd, const void *bytes, size_t size);
/* Makes the call, without EPOLLIN where the peer is not to be read. */
int gate_polled(int epoll_fd, int operation, int fd, struct epoll_event *event);
/* The peer has hung up, or the connection has failed. */
void gate_ended(int fd);
void gate_closed(int fd);
