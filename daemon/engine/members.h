/* daemon/engine/members.h — which key of a window is meant, for whoever reads its members
 * (window_next()). Reads only. */
#pragma once

#include "daemon/engine/engine.h"

struct engine_window {
    uint64_t window; /* digest */
    uint8_t key[16];
    uint32_t days; /* 0: no window of the present plan */
    rd_time time;  /* of a pattern: own time of the event that it came of; else RD_TIME_NONE */
};
/* `values` as they stand in events, one for each part of the window's key; made plain as the
 * windows do. False: the present plan has no window `code` with so many parts. */
bool engine_window_key(struct engine *engine, struct rd_str code, const struct rd_str *values,
        size_t count, struct engine_window *ret_window);
/* What pattern.detected with this number was about. False: no such alert, or it is gone. */
bool engine_pattern(struct engine *engine, uint64_t alert, struct engine_window *ret_window);
