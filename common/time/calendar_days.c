/* Day limits: which local date is the last one, and which instant that means. */
#include "common/time/calendar_walk.h"

enum { NEVER = CALENDAR_DAY_END }; /* as a last day: after all days */

/* The dates that a stretch takes out: [first, end). One still open takes out all that follow. */
struct excluded {
    rd_day begun, first, end;
};

static struct excluded excluded_by(
        const struct rd_calendar *calendar, const struct rd_stretch *stretch)
{
    RD_ASSERT(stretch->begin <= stretch->end);
    rd_day begun = rd_calendar_day(calendar, stretch->begin);
    bool is_open = stretch->end >= RD_TIME_MAX;
    return (struct excluded){
            .begun = begun,
            .first = begun + 1,
            .end = is_open ? NEVER : rd_calendar_day(calendar, stretch->end),
    };
}

static rd_day count_calendar_days(
        const struct rd_calendar *calendar, rd_day start, const struct rd_day_limit *limit)
{
    int64_t last = (int64_t)start + limit->count;
    for (size_t i = 0; i < limit->stretch_count; i++) {
        struct excluded excluded = excluded_by(calendar, &limit->stretches[i]);
        rd_day first = excluded.first > start ? excluded.first : start + 1;
        if (first > last) {
            break;
        }
        if (excluded.end == NEVER) {
            return NEVER;
        }
        last += excluded.end > first ? excluded.end - first : 0;
    }
    return last < NEVER ? (rd_day)last : NEVER;
}

static rd_day count_working_days(
        const struct rd_calendar *calendar, rd_day start, const struct rd_day_limit *limit)
{
    uint32_t remaining = limit->count;
    if (remaining == 0) {
        return start;
    }
    struct calendar_walk walk;
    calendar_walk_init(&walk, calendar, start);
    rd_day day = start + 1;
    for (size_t i = 0; i < limit->stretch_count; i++) {
        struct excluded excluded = excluded_by(calendar, &limit->stretches[i]);
        if (excluded.end <= excluded.first || excluded.end <= day) {
            continue; /* takes no date out, or none that could still count */
        }
        rd_day last = RD_DAY_NONE;
        if (excluded.first > day) {
            last = calendar_walk_working(&walk, day, excluded.first, &remaining);
        }
        if (last != RD_DAY_NONE) {
            return last;
        }
        day = excluded.end;
    }
    rd_day last = day < NEVER ? calendar_walk_working(&walk, day, NEVER, &remaining) : RD_DAY_NONE;
    return last != RD_DAY_NONE ? last : NEVER;
}

static rd_time end_of_day(
        const struct rd_calendar *calendar, rd_day day, const struct rd_day_limit *limit)
{
    return limit->at_closing ? rd_calendar_closing(calendar, day)
                             : rd_calendar_instant(calendar, day, 1440);
}

/* A limit cannot end inside a pause: if a stretch covers the end of the last day, the limit ends on
 * the day of the resume, or on the next working day if that day's end has passed by then. */
static rd_day resumed_after(
        const struct rd_calendar *calendar, rd_day day, const struct rd_day_limit *limit)
{
    for (size_t i = 0; i < limit->stretch_count; i++) {
        struct excluded excluded = excluded_by(calendar, &limit->stretches[i]);
        if (excluded.begun > day) {
            break;
        }
        if (excluded.begun == day && excluded.end > day) {
            day = excluded.end; /* the next stretch may begin on that very day */
        }
        if (excluded.end != day || day >= NEVER) {
            continue;
        }
        rd_time end = end_of_day(calendar, day, limit);
        if (limit->stretches[i].begin < end && limit->stretches[i].end >= end) {
            day = rd_calendar_working_after(calendar, day);
            day = day == RD_DAY_NONE ? NEVER : day;
        }
    }
    return day;
}

