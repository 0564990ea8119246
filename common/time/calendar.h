/* common/time/calendar.h — working time over compiled tables: no zone database, no files, no clock.
 *
 * A calendar is data: the zone's offsets as a table, opening hours by season and weekday, special
 * days. It is compiled while a configuration is loaded (daemon/config/) and goes into the journal,
 * so that tomorrow's tzdata does not change yesterday. Functions are pure and bounded.
 *
 * Local time that does not exist resolves to the first instant after; that exists twice, to the
 * first. A working day is a day on which the calendar opens at all. Opening hours do not cross
 * midnight; 24:00 is 1440. Make-up days have the hours of that season's Monday. Days before year 1
 * and after 9999 are taken as the nearest one within. Source: redress.yaml(5), "calendars". */
#pragma once

#include "common/base/arena.h"
#include "common/time/civil.h"
#include "common/time/limit.h"
#include "common/time/utime.h"

enum { RD_HOURS_MAX = 8 }; /* intervals a day */

struct rd_hours { /* a day's opening: sorted, disjoint, minutes of the local day */
    uint8_t count;
    uint16_t open[RD_HOURS_MAX], close[RD_HOURS_MAX];
};

struct rd_offset { /* from `from` on, local = UTC + offset_s */
    rd_time from;
    int32_t offset_s;
};

/* Begins each year on month/day, lasts until the next one, over the year's turn. */
struct rd_season {
    uint8_t month, day;      /* 29 February begins on 1 March where there is none */
    struct rd_hours week[7]; /* from Monday */
};

enum rd_special {           /* why a day is not as its weekday says */
    RD_SPECIAL_OFF = 1,     /* in the holiday list as off (statutory) */
    RD_SPECIAL_MAKE_UP = 2, /* 调休: has the hours of that season's Monday */
    RD_SPECIAL_HOURS = 3,   /* its own opening hours (early closing) */
    RD_SPECIAL_CLOSED = 4,  /* closed by `days` of the configuration; counts as OFF does */
};

struct rd_special_day {
    rd_day day;
    enum rd_special kind;
    uint8_t layer;         /* index into the calendar's layers: who says so */
    struct rd_hours hours; /* of RD_SPECIAL_HOURS, which has some; else none */
    struct rd_str name;
};

enum { RD_CALENDAR_LAYERS_MAX = 16 };

struct rd_calendar {
    struct rd_str name, zone;
    const struct rd_offset *offsets; /* sorted; the first holds for all time before it too */
    size_t offset_count;
    const struct rd_season *seasons; /* sorted by month, day; at least one */
    size_t season_count;
    const struct rd_special_day *specials; /* sorted by day, one a day (overlays resolved) */
    size_t special_count;
    rd_day horizon; /* first day without holiday data; RD_DAY_NONE: a calendar without holidays */
    const struct rd_str *layers; /* names, the lowest first, itself last; none: it lies over none */
    size_t layer_count;          /* 0 or 2..RD_CALENDAR_LAYERS_MAX */
    uint64_t digest;             /* of all but the names and layers: equal digests, equal answers */
};

/* Checks what the comments above promise and fills the digest; every other function expects it to
 * have been done (the compiler and rd_calendar_unpack() do). 0 or -EINVAL. */
RD_MUST_USE int rd_calendar_seal(struct rd_calendar *calendar);

/* ---- the local day ---- */
rd_day rd_calendar_day(const struct rd_calendar *calendar, rd_time time); /* local date */
int32_t rd_calendar_offset_s(const struct rd_calendar *calendar, rd_time time);
/* The instant of a local minute (0..1440) of a day, resolved as said above. */
rd_time rd_calendar_instant(const struct rd_calendar *calendar, rd_day day, uint32_t minute);
/* The instant of the same local wall-clock time (µs of the day kept) on another day. */
rd_time rd_calendar_same_time(const struct rd_calendar *calendar, rd_time time, rd_day day);

/* ---- opening ---- */
struct rd_hours rd_calendar_hours(const struct rd_calendar *calendar, rd_day day);
bool rd_calendar_is_working(const struct rd_calendar *calendar, rd_day day);
const struct rd_special_day *rd_calendar_special(const struct rd_calendar *calendar, rd_day day);
/* The name of the calendar that says what a special day is. */
struct rd_str rd_calendar_layer(
        const struct rd_calendar *calendar, const struct rd_special_day *special);
bool rd_calendar_is_open(const struct rd_calendar *calendar, rd_time time); /* [open, close) */
/* The first instant ≥ time that is open; RD_TIME_NONE if none within 10 years. */
rd_time rd_calendar_next_opening(const struct rd_calendar *calendar, rd_time time);
/* Closing time of a day (its last interval's end); 24:00 if it does not open. */
rd_time rd_calendar_closing(const struct rd_calendar *calendar, rd_day day);
/* Open time in [from, to), µs; 0 if to ≤ from. */
int64_t rd_calendar_open_between(const struct rd_calendar *calendar, rd_time from, rd_time to);
/* The earliest instant by which `open_us` of open time has passed since `from`: for 0, `from`
 * itself. RD_TIME_NONE if not within 50 years. */
rd_time rd_calendar_add_open(const struct rd_calendar *calendar, rd_time from, int64_t open_us);

/* ---- day limits ---- */
enum rd_roll { RD_ROLL_NONE, RD_ROLL_RESTDAY, RD_ROLL_STATUTORY_HOLIDAY };

/* A stretch in which a clock was paused: the local dates strictly between begin and end do not
 * count. An end of RD_TIME_MAX is still open. Sorted, disjoint. */
struct rd_stretch {
    rd_time begin, end;
};

struct rd_day_limit {
    enum rd_limit_unit unit; /* RD_LIMIT_BUSINESS_DAYS or RD_LIMIT_CALENDAR_DAYS */
    uint32_t count;
    enum rd_roll roll;
    bool at_closing; /* else 24:00 */
    const struct rd_stretch *stretches;
    size_t stretch_count;
};

struct rd_day_due {
    rd_time due;      /* 24:00 of last_day (the next day's 00:00 local) or closing time */
    rd_day last_day;  /* after rolling */
    rd_day raw_day;   /* before rolling */
    bool provisional; /* it reaches to or beyond the horizon */
};

/* The day of the start is not counted. Excluded dates are skipped; a stretch that begins on the
 * last day and ends on a later date makes the day of its end the last day; one that ends on the
 * last day at or past the instant due makes the next working day the last; then it rolls. Rolling
 * asks all again for each day it reaches: no limit runs out inside a pause. A limit that never runs
 * out (its last stretch is still open, or nothing opens for 50 years) is due at RD_TIME_MAX with
 * last_day RD_DAY_NONE. */
struct rd_day_due rd_calendar_day_limit(
        const struct rd_calendar *calendar, rd_time start, const struct rd_day_limit *limit);
/* The nth working day before `day` (n ≥ 1); RD_DAY_NONE if 50 years before it hold none. */
rd_day rd_calendar_working_before(const struct rd_calendar *calendar, rd_day day, uint32_t n);
/* The first working day after `day`; RD_DAY_NONE if 50 years hold none. */
rd_day rd_calendar_working_after(const struct rd_calendar *calendar, rd_day day);
