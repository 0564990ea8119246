/* tools/shared/text.h — what a daemon or a file says, on somebody's terminal. */
#pragma once

#include <stdio.h>

#include "common/utime.h"

/* Without control characters, which would steer the terminal: each becomes a space. */
void print_text(FILE *out, struct rd_str text);
/* "2025-09-22 10:00:00" in the zone of TZ; "-" for RD_TIME_NONE. */
enum { LOCAL_TEXT_MAX = 32 };
void local_time(rd_time time, char ret_text[static LOCAL_TEXT_MAX]);
