/* common/time/why.h — why a limit runs out when it does: its due instant, and each day on the way.
 *
 * The due is what the calendar's own functions say (calendar.h), as it is for a clock; the days are
 * an account of it for people and for machines: from the local date of the start to the last day,
 * none left out. Of a day limit exactly `limit.count` of them are counted. Of a limit in hours a
 * day is counted if some of its time is.
 *
 * The last day of a limit in hours is the local date on which its last moment lies, so that a due
 * of 00:00 is the end of the day before, as it is for day limits; its raw day is the same.
 * Pure and bounded; borrows everything. Source: redressctl(1), "due". */
#pragma once

#include "common/time/calendar.h"

struct rd_why_pause { /* for the reasons; they may overlap */
    rd_time begin, end;
    struct rd_str reason;
};

struct rd_why { /* a limit and where it counts */
    const struct rd_calendar *calendar;
    rd_time start;
    struct rd_limit limit; /* count ≥ 1 */
    bool counts_working;   /* of a limit in hours: opening hours, else all time */
    bool at_closing;       /* of a day limit */
    enum rd_roll roll;     /* of a day limit */
    const struct rd_stretch
            *stretches; /* as of struct rd_day_limit; begun at `start` at the soonest */
    size_t stretch_count;
    const struct rd_why_pause *pauses; /* what the stretches are made of */
    size_t pause_count;
    bool is_zh; /* the days are told in Chinese, else in English */
};

struct rd_why_due {
    rd_time due; /* RD_TIME_MAX: it does not run out: a stretch is open, or it never opens */
    rd_day start_day, last_day, raw_day; /* the latter RD_DAY_NONE where there are none */
    bool provisional;
};
struct rd_why_due rd_why_due(const struct rd_why *why);

enum { RD_WHY_TEXT_MAX = 640 };
struct rd_why_day {
    rd_day day;
    bool is_counted;
    char why[RD_WHY_TEXT_MAX]; /* one line of UTF-8; names of the calendar stand as they are */
};

struct rd_why_walk {
    const struct rd_why *why;
    struct rd_why_due due;
    rd_day day, end; /* the next day; one past the last */
    uint32_t counted;
    int64_t used_us; /* of a limit in hours, in the days before */
};
/* `until`: the last day to tell of where the limit does not run out. */
void rd_why_begin(struct rd_why_walk *walk, const struct rd_why *why, rd_day until);
/* False: no more. */
bool rd_why_next(struct rd_why_walk *walk, struct rd_why_day *ret_day);

/* "1h 30m", "2h", "45s"; µs are cut. */
enum { RD_SPAN_TEXT_MAX = 64 };
void rd_span_text(int64_t span_us, char ret_text[static RD_SPAN_TEXT_MAX]);
