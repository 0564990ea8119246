/* common/client/reply.h — the frames of one reply. Inside this room only. */
#pragma once

#include <zmq.h>

#include "common/client/inner.h"

/* Reads a message of at most `max` frames, each to be closed by the caller. How many; 0: none is
 * there; -EPROTO: it has more, and none is left open; -errno. */
RD_MUST_USE int reply_receive(void *socket, zmq_msg_t *frames, size_t max);
