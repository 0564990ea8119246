/* tools/send/moment.h — dates and times as spreadsheets and exports have them, made instants.
 *
 *   date  = 2026-11-05  2026/11/5  2026.11.5  2026年11月5日  20261105
 *         / 5/11/2026  11/5/26      day or month first: the order says, or a number over 12
 *         / 5-Nov-26  Nov 5, 2026  5 November 2026
 *         / 46331  46331.395        the days that Excel counts from 1900
 *   time  = 9:30  09:30:15.250  9:30 PM  上午9:30  9时30分
 *   text  = date [time] [offset]
 *
 * An RFC 3339 time with its own offset is taken as it is. Digits and marks of full width, and
 * blanks around, are the same. What has no offset is a time in the rule's zone: one that the clocks
 * pass twice is the first of the two, one that they leave out is as much later. Pure. */
#pragma once

#include "common/time/calendar.h"
#include "common/time/civil.h"
#include "common/time/utime.h"

enum date_order { DATE_YMD, DATE_MDY, DATE_DMY }; /* YMD: nothing is known of day and month */

struct moment_rule {
    enum date_order order;
    int32_t offset_s;                /* of the zone, east, where `offsets` is NULL */
    const struct rd_offset *offsets; /* of a named zone, as rd_calendar has them */
    size_t offset_count;
    int32_t time_of_day_s; /* what a bare date means */
};

/* 0; -EINVAL: no such form; -ERANGE: no such day or hour; -EDOM: day or month first, and nothing
 * says which. Written only on 0. */
RD_MUST_USE int moment_parse(const struct moment_rule *rule, struct rd_str text, rd_time *ret_time);
RD_MUST_USE int moment_parse_day(enum date_order order, struct rd_str text, rd_day *ret_day);
/* "+08:00", "-0500", "+8", "Z". */
RD_MUST_USE int moment_parse_offset(struct rd_str text, int32_t *ret_offset_s);
/* "12:00", "9:30", "23:59:59". */
RD_MUST_USE int moment_parse_clock(struct rd_str text, int32_t *ret_s);
/* What a local time of the rule's zone is as an instant. */
rd_time moment_of_local(const struct moment_rule *rule, rd_time local);
