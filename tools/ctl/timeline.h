/* tools/ctl/timeline.h — a case's course as a picture: an SVG without script, that needs nothing
 * else. This tool only. */
#pragma once

#include <stdio.h>

#include "common/wire/pack.h"
#include "tools/ctl/ctl.h"

struct timeline {
    rd_node whole, explained; /* the desk's answers to case.get and explain */
    bool is_zh;
};
void timeline_print(FILE *out, const struct timeline *timeline);

enum exit_status ctl_timeline(struct ctl *ctl); /* explain.c: explain CASE --svg FILE */
