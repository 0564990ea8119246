/* tests/unit/calendar_fixture.h — calendars written by hand: the mainland's, Xinjiang's, London's.
 *
 * They share one set of tables: build one, use it, then build the next. */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "common/time/calendar.h"

#define HOUR_US RD_HOUR_US

#define OFF  RD_SPECIAL_OFF
#define WORK RD_SPECIAL_MAKE_UP

struct row {
    const char *from, *through;
    enum rd_special kind;
};

static const struct row cn_rows[] = {
        {"2021-09-18", "2021-09-18", WORK},
        {"2021-09-19", "2021-09-21", OFF},
        {"2021-09-26", "2021-09-26", WORK},
        {"2021-10-01", "2021-10-07", OFF},
        {"2021-10-09", "2021-10-09", WORK},
        {"2024-09-29", "2024-09-29", WORK},
        {"2024-10-01", "2024-10-07", OFF},
        {"2024-10-12", "2024-10-12", WORK},
        {"2025-04-04", "2025-04-06", OFF},
        {"2025-04-27", "2025-04-27", WORK},
        {"2025-05-01", "2025-05-05", OFF},
        {"2025-05-31", "2025-06-02", OFF},
        {"2025-09-28", "2025-09-28", WORK},
        {"2025-10-01", "2025-10-08", OFF},
        {"2025-10-11", "2025-10-11", WORK},
};

static inline rd_day day_of(const char *text)
{
    rd_day day = 0;
    assert_int_equal(rd_day_parse(rd_str_of(text), &day), 0);
    return day;
}

static inline rd_time at(const char *text)
{
    rd_time time = 0;
    assert_int_equal(rd_time_parse(rd_str_of(text), &time), 0);
    return time;
}

static inline void is_time(rd_time got, const char *expected)
{
    char text[RD_TIME_TEXT_MAX];
    rd_time_format(got, text);
    if (got != at(expected)) {
        fail_msg("got %s, expected %s", text, expected);
    }
}

static inline void is_day(rd_day got, const char *expected)
{
    char text[RD_DATE_TEXT_MAX] = "none";
    if (got != RD_DAY_NONE) {
        rd_day_format(got, text);
    }
    assert_string_equal(text, expected);
}

static inline void week_days(struct rd_season *season, struct rd_hours hours, unsigned days)
{
    for (unsigned i = 0; i < days; i++) {
        season->week[i] = hours;
    }
}

static inline struct rd_hours hours_of(
        unsigned open, unsigned close, unsigned open2, unsigned close2)
{
    return (struct rd_hours){
            .count = open2 > 0 ? 2 : 1,
            .open = {(uint16_t)open, (uint16_t)open2},
            .close = {(uint16_t)close, (uint16_t)close2},
    };
}

static struct rd_special_day specials[200];
static struct rd_season seasons[4];
static const struct rd_offset shanghai[] = {{0, 8 * 3600}};

static inline void add_special(
        struct rd_calendar *calendar, rd_day day, enum rd_special kind, struct rd_hours hours)
{
    size_t place = calendar->special_count;
    while (place > 0 && specials[place - 1].day >= day) {
        place--;
    }
    bool replaces = place < calendar->special_count && specials[place].day == day;
    if (!replaces) {
        memmove(&specials[place + 1], &specials[place],
                (calendar->special_count - place) * sizeof *specials);
        calendar->special_count++;
    }
    specials[place] = (struct rd_special_day){.day = day, .kind = kind, .hours = hours};
}

/* 09:00–12:00 and 13:30–17:30 from Monday to Friday, with the mainland's days. */
static inline struct rd_calendar cn(void)
{
    struct rd_calendar calendar = {
            .offsets = shanghai,
            .offset_count = 1,
            .seasons = seasons,
            .season_count = 1,
            .specials = specials,
            .horizon = day_of("2026-01-01"),
    };
    memset(seasons, 0, sizeof seasons);
    memset(specials, 0, sizeof specials);
    seasons[0] = (struct rd_season){.month = 1, .day = 1};
    week_days(&seasons[0], hours_of(540, 720, 810, 1050), 5);
    for (size_t i = 0; i < RD_COUNT(cn_rows); i++) {
        rd_day last = day_of(cn_rows[i].through);
        for (rd_day day = day_of(cn_rows[i].from); day <= last; day++) {
            add_special(&calendar, day, cn_rows[i].kind, (struct rd_hours){0});
        }
    }
    assert_int_equal(rd_calendar_seal(&calendar), 0);
    return calendar;
}

/* From 1 May 10–14 and 16–20, from 1 October 10–14 and 15:30–19:30; 6 to 10 June 2025 closed. */
static inline struct rd_calendar xinjiang(void)
{
    struct rd_calendar calendar = cn();
    memset(seasons, 0, sizeof seasons);
    seasons[0] = (struct rd_season){.month = 5, .day = 1};
    seasons[1] = (struct rd_season){.month = 10, .day = 1};
    week_days(&seasons[0], hours_of(600, 840, 960, 1200), 5);
    week_days(&seasons[1], hours_of(600, 840, 930, 1170), 5);
    calendar.season_count = 2;
    for (rd_day day = day_of("2025-06-06"); day <= day_of("2025-06-10"); day++) {
        add_special(&calendar, day, RD_SPECIAL_CLOSED, (struct rd_hours){0});
    }
    add_special(&calendar, day_of("2026-02-14"), RD_SPECIAL_HOURS, hours_of(600, 840, 0, 0));
    assert_int_equal(rd_calendar_seal(&calendar), 0);
    return calendar;
}

/* London's clock in 2025 and Monday to Sunday 00:30–05:00. */
static const struct rd_offset london_2025[] = {
        {0, 0}, {INT64_C(1743296400000000), 3600}, /* 2025-03-30T01:00Z */
        {INT64_C(1761440400000000), 0},            /* 2025-10-26T01:00Z */
};
static inline struct rd_calendar london(struct rd_hours hours)
{
    struct rd_calendar calendar = cn();
    calendar.offsets = london_2025;
    calendar.offset_count = RD_COUNT(london_2025);
    calendar.special_count = 0;
    week_days(&seasons[0], hours, 7);
    assert_int_equal(rd_calendar_seal(&calendar), 0);
    return calendar;
}

static inline struct rd_day_limit limit_of(const char *text, enum rd_roll roll)
{
    struct rd_limit limit;
    assert_int_equal(rd_limit_parse(rd_str_of(text), &limit), 0);
    return (struct rd_day_limit){.unit = limit.unit, .count = limit.count, .roll = roll};
}
