#include "common/time/civil.h"

#include <errno.h>
#include <stdio.h>

/* Years are counted from March here: the leap day is then the last of its year, and the months'
 * lengths from March on follow (153 m + 2) / 5. Day 0 of that count is 0000-03-01. */
enum {
    DAYS_BEFORE_1970 = 719468,
    YEARS_OF_ERA = 400,
    DAYS_OF_ERA = 146097,
    DAYS_OF_CENTURY = 36524,
    DAYS_OF_4_YEARS = 1460,
    DAYS_OF_YEAR = 365,
    DAYS_OF_WEEK = 7,
    WEEKDAY_OF_0 = 3, /* Thursday */
    YEAR_MAX = 9999,
    /* Added to every day number, so that no division meets a negative one. */
    ERAS_AHEAD = 20000,
};

_Static_assert((int64_t)ERAS_AHEAD *DAYS_OF_ERA > -(int64_t)INT32_MIN, "rd_date_of() is total");

rd_day rd_day_of(struct rd_date date)
{
    RD_ASSERT(rd_date_valid(date.year, date.month, date.day));
    int32_t year = date.month > 2 ? date.year : date.year - 1;
    int32_t month = (date.month + 9) % 12;
    int32_t day_of_year = (153 * month + 2) / 5 + date.day - 1;
    return DAYS_OF_YEAR * year + year / 4 - year / 100 + year / YEARS_OF_ERA + day_of_year -
           DAYS_BEFORE_1970;
}

struct rd_date rd_date_of(rd_day day)
{
    int64_t count = (int64_t)day + DAYS_BEFORE_1970 + (int64_t)ERAS_AHEAD * DAYS_OF_ERA;
    int32_t era = (int32_t)(count / DAYS_OF_ERA) - ERAS_AHEAD;
    int32_t rest = (int32_t)(count % DAYS_OF_ERA);
    int32_t year =
            (rest - rest / DAYS_OF_4_YEARS + rest / DAYS_OF_CENTURY - rest / (DAYS_OF_ERA - 1)) /
            DAYS_OF_YEAR;
    int32_t day_of_year = rest - (DAYS_OF_YEAR * year + year / 4 - year / 100);
    int32_t month = (5 * day_of_year + 2) / 153;
    return (struct rd_date){
            .year = era * YEARS_OF_ERA + year + (month >= 10),
            .month = (uint8_t)(month < 10 ? month + 3 : month - 9),
            .day = (uint8_t)(day_of_year - (153 * month + 2) / 5 + 1),
    };
}

bool rd_date_valid(int64_t year, int64_t month, int64_t day)
{
    static const uint8_t lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    if (year < 1 || year > YEAR_MAX || month < 1 || month > 12 || day < 1) {
        return false;
    }
    bool is_leap = year % 4 == 0 && (year % 100 != 0 || year % YEARS_OF_ERA == 0);
    return day <= lengths[month - 1] + (month == 2 && is_leap);
}

unsigned rd_weekday(rd_day day)
{
    return (unsigned)(day % DAYS_OF_WEEK + WEEKDAY_OF_0 + DAYS_OF_WEEK) % DAYS_OF_WEEK;
}

/* `count` digits at `text`; -1 if one is none. */
static int32_t digits(const char *text, int count)
{
    int32_t value = 0;
    for (int i = 0; i < count; i++) {
        if (text[i] < '0' || text[i] > '9') {
            return -1;
        }
        value = value * 10 + (text[i] - '0');
    }
    return value;
}

int rd_day_parse(struct rd_str text, rd_day *ret_day)
{
    if (text.len != sizeof "YYYY-MM-DD" - 1 || text.ptr[4] != '-' || text.ptr[7] != '-') {
        return -EINVAL;
    }
    int32_t year = digits(text.ptr, 4);
    int32_t month = digits(text.ptr + 5, 2);
    int32_t day = digits(text.ptr + 8, 2);
    if (year < 0 || month < 0 || day < 0) {
        return -EINVAL;
    }
    if (!rd_date_valid(year, month, day)) {
        return -ERANGE;
    }
    *ret_day =
            rd_day_of((struct rd_date){.year = year, .month = (uint8_t)month, .day = (uint8_t)day});
    return 0;
}

void rd_day_format(rd_day day, char ret_text[static RD_DATE_TEXT_MAX])
{
    struct rd_date date = rd_date_of(day);
    (void)snprintf(ret_text, RD_DATE_TEXT_MAX, "%04d-%02u-%02u", date.year, date.month, date.day);
}
