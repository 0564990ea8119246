#include "daemon/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <syslog.h>
#include <unistd.h>

#include "daemon/clock.h"

/* Written once by log_open(), before there is a second thread. */
static bool is_syslog;
static enum log_level level_max = LOG_LEVEL_INFO;

static const char *const level_names[] = {"err", "warning", "notice", "info", "debug"};
static const int syslog_levels[] = {LOG_ERR, LOG_WARNING, LOG_NOTICE, LOG_INFO, LOG_DEBUG};

void log_open(enum log_target target, enum log_level level)
{
    level_max = level;
    is_syslog = target == LOG_TARGET_SYSLOG ||
                (target == LOG_TARGET_AUTO &&
                        (getenv("NOTIFY_SOCKET") != NULL || getenv("JOURNAL_STREAM") != NULL));
    if (is_syslog) {
        openlog("redressd", LOG_PID | LOG_NDELAY, LOG_DAEMON);
    }
}

void log_close(void)
{
    if (is_syslog) {
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
    uint32_t left_out;
    if (level > level_max || !log_site_may(site, clock_ticks_us(), &left_out)) {
        return;
    }
    char text[LOG_LINE_MAX];
    va_list args;
    va_start(args, fields);
    int len = vsnprintf(text, sizeof text, fields, args);
    va_end(args);
    RD_ASSERT(len >= 0);
    for (char *c = text; *c != '\0'; c++) {
        if (*c == '\n' || *c == '\r') {
            *c = ' '; /* one line is one message, whatever a peer put into it */
        }
    }
    char more[48] = "";
    if (left_out > 0) {
        (void)snprintf(more, sizeof more, " left_out=%u", left_out);
    }
    const char *space = len > 0 ? " " : "";
    if (is_syslog) {
        syslog(syslog_levels[level], "level=%s mod=%s msg=\"%s\"%s%s%s", level_names[level], mod,
                msg, space, text, more);
    } else {
        (void)fprintf(stderr, "level=%s mod=%s msg=\"%s\"%s%s%s\n", level_names[level], mod, msg,
                space, text, more);
    }
}
