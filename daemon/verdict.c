#include "daemon/verdict.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/pidfd.h>
#include <sysexits.h>
#include <unistd.h>

#include "common/base/num.h"
#include "daemon/clock.h"
#include "daemon/log.h"

enum { VERDICT_BYTES_MAX = 1024, WAIT_S = 60 };

#define VERDICT_NAME "reload"
#define TAKEN        "taken"

/* The first folder of the list; a descriptor, or -errno. */
static int open_folder(const char *folder)
{
    char path[512];
    size_t len = strcspn(folder, ":");
    if (len == 0 || len >= sizeof path) {
        return -EINVAL;
    }
    memcpy(path, folder, len);
    path[len] = '\0';
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return fd < 0 ? -errno : fd;
}

/* Whole or not at all, so that a reader never sees half of it. */
static int replace(int folder, const char *text, size_t len)
{
    static const char NEW[] = VERDICT_NAME ".new";
    int fd = openat(folder, NEW, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0) {
        return -errno;
    }
    ssize_t written = write(fd, text, len);
    int r = written < 0 ? -errno : (size_t)written < len ? -ENOSPC : 0;
    (void)close(fd);
    if (r == 0 && renameat(folder, NEW, folder, VERDICT_NAME) < 0) {
        r = -errno;
    }
    return r;
}

void verdict_write(const char *folder, rd_time begun_us, const char *why)
{
    if (folder == NULL) {
        return;
    }
    char text[VERDICT_BYTES_MAX];
    int len = snprintf(text, sizeof text, "%" PRId64 " %s\n", begun_us, why != NULL ? why : TAKEN);
    int r = open_folder(folder);
    if (r >= 0) {
        int fd = r;
        r = replace(fd, text, len < (int)sizeof text ? (size_t)len : sizeof text - 1);
        (void)close(fd);
    }
    if (r < 0) {
        log_warning("config", "the result of the reload cannot be reported to whoever asked for it",
                "folder=\"%s\" error=\"%s\"", folder, strerror(-r));
    }
}

/* True: `text` has a verdict that began at `since_us` or later; it ends before the newline. */
static bool read_verdict(
        int folder, rd_time since_us, char text[static VERDICT_BYTES_MAX], const char **ret_why)
{
    int fd = openat(folder, VERDICT_NAME, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return false;
    }
    ssize_t len = read(fd, text, VERDICT_BYTES_MAX - 1);
    (void)close(fd);
    if (len <= 0) {
        return false;
    }
    text[len] = '\0';
    text[strcspn(text, "\n")] = '\0';
    char *why = strchr(text, ' ');
    uint64_t begun_us = 0;
    if (why == NULL || rd_u64_parse((struct rd_str){.ptr = text, .len = (size_t)(why - text)},
                               &begun_us) < 0) {
        return false;
    }
    *ret_why = why + 1;
    return (rd_time)begun_us >= since_us;
}

struct asking {
    uint64_t pid;
    int folder, watch, process; /* -1: not open */
};

/* Until there is a verdict, the process has ended, or nothing came for too long. */
static int await(const struct asking *asking, rd_time since_us)
{
    rd_time until_us = since_us + WAIT_S * RD_SECOND_US;
    for (;;) {
        char text[VERDICT_BYTES_MAX], events[4096];
        const char *why = NULL;
        if (read_verdict(asking->folder, since_us, text, &why)) {
            if (strcmp(why, TAKEN) == 0) {
                return EX_OK;
            }
            (void)fprintf(stderr, "redressd: %s\n", why);
            return EX_CONFIG;
        }
        struct pollfd items[] = {
                {.fd = asking->watch, .events = POLLIN}, {.fd = asking->process, .events = POLLIN}};
        rd_time left_us = until_us - clock_ticks_us();
        if (left_us <= 0) {
            (void)fprintf(stderr, "redressd: %" PRIu64 " did not tell in %d s what came of it\n",
                    asking->pid, WAIT_S);
            return EX_UNAVAILABLE;
        }
        if (poll(items, RD_COUNT(items), (int)(left_us / 1000) + 1) < 0 && errno != EINTR) {
            (void)fprintf(stderr, "redressd: cannot wait for the reload: %s\n", strerror(errno));
            return EX_OSERR;
        }
        if (items[1].revents != 0) {
            (void)fprintf(stderr, "redressd: %" PRIu64 " ended during the reload\n", asking->pid);
            return EX_UNAVAILABLE;
        }
        if (items[0].revents != 0 && read(asking->watch, events, sizeof events) < 0) {
            RD_ASSERT(errno == EAGAIN || errno == EINTR);
        }
    }
}

static int open_all(struct asking *asking, const char *folder)
{
    char path[32];
    asking->folder = open_folder(folder);
    if (asking->folder < 0) {
        (void)fprintf(
                stderr, "redressd: RUNTIME_DIRECTORY %s: %s\n", folder, strerror(-asking->folder));
        return EX_OSERR;
    }
    (void)snprintf(path, sizeof path, "/proc/self/fd/%d", asking->folder);
    asking->watch = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
    if (asking->watch < 0 || inotify_add_watch(asking->watch, path, IN_MOVED_TO) < 0) {
        (void)fprintf(stderr, "redressd: cannot watch %s: %s\n", folder, strerror(errno));
        return EX_OSERR;
    }
    asking->process = pidfd_open((pid_t)asking->pid, 0);
    if (asking->process < 0) {
        (void)fprintf(stderr, "redressd: process %" PRIu64 ": %s\n", asking->pid, strerror(errno));
        return EX_UNAVAILABLE;
    }
    return EX_OK;
}

int verdict_ask(const char *folder, uint64_t pid)
{
    if (folder == NULL) {
        (void)fputs("redressd: --reload works in a service, where RUNTIME_DIRECTORY is set; "
                    "elsewhere send SIGHUP and read the log\n",
                stderr);
        return EX_USAGE;
    }
    struct asking asking = {.pid = pid, .folder = -1, .watch = -1, .process = -1};
    int status = open_all(&asking, folder);
    if (status == EX_OK) {
        rd_time since_us = clock_ticks_us();
        if (pidfd_send_signal(asking.process, SIGHUP, NULL, 0) < 0) {
            (void)fprintf(stderr, "redressd: process %" PRIu64 ": %s\n", pid, strerror(errno));
            status = EX_UNAVAILABLE;
        } else {
            status = await(&asking, since_us);
        }
    }
    const int fds[] = {asking.folder, asking.watch, asking.process};
    for (size_t i = 0; i < RD_COUNT(fds); i++) {
        if (fds[i] >= 0) {
            (void)close(fds[i]);
        }
    }
    return status;
}
