#include "common/time/calendar_walk.h"

static const struct rd_hours hours_none = {.count = 0};

/* The first special day ≥ day. */
size_t calendar_special_from(const struct rd_calendar *calendar, rd_day day)
{
    size_t low = 0, high = calendar->special_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (calendar->specials[middle].day < day) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

/* The piece of the offset table in which a local time first comes, or which follows the gap that
 * swallowed it. Local ends of pieces ascend: rd_calendar_seal() has seen to it. */
static size_t piece_of_local(const struct rd_calendar *calendar, int64_t local_us)
{
    size_t low = 0, high = calendar->offset_count - 1;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int64_t offset_us = calendar->offsets[middle].offset_s * RD_SECOND_US;
        if (calendar->offsets[middle + 1].from + offset_us > local_us) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    return low;
}

static rd_time resolve_in(const struct rd_calendar *calendar, size_t piece, int64_t local_us)
{
    rd_time time = local_us - calendar->offsets[piece].offset_s * RD_SECOND_US;
    if (piece > 0 && time < calendar->offsets[piece].from) {
        time = calendar->offsets[piece].from; /* in a gap: the first instant after */
    }
    return time < RD_TIME_MIN ? RD_TIME_MIN : time > RD_TIME_MAX ? RD_TIME_MAX : time;
}

rd_time calendar_resolve(const struct rd_calendar *calendar, int64_t local_us)
{
    return resolve_in(calendar, piece_of_local(calendar, local_us), local_us);
}

static rd_day season_begin(int32_t year, const struct rd_season *season)
{
    if (year > 9999) {
        return CALENDAR_DAY_END;
    }
    struct rd_date date = {.year = year, .month = season->month, .day = season->day};
    if (!rd_date_valid(date.year, date.month, date.day)) {
        date = (struct rd_date){.year = year, .month = 3, .day = 1}; /* 29 February */
    }
    return rd_day_of(date);
}

static void find_season(struct calendar_walk *walk, rd_day day)
{
    const struct rd_calendar *calendar = walk->calendar;
    if (calendar->season_count == 1) {
        walk->season = calendar->seasons;
        walk->season_end = CALENDAR_DAY_END;
        return;
    }
    struct rd_date date = rd_date_of(day);
    unsigned now = date.month * 32U + date.day;
    size_t begun = 0; /* seasons begun in this year so far */
    while (begun < calendar->season_count &&
            calendar->seasons[begun].month * 32U + calendar->seasons[begun].day <= now) {
        begun++;
    }
    walk->season = &calendar->seasons[(begun > 0 ? begun : calendar->season_count) - 1];
    walk->season_end = begun < calendar->season_count
                               ? season_begin(date.year, &calendar->seasons[begun])
                               : season_begin(date.year + 1, &calendar->seasons[0]);
}

void calendar_walk_init(struct calendar_walk *walk, const struct rd_calendar *calendar, rd_day day)
{
    *walk = (struct calendar_walk){
            .calendar = calendar, .special = calendar_special_from(calendar, day)};
    find_season(walk, calendar_clamp_day(day));
}

const struct rd_hours *calendar_walk_hours(struct calendar_walk *walk, rd_day day)
{
    const struct rd_calendar *calendar = walk->calendar;
    if (day >= walk->season_end && day < CALENDAR_DAY_END) {
        find_season(walk, day);
    }
    while (walk->special < calendar->special_count && calendar->specials[walk->special].day < day) {
        walk->special++;
    }
    if (walk->special < calendar->special_count && calendar->specials[walk->special].day == day) {
        const struct rd_special_day *special = &calendar->specials[walk->special];
        switch (special->kind) {
        case RD_SPECIAL_OFF:
        case RD_SPECIAL_CLOSED:
            return &hours_none;
        case RD_SPECIAL_MAKE_UP:
            return &walk->season->week[0];
        case RD_SPECIAL_HOURS:
            return &special->hours;
        }
    }
    return &walk->season->week[rd_weekday(day)];
}

rd_day calendar_walk_run_end(const struct calendar_walk *walk)
{
    const struct rd_calendar *calendar = walk->calendar;
    rd_day special = walk->special < calendar->special_count ? calendar->specials[walk->special].day
                                                             : CALENDAR_DAY_END;
    return special < walk->season_end ? special : walk->season_end;
}

/* A day is plain if the first instant of its 00:00 and of its 24:00 lie in one piece of the table,
 * neither of them in a gap: then every minute of it is one multiplication away. */
static void find_plain(struct calendar_walk *walk, rd_day day)
{
    const struct rd_calendar *calendar = walk->calendar;
    int64_t local_us = day * RD_DAY_US;
    size_t piece = piece_of_local(calendar, local_us);
    int64_t offset_us = calendar->offsets[piece].offset_s * RD_SECOND_US;
    walk->plain_begin = day;
    walk->plain_end = day;
    walk->offset_us = offset_us;
    if (piece > 0 && local_us - offset_us < calendar->offsets[piece].from) {
        return; /* 00:00 does not exist */
    }
    if (piece + 1 == calendar->offset_count) {
        walk->plain_end = RD_DAY_MAX;
        return;
    }
    int64_t local_end_us = calendar->offsets[piece + 1].from + offset_us - 1;
    int64_t end = local_end_us / RD_DAY_US - (local_end_us % RD_DAY_US < 0);
    walk->plain_end = end > RD_DAY_MAX ? RD_DAY_MAX : (rd_day)end;
}

rd_day calendar_walk_plain_end(struct calendar_walk *walk, rd_day day)
{
    if (day < walk->plain_begin || day >= walk->plain_end) {
        find_plain(walk, day);
    }
    rd_day run_end = calendar_walk_run_end(walk);
    return run_end < walk->plain_end ? run_end : walk->plain_end;
}

rd_time calendar_walk_instant(struct calendar_walk *walk, rd_day day, uint32_t minute)
{
    int64_t local_us = day * RD_DAY_US + minute * RD_MINUTE_US;
    if (day >= walk->plain_begin && day < walk->plain_end && day > RD_DAY_MIN) {
        return local_us - walk->offset_us;
    }
    return calendar_resolve(walk->calendar, local_us);
}

/* Whole weeks from `day` on that are as their weekdays say, end before `end`, and do not hold the
 * last day wanted: that one is found day by day. */
static uint32_t weeks_alike(
        const struct calendar_walk *walk, rd_day days, uint32_t remaining, uint32_t *ret_a_week)
{
    if (days < 7 || remaining <= 7) {
        return 0;
    }
    uint32_t a_week = 0;
    for (unsigned i = 0; i < 7; i++) {
        a_week += walk->season->week[i].count > 0;
    }
    uint32_t weeks = (uint32_t)days / 7;
    uint32_t enough = a_week > 0 ? (remaining - 1) / a_week : weeks;
    *ret_a_week = a_week;
    return enough < weeks ? enough : weeks;
}

rd_day calendar_walk_working(
        struct calendar_walk *walk, rd_day day, rd_day end, uint32_t *remaining)
{
    RD_ASSERT(*remaining > 0);
    end = end < CALENDAR_DAY_END ? end : CALENDAR_DAY_END;
    rd_day worked = day;
    while (day < end && day - worked < CALENDAR_GIVE_UP_DAYS) {
        bool is_working = calendar_walk_hours(walk, day)->count > 0;
        rd_day run_end = calendar_walk_run_end(walk);
        uint32_t a_week = 0;
        uint32_t weeks =
                weeks_alike(walk, (run_end < end ? run_end : end) - day, *remaining, &a_week);
        if (weeks > 0) {
            *remaining -= weeks * a_week;
            day += (rd_day)(weeks * 7);
            worked = a_week > 0 ? day : worked;
            continue;
        }
        if (is_working) {
            worked = day;
            if (--*remaining == 0) {
                return day;
            }
        }
        day++;
    }
    return RD_DAY_NONE;
}
