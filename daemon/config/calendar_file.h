/* daemon/config/calendar_file.h — a bounded file read whole. */
#pragma once

#include "common/base/arena.h"

/* A regular file of at most `limit_bytes`, with a NUL behind it, in the arena. 0, or -errno;
 * -EFBIG: more bytes; -EINVAL: no regular file. *ret_text is written only on 0. */
RD_MUST_USE int calendar_file_read(
        const char *path, size_t limit_bytes, struct rd_arena *arena, struct rd_str *ret_text);
