#include "common/time/calendar.h"

#include "common/time/calendar_walk.h"

static int64_t floor_day(int64_t local_us)
{
    return local_us / RD_DAY_US - (local_us % RD_DAY_US < 0);
}

/* ---- the local day ---- */

int32_t rd_calendar_offset_s(const struct rd_calendar *calendar, rd_time time)
{
    size_t low = 0, high = calendar->offset_count - 1; /* the last from ≤ time, else the first */
    low = calendar->offsets[high].from <= time ? high : low; /* mostly it is the last */
    while (low < high) {
        size_t middle = low + (high - low + 1) / 2;
        if (calendar->offsets[middle].from <= time) {
            low = middle;
        } else {
            high = middle - 1;
        }
    }
    return calendar->offsets[low].offset_s;
}

static int64_t local_of(const struct rd_calendar *calendar, rd_time time)
{
    time = time < RD_TIME_MIN ? RD_TIME_MIN : time > RD_TIME_MAX ? RD_TIME_MAX : time;
    return time + rd_calendar_offset_s(calendar, time) * RD_SECOND_US;
}

rd_day rd_calendar_day(const struct rd_calendar *calendar, rd_time time)
{
    return calendar_clamp_day(floor_day(local_of(calendar, time)));
}

rd_time rd_calendar_instant(const struct rd_calendar *calendar, rd_day day, uint32_t minute)
{
    RD_ASSERT(minute <= 1440);
    return calendar_resolve(calendar, calendar_clamp_day(day) * RD_DAY_US + minute * RD_MINUTE_US);
}

rd_time rd_calendar_same_time(const struct rd_calendar *calendar, rd_time time, rd_day day)
{
    int64_t local_us = local_of(calendar, time);
    int64_t of_day_us = local_us - floor_day(local_us) * RD_DAY_US;
    return calendar_resolve(calendar, calendar_clamp_day(day) * RD_DAY_US + of_day_us);
}

/* ---- opening ---- */

static const struct rd_hours *hours_on(const struct rd_calendar *calendar, rd_day day)
{
    struct calendar_walk walk;
    day = calendar_clamp_day(day);
    calendar_walk_init(&walk, calendar, day);
    return calendar_walk_hours(&walk, day);
}

struct rd_hours rd_calendar_hours(const struct rd_calendar *calendar, rd_day day)
{
    return *hours_on(calendar, day);
}

bool rd_calendar_is_working(const struct rd_calendar *calendar, rd_day day)
{
    return hours_on(calendar, day)->count > 0;
}

const struct rd_special_day *rd_calendar_special(const struct rd_calendar *calendar, rd_day day)
{
    size_t at = calendar_special_from(calendar, day);
    return at < calendar->special_count && calendar->specials[at].day == day
                   ? &calendar->specials[at]
                   : NULL;
}

struct rd_str rd_calendar_layer(
        const struct rd_calendar *calendar, const struct rd_special_day *special)
{
    return special->layer < calendar->layer_count ? calendar->layers[special->layer]
                                                  : calendar->name;
}

/* The interval of opening that holds `time` or is the next after it, begun within `days` days.
 * Intervals are resolved to instants one by one: resolving keeps their order, also where a clock
 * set back over midnight shows yesterday's date once more. An interval that a gap swallowed is
 * empty, and none. */
static bool interval_from(
        const struct rd_calendar *calendar, rd_time time, rd_day days, rd_time ret_interval[2])
{
    rd_day day = rd_calendar_day(calendar, time);
    rd_day end = CALENDAR_DAY_END - day < days ? CALENDAR_DAY_END : day + days;
    struct calendar_walk walk;
    calendar_walk_init(&walk, calendar, day);
    for (; day < end; day++) {
        const struct rd_hours *hours = calendar_walk_hours(&walk, day);
        (void)calendar_walk_plain_end(&walk, day);
        for (unsigned i = 0; i < hours->count; i++) {
            rd_time close = calendar_walk_instant(&walk, day, hours->close[i]);
            if (close <= time) {
                continue;
            }
            rd_time open = calendar_walk_instant(&walk, day, hours->open[i]);
            if (open < close) {
                ret_interval[0] = open;
                ret_interval[1] = close;
                return true;
            }
        }
    }
    return false;
}

bool rd_calendar_is_open(const struct rd_calendar *calendar, rd_time time)
{
    rd_time interval[2];
    return interval_from(calendar, time, 2, interval) && interval[0] <= time;
}

