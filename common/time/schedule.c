#include "common/time/schedule.h"

#include <errno.h>
#include <stdio.h>

enum { MONTHS = 12, WEEK = 7, THURSDAY = 3, MONTH_DAY_LEN = 5 };

static const struct {
    const char *name;
    uint32_t days;
} EVERY[RD_EVERY_COUNT] = {
#define X(suffix, name_, days_) {(name_), (days_)},
        RD_EVERY(X)
#undef X
};

int rd_every_parse(struct rd_str text, enum rd_every *ret_every)
{
    for (int i = 0; i < RD_EVERY_COUNT; i++) {
        if (rd_str_is(text, EVERY[i].name)) {
            *ret_every = (enum rd_every)i;
            return 0;
        }
    }
    return -EINVAL;
}

uint32_t rd_every_days(enum rd_every every)
{
    return EVERY[every].days;
}

static struct rd_period months_at(rd_day day, int32_t count)
{
    int32_t first = rd_month_of(day) / count * count;
    return (struct rd_period){rd_month_first(first), rd_month_first(first + count) - 1};
}

struct rd_period rd_every_period(enum rd_every every, rd_day day)
{
    rd_day monday = day - (rd_day)rd_weekday(day);
    switch (every) {
    case RD_EVERY_DAY:
        return (struct rd_period){day, day};
    case RD_EVERY_WEEK:
        return (struct rd_period){monday, monday + WEEK - 1};
    case RD_EVERY_MONTH:
        return months_at(day, 1);
    case RD_EVERY_QUARTER:
        return months_at(day, 3);
    case RD_EVERY_HALF:
        return months_at(day, 6);
    case RD_EVERY_YEAR:
        return months_at(day, MONTHS);
    case RD_EVERY_COUNT:
        break;
    }
    RD_UNREACHABLE("every period has its length");
}

/* A week is of the year that has its Thursday. */
void rd_every_format(
        enum rd_every every, struct rd_period period, char ret_text[static RD_PERIOD_TEXT_MAX])
{
    if (every != RD_EVERY_WEEK) {
        rd_period_format(period, ret_text);
        return;
    }
    rd_day thursday = period.first + THURSDAY;
    int32_t year = rd_date_of(thursday).year;
    int32_t week = (thursday - rd_day_of((struct rd_date){year, 1, 1})) / WEEK + 1;
    (void)snprintf(ret_text, RD_PERIOD_TEXT_MAX, "%04d-W%02d", (int)year, (int)week);
}

static bool digits_at(struct rd_str text, size_t at, uint8_t *ret_value)
{
    for (size_t i = at; i < at + 2; i++) {
        if (text.ptr[i] < '0' || text.ptr[i] > '9') {
            return false;
        }
    }
    *ret_value = (uint8_t)((text.ptr[at] - '0') * 10 + (text.ptr[at + 1] - '0'));
    return true;
}

/* A leap year has every day that a year may have. */
static bool month_day(struct rd_str text, struct rd_due *due)
{
    enum { LEAP = 2000 };
    return text.len == MONTH_DAY_LEN && text.ptr[2] == '-' && digits_at(text, 0, &due->month) &&
           digits_at(text, 3, &due->day) && rd_date_valid(LEAP, due->month, due->day);
}

int rd_due_parse(struct rd_str text, struct rd_due *ret_due)
{
    struct rd_due due = {0};
    if (month_day(text, &due)) {
        due.is_of_year = true;
        *ret_due = due;
        return 0;
    }
    bool has_sign = text.len > 0 && (text.ptr[0] == '-' || text.ptr[0] == '+');
    due.is_before = has_sign && text.ptr[0] == '-';
    if (has_sign) {
        text = (struct rd_str){text.ptr + 1, text.len - 1};
    }
    if (rd_limit_parse(text, &due.days) < 0 || due.days.unit == RD_LIMIT_SECONDS) {
        return -EINVAL;
    }
    *ret_due = due;
    return 0;
}

static rd_day of_year(const struct rd_due *due, struct rd_period period)
{
    struct rd_date date = {
            .year = rd_date_of(period.first).year, .month = due->month, .day = due->day};
    if (!rd_date_valid(date.year, date.month, date.day)) {
        date.day--;
    }
    return rd_day_of(date);
}

static rd_day working(
        const struct rd_due *due, struct rd_period period, const struct rd_calendar *calendar)
{
    rd_day day = period.last;
    if (due->days.count == 0) {
        return rd_calendar_is_working(calendar, day) ? day
                                                     : rd_calendar_working_before(calendar, day, 1);
    }
    if (due->is_before) {
        return rd_calendar_working_before(calendar, day, due->days.count);
    }
    struct rd_day_limit limit = {.unit = RD_LIMIT_BUSINESS_DAYS, .count = due->days.count};
    return rd_calendar_day_limit(calendar, rd_calendar_instant(calendar, day, 0), &limit).last_day;
}

rd_day rd_due_day(
        const struct rd_due *due, struct rd_period period, const struct rd_calendar *calendar)
{
    rd_day day = period.last;
    if (due->is_of_year) {
        day = of_year(due, period);
    } else if (due->days.unit == RD_LIMIT_BUSINESS_DAYS) {
        day = working(due, period, calendar);
    } else {
        day += (due->is_before ? -1 : 1) * (rd_day)due->days.count;
    }
    /* A calendar that never opens has no working day; the duty is then due on the last day. */
    day = day == RD_DAY_NONE ? period.last : day;
    return day < period.first ? period.first : day;
}
