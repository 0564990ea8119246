#include "daemon/notify.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "common/base/num.h"

/* How often to speak, from WATCHDOG_USEC and WATCHDOG_PID; what does not parse asks for nothing. */
static int64_t watchdog_of(const struct notify_environment *environment)
{
    uint64_t every_us, pid;
    if (environment->watchdog_us == NULL ||
            rd_u64_parse(rd_str_of(environment->watchdog_us), &every_us) < 0 ||
            every_us > (uint64_t)RD_DAY_US) {
        return 0;
    }
    if (environment->watchdog_pid != NULL &&
            (rd_u64_parse(rd_str_of(environment->watchdog_pid), &pid) < 0 ||
                    pid != (uint64_t)environment->pid)) {
        return 0;
    }
    return (int64_t)every_us / 2;
}

int notify_open(const struct notify_environment *environment, struct notify *ret_notify)
{
    const char *path = environment->socket;
    if (path == NULL || path[0] == '\0') {
        *ret_notify = (struct notify){.fd = -1};
        return 0;
    }
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    size_t len = strlen(path);
    if ((path[0] != '/' && path[0] != '@') || len >= sizeof address.sun_path) {
        return -EINVAL;
    }
    memcpy(address.sun_path, path, len);
    if (path[0] == '@') {
        address.sun_path[0] = '\0';
    }
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0) {
        return -errno;
    }
    socklen_t size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len);
    if (connect(fd, (const struct sockaddr *)&address, size) < 0) {
        int r = -errno;
        (void)close(fd);
        return r;
    }
    *ret_notify = (struct notify){.fd = fd, .watchdog_us = watchdog_of(environment)};
    return 0;
}

void notify_close(struct notify *notify)
{
    if (notify->fd >= 0) {
        (void)close(notify->fd);
        notify->fd = -1;
    }
}

void notify_send(const struct notify *notify, const char *format, ...)
{
    if (notify->fd < 0) {
        return;
    }
    char text[512];
    va_list args;
    va_start(args, format);
    int len = vsnprintf(text, sizeof text, format, args);
    va_end(args);
    size_t size = len < (int)sizeof text ? (size_t)len : sizeof text - 1;
    (void)send(notify->fd, text, size, MSG_NOSIGNAL); /* a manager that is busy misses a line */
}
