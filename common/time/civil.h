/* common/time/civil.h — dates of the proleptic Gregorian calendar as day numbers. Pure arithmetic.
 *
 * A day number counts from 1970-01-01 = 0 (a Thursday). Texts and dates have the years 1..9999;
 * from a day number on, everything is defined for the whole of rd_day. */
#pragma once

#include "common/base/base.h"

typedef int32_t rd_day;
#define RD_DAY_NONE INT32_MIN

struct rd_date {
    int32_t year;
    uint8_t month, day; /* from 1 */
};

enum { RD_DATE_TEXT_MAX = 16 };

#define RD_DAY_MIN (-719162) /* 0001-01-01 */
#define RD_DAY_MAX 2932896   /* 9999-12-31 */

rd_day rd_day_of(struct rd_date date); /* asserts a valid date */
struct rd_date rd_date_of(rd_day day);
bool rd_date_valid(int64_t year, int64_t month, int64_t day);
unsigned rd_weekday(rd_day day); /* 0 = Monday … 6 = Sunday */
/* "2025-09-22"; all of the text. 0, -EINVAL, -ERANGE (no such day). */
RD_MUST_USE int rd_day_parse(struct rd_str text, rd_day *ret_day);
void rd_day_format(rd_day day, char ret_text[static RD_DATE_TEXT_MAX]);
