/* common/time/schedule.h — periods that come round, and the day on which what is owed for one is
 * due.
 *
 *   every = day / week (from Monday) / month / quarter / half / year
 *   due   = [+ / -] limit   days from the period's last day: "0d", "-5bd", "+10d"
 *         / MM-DD           a day of the period's year: "12-31"
 *
 * Pure. Source: redress.yaml(5), "supervision.duties". */
#pragma once

#include "common/time/calendar.h"
#include "common/time/limit.h"
#include "common/time/period.h"

/* X(suffix, name, the fewest days it has) */
#define RD_EVERY(X)                                                                                \
    X(DAY, "day", 1)                                                                               \
    X(WEEK, "week", 7)                                                                             \
    X(MONTH, "month", 28)                                                                          \
    X(QUARTER, "quarter", 90)                                                                      \
    X(HALF, "half", 181)                                                                           \
    X(YEAR, "year", 365)

enum rd_every {
#define X(suffix, name, days) RD_EVERY_##suffix,
    RD_EVERY(X)
#undef X
            RD_EVERY_COUNT
};
RD_MUST_USE int rd_every_parse(struct rd_str text, enum rd_every *ret_every); /* 0 or -EINVAL */
/* The fewest days that a period has. */
uint32_t rd_every_days(enum rd_every every);
/* The period that holds the day. */
struct rd_period rd_every_period(enum rd_every every, rd_day day);
/* Its name in the grammar of period.h: "2021-09", "2021-W36". */
void rd_every_format(
        enum rd_every every, struct rd_period period, char ret_text[static RD_PERIOD_TEXT_MAX]);

struct rd_due {
    bool is_of_year; /* else days from the period's last day */
    uint8_t month, day;
    bool is_before;
    struct rd_limit days; /* in business or calendar days */
};

/* All of `text`. 0, or -EINVAL; *ret_due is written only on 0. */
RD_MUST_USE int rd_due_parse(struct rd_str text, struct rd_due *ret_due);
/* The last day on which it is in time, never before the period's first. "0bd" is the period's last
 * working day, "-1bd" the working day before its last day; 29 February is the 28th in years that
 * have no other. */
rd_day rd_due_day(
        const struct rd_due *due, struct rd_period period, const struct rd_calendar *calendar);
