/* daemon/log_queue.h — lines on their way to whoever reads the log; who adds one never waits.
 *
 * A thread writes them, since write(2) to a pipe that nobody reads and syslog(3) both wait. The
 * queue is bounded: a line that finds it full is left out and counted, and the reader is told how
 * many were as soon as a line goes out again. One queue a process. Any thread adds. */
#pragma once

#include "common/base/base.h"
#include "daemon/log.h"

enum { LOG_QUEUE_LINES = 256, LOG_QUEUE_LINE_MAX = 1024 };

/* Writes one line, and may wait as long as it likes. `left_out` > 0: not a line, so many were
 * left out. */
typedef void log_queue_write_fn(enum log_level level, const char *text, uint64_t left_out);

/* 0, or -errno: there is no thread. */
RD_MUST_USE int log_queue_open(log_queue_write_fn *write);
/* `text` has at most LOG_QUEUE_LINE_MAX bytes with its NUL. False: left out. */
bool log_queue_add(enum log_level level, const char *text);
/* Waits at most a second until it is empty. False: the reader is stuck; it is given up, and the
 * thread still waits within its write function, with whatever that holds. */
bool log_queue_close(void);
