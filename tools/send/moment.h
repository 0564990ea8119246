/* tools/send/moment.h — dates and times as exports have them, made instants at a fixed offset.
 *
 *   date  = "2016-06-01"                       order ymd (also with "/" or ".")
 *         / "06/01/2016"                       order mdy
 *         / "01/06/2016"                       order dmy
 *   text  = date [(" " / "T") hh ":" mm [":" ss] [offset]]
 *
 * An RFC 3339 time with its own offset is taken as it is. Pure. */
#pragma once

#include "common/civil.h"
#include "common/utime.h"

enum date_order { DATE_YMD, DATE_MDY, DATE_DMY };

struct moment_rule {
    enum date_order order;
    int32_t offset_s;      /* of the zone, east */
    int32_t time_of_day_s; /* what a bare date means */
};

/* 0, -EINVAL, -ERANGE; written only on 0. */
RD_MUST_USE int moment_parse(const struct moment_rule *rule, struct rd_str text, rd_time *ret_time);
RD_MUST_USE int moment_parse_day(enum date_order order, struct rd_str text, rd_day *ret_day);
/* "+08:00", "-05:00", "Z". */
RD_MUST_USE int moment_parse_offset(struct rd_str text, int32_t *ret_offset_s);
/* "12:00", "23:59:59". */
RD_MUST_USE int moment_parse_clock(struct rd_str text, int32_t *ret_s);
