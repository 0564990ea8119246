/* common/time/calendar_walk.h — the days of a calendar in ascending order; for calendar*.c only.
 *
 * A walk remembers where it stands among seasons, special days and offsets, so that the next day
 * costs a few compares instead of three searches. Days must be asked for in ascending order.
 * Pure; borrows the calendar. */
#pragma once

#include "common/time/calendar.h"

enum {
    CALENDAR_DAY_END = RD_DAY_MAX + 1,
    CALENDAR_GIVE_UP_DAYS = 18300,     /* 50 years without an open day: there will be none */
    CALENDAR_OFFSET_S_MAX = 26 * 3600, /* RFC 8536 */
    CALENDAR_OFFSETS_MAX = 4096,
    CALENDAR_SEASONS_MAX = 64,
    CALENDAR_SPECIALS_MAX = 40000, /* a century and more */
};

static inline rd_day calendar_clamp_day(int64_t day)
{
    return day < RD_DAY_MIN ? RD_DAY_MIN : day > RD_DAY_MAX ? RD_DAY_MAX : (rd_day)day;
}

struct calendar_walk {
    const struct rd_calendar *calendar;
    const struct rd_season *season;
    rd_day season_end;             /* the first day of the next season */
    size_t special;                /* index of the first special day ≥ the day last asked for */
    rd_day plain_begin, plain_end; /* days that lie wholly within one offset, … */
    int64_t offset_us;             /* … this one */
};

void calendar_walk_init(struct calendar_walk *walk, const struct rd_calendar *calendar, rd_day day);
const struct rd_hours *calendar_walk_hours(struct calendar_walk *walk, rd_day day);
/* Of the day last asked for: the first day after it that may not be as its weekday says. */
rd_day calendar_walk_run_end(const struct calendar_walk *walk);
/* The same, and all days before it lie within one offset; ≤ day if `day` itself does not. */
rd_day calendar_walk_plain_end(struct calendar_walk *walk, rd_day day);
rd_time calendar_walk_instant(struct calendar_walk *walk, rd_day day, uint32_t minute);

/* Counts working days in [day, end) down from *remaining. Returns the one that made it 0, or
 * RD_DAY_NONE: `end` was reached, or nothing opened for 50 years. */
rd_day calendar_walk_working(
        struct calendar_walk *walk, rd_day day, rd_day end, uint32_t *remaining);

/* The first instant whose local time is ≥ local_us (µs of local time since 1970-01-01 local). */
rd_time calendar_resolve(const struct rd_calendar *calendar, int64_t local_us);
size_t calendar_special_from(const struct rd_calendar *calendar, rd_day day);
