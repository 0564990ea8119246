/* daemon/doors/gate_peer.h — one connection as the gate sees it. Under the gate's lock. */
#pragma once

#include "daemon/doors/gate.h"

struct gate_topic {
    uint64_t hash;
    uint32_t size;
};

struct gate_peer {
    int fd;
    struct gate_rules *rules;
    struct zmtp in, out;
    uint64_t count, cost;             /* messages that came in; their bytes and frames */
    uint64_t taken_count, taken_cost; /* that the door is done with */
    uint64_t queued;                  /* bytes given to libzmq for it; in.bytes's scale */
    uint64_t queued_before;           /* at the last look */
    uint64_t held;                    /* as last settled */
    bool is_accepted;                 /* else we have connected to it */
    bool has_ended;                   /* it hung up */
    int64_t stuck_us;                 /* since when it has not read; 0: it reads, or need not */
    int epoll_fd;                     /* -1: it is not polled */
    struct epoll_event event;         /* as libzmq wants it */
    bool is_paused;                   /* it is not read */
    bool is_cut;
    uint8_t *kept;             /* of the frame or command at hand */
    struct gate_topic *topics; /* what it has subscribed to */
    size_t topic_count, topic_room;
    uint64_t topic_bytes;
    size_t id_len; /* 0: libzmq gives it one */
    char id[255];
    /* of a CURVE peer */
    uint64_t session; /* 0: no message of it was read yet */
    char key[DOORS_SECRET_LETTERS + 1], name[DOORS_USER_MAX + 1];
    uint64_t small;                       /* small frames since the last that was taken */
    uint64_t drains, counts[2], costs[2]; /* at the last look, and the one before it */
};

struct gate_peer *gate_peer_new(int fd, struct gate_rules *rules);
/* A keyed hash, so that no peer can make two topics collide. */
uint64_t gate_hash(struct rd_str text);
/* Whether too many connections came from its address within this second. A handshake costs two slow
 * curve operations before the peer has proved anything. */
bool gate_is_crowded(int fd);
void gate_crowd_at(int64_t now_us);          /* what time it is, about each second */
void gate_peer_free(struct gate_peer *peer); /* NULL: nothing */
enum gate_note {
    GATE_NOTE_NOTHING,
    GATE_NOTE_ID,       /* it told the peer's id */
    GATE_NOTE_UNLAWFUL, /* a command that the door has no use for */
};
/* A frame or a command has come in. */
enum gate_note gate_peer_note(struct gate_peer *peer, const struct zmtp_part *part);
uint64_t gate_peer_waiting(const struct gate_peer *peer);
/* libzmq closes the connection: whether the reason is that the peer has not hung up but did not
 * finish its handshake, either within ten seconds or correctly. */
bool gate_peer_is_mute(const struct gate_peer *peer);
/* To be called at a look. The door has read everything that libzmq gives it; messages of the peer
 * that are still unread by then show that libzmq does not let it in. */
bool gate_peer_is_shut_out(struct gate_peer *peer);
/* Recounts `held`, and reads the peer or not. */
void gate_peer_settle(struct gate_peer *peer);
/* Names the peer: an address, or the process at the other end of an ipc socket. */
void gate_peer_name(int fd, char ret_name[static DOORS_PEER_MAX]);
