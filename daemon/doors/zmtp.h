/* daemon/doors/zmtp.h — follows one direction of a ZMTP 3 connection, byte by byte, and counts.
 *
 *   greeting = 64 bytes, the eleventh of which is the version, 3
 *   frame    = flags length body      flags: 1 more follow, 2 the length has 8 bytes, 4 a command
 *
 * It keeps the first bytes of a command, or of a frame, for whoever wants to know what it says.
 * Pure. Source: rfc.zeromq.org/spec/23. */
#pragma once

#include "common/base/base.h"

enum { ZMTP_KEPT_MAX = 1024, ZMTP_GREETING_BYTES = 64 };

enum zmtp_fault {
    ZMTP_FINE,
    ZMTP_NOT_SPOKEN,    /* no ZMTP 3 */
    ZMTP_FRAME_SIZE,    /* a frame over the limit */
    ZMTP_FRAME_COUNT,   /* a message of more frames */
    ZMTP_MESSAGE_SIZE,  /* a message of more bytes */
    ZMTP_FAULTS_BEHIND, /* the first number that is none of these */
};

struct zmtp_limits { /* 0: none */
    uint64_t frame_bytes, message_frames, message_bytes;
};

struct zmtp {
    uint64_t bytes;     /* of all frames but commands, with their headers */
    uint64_t messages;  /* that are whole */
    uint64_t frames;    /* of messages, all */
    uint64_t commands;  /* that are whole */
    uint32_t under_way; /* frames of the message that is not whole */
    uint64_t under_way_bytes;
    uint64_t size; /* of the frame at hand, or of the one refused */
    uint64_t left; /* of its body */
    uint64_t bytes_of_greeting, bytes_of_header;
    uint8_t header[9];
    uint8_t *kept; /* lent, ZMTP_KEPT_MAX bytes; NULL: nothing is kept */
    size_t kept_size;
    enum zmtp_fault fault; /* sticky: nothing is followed after it */
};

struct zmtp_part { /* a frame or a command that has ended */
    bool is_command, has_more;
    struct rd_str start; /* its first bytes, at most ZMTP_KEPT_MAX; only where they are kept */
    uint64_t size;
};

/* Follows up to `len` bytes, until a part ends. How many were followed; *ret_has_part: whether one
 * ended there, and is in *ret_part, borrowed until the next call. Call until all are followed or
 * zmtp->fault is set. */
size_t zmtp_follow(struct zmtp *zmtp, const struct zmtp_limits *limits, struct rd_str bytes,
        bool *ret_has_part, struct zmtp_part *ret_part);
/* What a frame of `size` bytes is with its header. */
uint64_t zmtp_framed(uint64_t size);
/* The Identity property of a READY command; empty where there is none, or it is no READY. */
struct rd_str zmtp_identity(const struct zmtp_part *command);
