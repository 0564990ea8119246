#include "common/client/reply.h"

#include <errno.h>

int reply_receive(void *socket, zmq_msg_t *frames, size_t max)
{
    size_t count = 0;
    for (;;) {
        zmq_msg_t frame;
        (void)zmq_msg_init(&frame);
        if (zmq_msg_recv(&frame, socket, ZMQ_DONTWAIT) < 0) {
            int r = client_error();
            (void)zmq_msg_close(&frame);
            if (r == -EINTR) {
                continue;
            }
            RD_ASSERT(count == 0); /* the frames of a message come together */
            return r == -EAGAIN ? 0 : r;
        }
        bool has_more = zmq_msg_more(&frame) != 0;
        if (count < max) {
            (void)zmq_msg_init(&frames[count]);
            (void)zmq_msg_move(&frames[count], &frame);
        }
        (void)zmq_msg_close(&frame);
        count++;
        if (!has_more) {
            break;
        }
    }
    if (count > max) {
        for (size_t i = 0; i < max; i++) {
            (void)zmq_msg_close(&frames[i]);
        }
        return -EPROTO;
    }
    return (int)count;
}
