/* tools/shared/when.h — instants as people write them, in the zone of TZ.
 *
 *   2025-09-22T10:00:00+08:00    RFC 3339
 *   2h 90m 30s 5d 2w             from now, or back from now: as the side says
 *   +2h   -2h   "2h ago"         from now; back from now
 *   18:00 18:00:30               the next such time of day; looking back, the last
 *   2025-09-22, today, tomorrow, yesterday, friday     that day's beginning
 *   "2025-09-22 18:00", "tomorrow 9:00", "fri 17:00"
 *   now
 *
 * A day of the week is the next one after today, or the last one before it. */
#pragma once

#include "common/base/nearest.h"
#include "common/time/civil.h"
#include "common/time/utime.h"

#define WHEN_EXAMPLES "2h, 18:00, tomorrow, \"fri 17:00\", 2025-09-22 or 2025-09-22T10:00:00+08:00"

enum when_side { WHEN_AHEAD, WHEN_BACK };

/* 0, or -EINVAL; *ret_time is written only on 0. */
RD_MUST_USE int when_parse(struct rd_str text, rd_time now, enum when_side side, rd_time *ret_time);
/* The nearest of the words above to the first one of `text`: a hint for what when_parse() refused.
 */
struct rd_nearest when_nearest(struct rd_str text);
/* A whole day, without a time: true, and its date. */
bool when_is_day(struct rd_str text, rd_time now, enum when_side side,
        char ret_date[static RD_DATE_TEXT_MAX]);
/* A span: "500ms", "10s", "5m", "2h", or seconds as a bare number; in µs. 0, -EINVAL. */
RD_MUST_USE int when_span_parse(struct rd_str text, int64_t *ret_us);

rd_time when_now(void); /* of this machine's wall clock */
