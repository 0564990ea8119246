/* common/time/utime.h — points in time: microseconds since 1970-01-01T00:00:00Z, no leap seconds.
 *
 * The valid range is that of years 1 to 9999; what lies outside is refused where it comes in.
 * Text is RFC 3339 with an offset. Source: redress-protocol(7). */
#pragma once

#include "common/base/base.h"

typedef int64_t rd_time; /* µs; a span is an int64_t with the suffix _us */

#define RD_SECOND_US INT64_C(1000000)
#define RD_MINUTE_US (60 * RD_SECOND_US)
#define RD_HOUR_US   (60 * RD_MINUTE_US)
#define RD_DAY_US    (24 * RD_HOUR_US)

#define RD_TIME_NONE INT64_MIN
#define RD_TIME_MIN  INT64_C(-62135596800000000) /* 0001-01-01T00:00:00Z */
#define RD_TIME_MAX  INT64_C(253402300799999999) /* 9999-12-31T23:59:59.999999Z */

enum { RD_TIME_TEXT_MAX = 40 };

/* RFC 3339: "2025-09-22T10:00:00+08:00", "…Z", a fraction of any length (finer than µs is cut),
 * "t" and " " for the T as the RFC allows; second 60 is taken as 59.999999. The offset is required.
 * Reads all of `text`. 0, or -EINVAL (not the grammar), -ERANGE (no such date, out of range);
 * *ret_time is written only on 0. */
RD_MUST_USE int rd_time_parse(struct rd_str text, rd_time *ret_time);

/* "2025-09-22T02:00:00Z", with a fraction of 6 digits only where it is not 0. */
void rd_time_format(rd_time time, char ret_text[static RD_TIME_TEXT_MAX]);
/* The same at an offset of so many seconds east (under a day), cut to whole minutes, as RFC 3339
 * knows no others: "2025-09-22T10:00:00+08:00". In UTC where the local year would leave 1..9999, so
 * that what is valid stays readable. Both formats take any rd_time: a log line never asserts. */
void rd_time_format_at(rd_time time, int32_t offset_s, char ret_text[static RD_TIME_TEXT_MAX]);
