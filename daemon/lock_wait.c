#include "daemon/lock_wait.h"

#include <poll.h>

bool lock_waits(const struct edge *edge, int64_t *since_us)
{
    int64_t now_us = clock_ticks_us();
    if (*since_us == 0) {
        *since_us = now_us;
        notify_send(&edge->notify, "STATUS=waiting for another redressd to end");
    }
    if (now_us - *since_us >= LOCK_WAIT_US) {
        return false;
    }
    struct pollfd signals = {.fd = edge->signal_fd, .events = POLLIN};
    return poll(&signals, 1, LOCK_LOOK_MS) == 0;
}
