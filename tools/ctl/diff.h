/* tools/ctl/diff.h — what the parts of config diff have in common. */
#pragma once

#include <jansson.h>

#include "common/base/base.h"
#include "common/time/utime.h"
#include "daemon/engine/engine.h"

enum { DIFF_TIME_MAX = RD_TIME_TEXT_MAX };

/* UTC in JSON, else at the offset of the local zone. NULL for RD_TIME_NONE. */
const char *diff_time(rd_time time, bool is_json, char room[static DIFF_TIME_MAX]);

struct diff_schedules {
    uint64_t count, moved; /* those that are there before or behind; those that differ */
    json_t *rows;          /* owned; NULL in text, which is printed at once */
};
/* What comes at units by the calendar, and the turns of rosters, before and behind. */
void diff_schedules(struct engine *now, struct engine *then, bool is_json,
        struct diff_schedules *ret_schedules);