static bool is_excluded(
        const struct rd_calendar *calendar, rd_day day, const struct rd_day_limit *limit)
{
    for (size_t i = 0; i < limit->stretch_count; i++) {
        struct excluded excluded = excluded_by(calendar, &limit->stretches[i]);
        if (excluded.first > day) {
            return false;
        }
        if (day < excluded.end) {
            return true;
        }
    }
    return false;
}

static bool may_be_last(const struct rd_calendar *calendar, rd_day day, enum rd_roll roll)
{
    switch (roll) {
    case RD_ROLL_NONE:
        return true;
    case RD_ROLL_RESTDAY:
        return rd_calendar_is_working(calendar, day);
    case RD_ROLL_STATUTORY_HOLIDAY: {
        const struct rd_special_day *special = rd_calendar_special(calendar, day);
        return special == NULL ||
               (special->kind != RD_SPECIAL_OFF && special->kind != RD_SPECIAL_CLOSED);
    }
    }
    RD_UNREACHABLE("roll");
}

/* Rolling may end on an excluded date, or on one on which a stretch begins: a limit never runs out
 * inside a pause, so both rules are asked again for each day on the way. */
static rd_day roll_from(
        const struct rd_calendar *calendar, rd_day raw, const struct rd_day_limit *limit)
{
    rd_day give_up = raw < NEVER - CALENDAR_GIVE_UP_DAYS ? raw + CALENDAR_GIVE_UP_DAYS : NEVER;
    rd_day day = raw;
    while (day < give_up &&
            (!may_be_last(calendar, day, limit->roll) || is_excluded(calendar, day, limit))) {
        day = resumed_after(calendar, day + 1, limit);
        if (day >= NEVER) {
            return NEVER;
        }
    }
    return day < give_up ? day : NEVER;
}

struct rd_day_due rd_calendar_day_limit(
        const struct rd_calendar *calendar, rd_time start, const struct rd_day_limit *limit)
{
    RD_ASSERT(limit->unit == RD_LIMIT_BUSINESS_DAYS || limit->unit == RD_LIMIT_CALENDAR_DAYS);
    RD_ASSERT(limit->stretch_count == 0 || limit->stretches != NULL);
    rd_day day = rd_calendar_day(calendar, start);
    rd_day raw = limit->unit == RD_LIMIT_BUSINESS_DAYS ? count_working_days(calendar, day, limit)
                                                       : count_calendar_days(calendar, day, limit);
    if (raw < NEVER) {
        raw = resumed_after(calendar, raw, limit);
    }
    rd_day last = raw < NEVER ? roll_from(calendar, raw, limit) : NEVER;
    bool has_horizon = calendar->horizon != RD_DAY_NONE;
    if (last == NEVER) {
        return (struct rd_day_due){
                .due = RD_TIME_MAX,
                .last_day = RD_DAY_NONE,
                .raw_day = raw < NEVER ? raw : RD_DAY_NONE,
                .provisional = has_horizon,
        };
    }
    return (struct rd_day_due){
            .due = end_of_day(calendar, last, limit),
            .last_day = last,
            .raw_day = raw,
            .provisional = has_horizon && last >= calendar->horizon,
    };
}

rd_day rd_calendar_working_before(const struct rd_calendar *calendar, rd_day day, uint32_t n)
{
    RD_ASSERT(n >= 1);
    rd_day worked = day;
    while (day > RD_DAY_MIN && worked - day < CALENDAR_GIVE_UP_DAYS) {
        day--;
        if (rd_calendar_is_working(calendar, day)) {
            worked = day;
            if (--n == 0) {
                return day;
            }
        }
    }
    return RD_DAY_NONE;
}

rd_day rd_calendar_working_after(const struct rd_calendar *calendar, rd_day day)
{
    struct calendar_walk walk;
    uint32_t remaining = 1;
    calendar_walk_init(&walk, calendar, day + 1);
    return calendar_walk_working(&walk, day + 1, CALENDAR_DAY_END, &remaining);
}
