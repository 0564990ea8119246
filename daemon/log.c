#include "daemon/log.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <syslog.h>
#include <unistd.h>

#include "daemon/clock.h"
#include "daemon/log_line.h"
#include "daemon/log_queue.h"
#include "daemon/metrics.h"

_Static_assert((int)LOG_QUEUE_LINE_MAX >= (int)LOG_LINE_MAX, "a whole line fits");

/* Written once by log_open(), before there is a second thread. */
static bool is_syslog, is_queued;
static enum log_level level_max = LOG_LEVEL_INFO;

static const char *const level_names[] = {"err", "warning", "notice", "info", "debug"};
static const int syslog_levels[] = {LOG_ERR, LOG_WARNING, LOG_NOTICE, LOG_INFO, LOG_DEBUG};

/* Without stdio: a thread that waits here for ever must not hold a lock that exit() wants. */
static void write_stderr(const char *text)
{
    char line[LOG_LINE_MAX + 1];
    int len = snprintf(line, sizeof line, "%s\n", text);
    for (size_t at = 0, size = (size_t)len; at < size;) {
        ssize_t n = write(STDERR_FILENO, line + at, size - at);
        if (n > 0) {
            at += (size_t)n;
        } else if (n < 0 && errno == EAGAIN) { /* somebody made it so */
            (void)poll(&(struct pollfd){.fd = STDERR_FILENO, .events = POLLOUT}, 1, -1);
        } else if (n == 0 || errno != EINTR) {
            return; /* no reader is left */
        }
    }
}

static void write_line(enum log_level level, const char *text, uint64_t left_out)
{
    char told[128];
    if (left_out > 0) {
        level = LOG_LEVEL_WARNING;
        (void)snprintf(told, sizeof told,
                "level=warning mod=log msg=\"lines were left out: nobody read the log in time\" "
                "left_out=%llu",
                (unsigned long long)left_out);
        text = told;
    }
    if (is_syslog) {
        syslog(syslog_levels[level], "%s", text);
    } else {
        write_stderr(text);
    }
}

bool log_socket_is_there(const char *path)
{
    static const int types[] = {SOCK_DGRAM, SOCK_STREAM};
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    size_t len = strlen(path);
    RD_ASSERT(len < sizeof address.sun_path);
    memcpy(address.sun_path, path, len);
    bool is_there = false;
    for (size_t i = 0; i < RD_COUNT(types) && !is_there; i++) {
        int fd = socket(AF_UNIX, types[i] | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        is_there =
                fd >= 0 && (connect(fd, (const struct sockaddr *)&address, sizeof address) == 0 ||
                                   errno == EAGAIN);
        if (fd >= 0) {
            (void)close(fd);
        }
    }
    return is_there;
}

void log_open(enum log_target target, enum log_level level)
{
    level_max = level;
    bool is_wanted = target == LOG_TARGET_SYSLOG ||
                     (target == LOG_TARGET_AUTO &&
                             (getenv("NOTIFY_SOCKET") != NULL || getenv("JOURNAL_STREAM") != NULL));
    is_syslog = is_wanted && log_socket_is_there(_PATH_LOG);
    if (is_syslog) {
        openlog("redressd", LOG_PID | LOG_NDELAY, LOG_DAEMON);
    }
    /* A file waits for no reader: what happened stands in it before anybody is told otherwise. */
    struct stat about;
    bool is_file = !is_syslog && fstat(STDERR_FILENO, &about) == 0 && S_ISREG(about.st_mode);
    int r = is_file ? 0 : log_queue_open(write_line);
    is_queued = !is_file && r == 0;
    if (r < 0) {
        log_warning("log", "lines are written without a queue: a slow reader holds up the daemon",
                "error=\"%s\"", strerror(-r));
    }
    if (is_wanted && !is_syslog && target == LOG_TARGET_SYSLOG) {
        log_warning("log", "syslog is not available: the log goes to standard error", "socket=%s",
                _PATH_LOG);
    }
}

void log_close(void)
{
    bool is_done = !is_queued || log_queue_close();
    is_queued = false;
    if (is_syslog && is_done) { /* else its lock is held by a thread that waits for a reader */
        closelog();
        is_syslog = false;
    }
}

bool log_site_may(struct log_site *site, int64_t now_us, uint32_t *ret_left_out)
{
    *ret_left_out = 0;
    if (now_us - atomic_load(&site->since_us) >= LOG_SPAN_US || atomic_load(&site->count) == 0) {
        atomic_store(&site->since_us, now_us);
        atomic_store(&site->count, 1);
        *ret_left_out = atomic_exchange(&site->left_out, 0);
        return true;
    }
    if (atomic_fetch_add(&site->count, 1) < LOG_BURST) {
        return true;
    }
    (void)atomic_fetch_add(&site->left_out, 1);
    return false;
}

void log_write(struct log_site *site, enum log_level level, const char *mod, const char *msg,
        const char *fields, ...)
{
    uint32_t left_out = 0;
    if (level > level_max || (site != NULL && !log_site_may(site, clock_ticks_us(), &left_out))) {
        return;
    }
    struct log_line line = {.len = 0};
    log_line_add(&line, "level=%s mod=%s msg=\"%s\"", level_names[level], mod, msg);
    va_list args;
    va_start(args, fields);
    log_line_fields(&line, fields, args);
    va_end(args);
    if (left_out > 0) {
        log_line_add(&line, "left_out=%u", left_out);
    }
    log_line_end(&line);
    if (!is_queued) {
        write_line(level, line.text, 0);
    } else if (!log_queue_add(level, line.text)) {
        metric_add(METRIC_LOG_LINES_LEFT_OUT, 1);
    }
}
