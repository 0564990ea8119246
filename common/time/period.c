#include "common/time/period.h"

#include <errno.h>
#include <stdio.h>

enum { MONTHS = 12, YEAR_LEN = 4, WEEK = 7, THURSDAY = 3 };

rd_day rd_month_first(int32_t month)
{
    return rd_day_of((struct rd_date){month / MONTHS, (uint8_t)(month % MONTHS + 1), 1});
}

int32_t rd_month_of(rd_day day)
{
    struct rd_date date = rd_date_of(day);
    return date.year * MONTHS + date.month - 1;
}

static struct rd_period months(int32_t first, int32_t count)
{
    return (struct rd_period){rd_month_first(first), rd_month_first(first + count) - 1};
}

static int number(struct rd_str text, size_t at, size_t len, int32_t max, int32_t *ret_value)
{
    int32_t value = 0;
    if (text.len != at + len) {
        return -EINVAL;
    }
    for (size_t i = at; i < text.len; i++) {
        if (text.ptr[i] < '0' || text.ptr[i] > '9') {
            return -EINVAL;
        }
        value = value * 10 + (text.ptr[i] - '0');
    }
    *ret_value = value;
    return value >= 1 && value <= max ? 0 : -ERANGE;
}

/* The week that has the year's first Thursday is its first. */
static int week_of(int32_t year, int32_t week, struct rd_period *ret_period)
{
    rd_day fourth = rd_day_of((struct rd_date){year, 1, 4});
    rd_day monday = fourth - (rd_day)rd_weekday(fourth) + (week - 1) * WEEK;
    if (rd_date_of(monday + THURSDAY).year != year) {
        return -ERANGE;
    }
    *ret_period = (struct rd_period){monday, monday + WEEK - 1};
    return 0;
}

int rd_period_parse(struct rd_str text, struct rd_period *ret_period)
{
    enum { YEAR_MAX = 9998 }; /* what follows it is a date too */
    int32_t year, part = 0;
    rd_day day;
    int r = rd_day_parse(text, &day);
    if (r == 0) {
        *ret_period = (struct rd_period){day, day};
        return 0;
    }
    struct rd_str head = {text.ptr, text.len < YEAR_LEN ? text.len : YEAR_LEN};
    if (r == -ERANGE || number(head, 0, YEAR_LEN, YEAR_MAX, &year) < 0) {
        return r == -ERANGE ? r : -EINVAL;
    }
    if (text.len == YEAR_LEN) {
        *ret_period = months(year * MONTHS, MONTHS);
        return 0;
    }
    if (text.len < YEAR_LEN + 3 || text.ptr[YEAR_LEN] != '-') {
        return -EINVAL;
    }
    switch (text.ptr[YEAR_LEN + 1]) {
    case 'H':
        r = number(text, YEAR_LEN + 2, 1, 2, &part);
        *ret_period = r == 0 ? months(year * MONTHS + (part - 1) * 6, 6) : *ret_period;
        return r;
    case 'Q':
        r = number(text, YEAR_LEN + 2, 1, 4, &part);
        *ret_period = r == 0 ? months(year * MONTHS + (part - 1) * 3, 3) : *ret_period;
        return r;
    case 'W':
        r = number(text, YEAR_LEN + 2, 2, 53, &part);
        return r == 0 ? week_of(year, part, ret_period) : r;
    default:
        r = number(text, YEAR_LEN + 1, 2, MONTHS, &part);
        *ret_period = r == 0 ? months(year * MONTHS + part - 1, 1) : *ret_period;
        return r;
    }
}

int32_t rd_period_months(struct rd_period period)
{
    int32_t first = rd_month_of(period.first), last = rd_month_of(period.last);
    bool is_whole = rd_month_first(first) == period.first &&
                    rd_month_first(last + 1) - 1 == period.last && period.last >= period.first;
    return is_whole ? last - first + 1 : 0;
}

void rd_period_format(struct rd_period period, char ret_text[static RD_PERIOD_TEXT_MAX])
{
    char first[RD_DATE_TEXT_MAX], last[RD_DATE_TEXT_MAX];
    int32_t count = rd_period_months(period), month = rd_month_of(period.first);
    int32_t year = month / MONTHS, at = month % MONTHS;
    rd_day_format(period.first, first);
    rd_day_format(period.last, last);
    if (count == MONTHS && at == 0) {
        (void)snprintf(ret_text, RD_PERIOD_TEXT_MAX, "%04d", year);
    } else if (count == 6 && at % 6 == 0) {
        (void)snprintf(ret_text, RD_PERIOD_TEXT_MAX, "%04d-H%d", year, at / 6 + 1);
    } else if (count == 3 && at % 3 == 0) {
        (void)snprintf(ret_text, RD_PERIOD_TEXT_MAX, "%04d-Q%d", year, at / 3 + 1);
    } else if (count == 1) {
        (void)snprintf(ret_text, RD_PERIOD_TEXT_MAX, "%04d-%02d", year, at + 1);
    } else if (period.first == period.last) {
        (void)snprintf(ret_text, RD_PERIOD_TEXT_MAX, "%s", first);
    } else {
        (void)snprintf(ret_text, RD_PERIOD_TEXT_MAX, "%s..%s", first, last);
    }
}

struct rd_period rd_period_before(struct rd_period period)
{
    int32_t count = rd_period_months(period);
    if (count > 0) {
        return months(rd_month_of(period.first) - count, count);
    }
    int32_t days = period.last - period.first + 1;
    return (struct rd_period){period.first - days, period.first - 1};
}

static rd_day year_before(rd_day day)
{
    struct rd_date date = rd_date_of(day);
    date.year--;
    if (date.month == 2 && date.day == 29) {
        date.day = 28;
    }
    return rd_day_of(date);
}

struct rd_period rd_period_year_before(struct rd_period period)
{
    int32_t count = rd_period_months(period);
    if (count > 0) {
        return months(rd_month_of(period.first) - MONTHS, count);
    }
    return (struct rd_period){year_before(period.first), year_before(period.last)};
}
