/* daemon/log.h — lines for operators: level=… mod=… msg="…" key=value …
 *
 * To syslog(3) under a service manager, to standard error in a terminal. Levels: err (someone must
 * act), warning (we went on: says so), notice (start, stop, reload, a jump), info, debug. A failure
 * is logged once, where it is handled. No personal data above debug: case numbers and ids.
 *
 * Each site that logs is limited to LOG_BURST lines a LOG_SPAN_US; what was left out is counted and
 * said with the next line. Any thread. Source: redressd(8), "Messages". */
#pragma once

#include <stdatomic.h>

#include "common/time/utime.h"

enum log_level {
    LOG_LEVEL_ERR,
    LOG_LEVEL_WARNING,
    LOG_LEVEL_NOTICE,
    LOG_LEVEL_INFO,
    LOG_LEVEL_DEBUG
};
enum log_target { LOG_TARGET_AUTO, LOG_TARGET_STDERR, LOG_TARGET_SYSLOG };

enum { LOG_BURST = 10 };
#define LOG_SPAN_US (10 * RD_SECOND_US)

struct log_site {
    _Atomic int64_t since_us;
    _Atomic uint32_t count, left_out;
};

/* AUTO: syslog if NOTIFY_SOCKET or JOURNAL_STREAM is set. Where no syslog listens, standard error.
 * From here on log_write() never waits for a reader (log_queue.h). */
void log_open(enum log_target target, enum log_level level);
void log_close(void); /* waits a second at most for the reader */
/* Whether a syslog listens at the socket `path`. */
bool log_socket_is_there(const char *path);

/* `fields`: a printf format for "key=value" pairs (log_line.h says which conversions); "%s" with ""
 * for none. Values are escaped, and quoted where they need it. `site` NULL: what is told is bounded
 * by something else already, and no line of it may be missing. */
void log_write(struct log_site *site, enum log_level level, const char *mod, const char *msg,
        const char *fields, ...) RD_PRINTF(5, 6);
/* True if the site may write a line now; what it left out before in *ret_left_out. */
bool log_site_may(struct log_site *site, int64_t now_us, uint32_t *ret_left_out);

#define log_at(level, mod, msg, ...)                                                               \
    do {                                                                                           \
        static struct log_site log_site_here;                                                      \
        log_write(&log_site_here, (level), (mod), (msg), __VA_ARGS__);                             \
    } while (0)
#define log_err(mod, msg, ...)     log_at(LOG_LEVEL_ERR, mod, msg, __VA_ARGS__)
#define log_warning(mod, msg, ...) log_at(LOG_LEVEL_WARNING, mod, msg, __VA_ARGS__)
#define log_notice(mod, msg, ...)  log_at(LOG_LEVEL_NOTICE, mod, msg, __VA_ARGS__)
#define log_info(mod, msg, ...)    log_at(LOG_LEVEL_INFO, mod, msg, __VA_ARGS__)
#define log_debug(mod, msg, ...)   log_at(LOG_LEVEL_DEBUG, mod, msg, __VA_ARGS__)
