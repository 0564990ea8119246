/* tools/shared/say.h — what a tool tells a person beside its output. */
#pragma once

#include <errno.h>

#include "common/base/base.h"

enum exit_status {
    STATUS_OK = 0,
    STATUS_USAGE = 1,
    STATUS_REFUSED = 2,     /* the daemon, or what it was given, says no */
    STATUS_UNREACHABLE = 3, /* nobody answered in time */
    STATUS_FINDING = 4,     /* it was asked to look, and found something */
};

/* "redress-send: …" on standard error, with a newline, after what standard output holds. The name
 * is that of the program. */
void say_error(const char *format, ...) RD_PRINTF(1, 2);
/* The beginning of the last message of say_error(), without the program's name; empty: none yet. */
enum { SAY_KEPT_MAX = 1024 };
const char *say_last(void);
