/* daemon/notify.h — the service manager's protocol (sd_notify(3)), by hand.
 *
 * Datagrams to the socket that NOTIFY_SOCKET names; without it every call does nothing. Sending
 * never blocks and its failure is no reason to stop. Source: sd_notify(3), sd_watchdog_enabled(3).
 */
#pragma once

#include "common/time/utime.h"

struct notify {
    int fd;              /* -1: no service manager */
    int64_t watchdog_us; /* tell it that often, half of what it asks; 0: it does not ask */
};

/* What the service manager set in the environment. */
struct notify_environment {
    const char *socket, *watchdog_us, *watchdog_pid; /* NULL: not set */
    int64_t pid;
};

/* 0 (also without a service manager), -EINVAL (a path that is none, or too long), -errno. */
RD_MUST_USE int notify_open(
        const struct notify_environment *environment, struct notify *ret_notify);
void notify_close(struct notify *notify);
/* "READY=1", "STATUS=%s", …; several, with newlines between. */
void notify_send(const struct notify *notify, const char *format, ...) RD_PRINTF(2, 3);