rd_time rd_calendar_next_opening(const struct rd_calendar *calendar, rd_time time)
{
    enum { TEN_YEARS = 3660 };
    rd_time interval[2];
    if (!interval_from(calendar, time, TEN_YEARS, interval)) {
        return RD_TIME_NONE;
    }
    return interval[0] > time ? interval[0] : time;
}

rd_time rd_calendar_closing(const struct rd_calendar *calendar, rd_day day)
{
    const struct rd_hours *hours = hours_on(calendar, day);
    return rd_calendar_instant(
            calendar, day, hours->count > 0 ? hours->close[hours->count - 1] : 1440);
}

/* ---- sums of open time ---- */

/* Whole weeks from `day` on that are alike and lie within one offset; their open time each. */
static uint32_t weeks_alike(struct calendar_walk *walk, rd_day day, int64_t *ret_week_us)
{
    rd_day end = calendar_walk_plain_end(walk, day);
    if (end - day < 7) {
        return 0;
    }
    int64_t minutes = 0;
    for (unsigned i = 0; i < 7; i++) {
        const struct rd_hours *hours = &walk->season->week[i];
        for (unsigned j = 0; j < hours->count; j++) {
            minutes += hours->close[j] - hours->open[j];
        }
    }
    *ret_week_us = minutes * RD_MINUTE_US;
    return (uint32_t)(end - day) / 7;
}

int64_t rd_calendar_open_between(const struct rd_calendar *calendar, rd_time from, rd_time to)
{
    if (to <= from) {
        return 0;
    }
    enum { WEEKS_WORTH_IT = 3 };
    int64_t open_us = 0;
    rd_day day = rd_calendar_day(calendar, from);
    rd_day first = day;
    struct calendar_walk walk;
    calendar_walk_init(&walk, calendar, day);
    while (day < CALENDAR_DAY_END && calendar_walk_instant(&walk, day, 0) < to) {
        const struct rd_hours *hours = calendar_walk_hours(&walk, day);
        int64_t week_us = 0;
        int64_t weeks = (to - calendar_walk_instant(&walk, day, 0)) / (7 * RD_DAY_US);
        if (weeks >= WEEKS_WORTH_IT && day > first + 1) { /* both ends are cut day by day */
            uint32_t alike = weeks_alike(&walk, day, &week_us);
            weeks = alike < weeks ? alike : weeks;
            if (weeks > 0) {
                open_us += weeks * week_us;
                day += (rd_day)(weeks * 7);
                continue;
            }
        }
        (void)calendar_walk_plain_end(&walk, day);
        for (unsigned i = 0; i < hours->count; i++) {
            rd_time open = calendar_walk_instant(&walk, day, hours->open[i]);
            rd_time close = calendar_walk_instant(&walk, day, hours->close[i]);
            open = open > from ? open : from;
            close = close < to ? close : to;
            open_us += close > open ? close - open : 0;
        }
        day++;
    }
    return open_us;
}

rd_time rd_calendar_add_open(const struct rd_calendar *calendar, rd_time from, int64_t open_us)
{
    RD_ASSERT(open_us >= 0);
    if (open_us == 0) {
        return from;
    }
    rd_day day = rd_calendar_day(calendar, from);
    rd_day first = day;
    rd_day end = CALENDAR_DAY_END - day < CALENDAR_GIVE_UP_DAYS ? CALENDAR_DAY_END
                                                                : day + CALENDAR_GIVE_UP_DAYS;
    struct calendar_walk walk;
    calendar_walk_init(&walk, calendar, day);
    while (day < end) {
        const struct rd_hours *hours = calendar_walk_hours(&walk, day);
        int64_t week_us = 0;
        if (day > first + 1 && open_us > 7 * RD_DAY_US) {
            int64_t weeks = weeks_alike(&walk, day, &week_us);
            int64_t enough = week_us > 0 ? (open_us - 1) / week_us : weeks;
            weeks = enough < weeks ? enough : weeks;
            if (weeks > 0) {
                open_us -= weeks * week_us;
                day += (rd_day)(weeks * 7);
                continue;
            }
        }
        (void)calendar_walk_plain_end(&walk, day);
        for (unsigned i = 0; i < hours->count; i++) {
            rd_time open = calendar_walk_instant(&walk, day, hours->open[i]);
            rd_time close = calendar_walk_instant(&walk, day, hours->close[i]);
            open = open > from ? open : from;
            if (close - open >= open_us) {
                return open + open_us;
            }
            open_us -= close > open ? close - open : 0;
        }
        day++;
    }
    return RD_TIME_NONE;
}
