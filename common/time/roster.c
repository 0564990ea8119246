#include "common/time/roster.h"

#include <errno.h>

#include "common/time/day_time.h"

int rd_hand_over_parse(struct rd_str text, struct rd_rounds *ret_rounds)
{
    static const char DAYS[7][4] = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};
    struct rd_rounds rounds = *ret_rounds;
    rounds.hand_over = RD_HAND_OVER_DAILY;
    for (uint8_t i = 0; i < RD_COUNT(DAYS); i++) {
        if (rd_str_starts(text, rd_str_of(DAYS[i])) && text.len > 4 && text.ptr[3] == ' ') {
            rounds.hand_over = RD_HAND_OVER_WEEKLY;
            rounds.weekday = i;
            text = (struct rd_str){text.ptr + 4, text.len - 4};
            break;
        }
    }
    struct rd_day_time time;
    if (rd_day_time_parse(text, &time) < 0 || time.shift_s != 0 || time.base == RD_DAY_CLOSING ||
            time.minute == 24 * 60) {
        return -EINVAL;
    }
    if (time.base == RD_DAY_OPENING) {
        if (rounds.hand_over == RD_HAND_OVER_WEEKLY) {
            return -EINVAL;
        }
        rounds.hand_over = RD_HAND_OVER_OPENING;
    }
    rounds.minute = time.minute;
    *ret_rounds = rounds;
    return 0;
}

/* The instant of the hand-over on a day that has one. */
static rd_time instant_of(
        const struct rd_rounds *rounds, const struct rd_calendar *calendar, rd_day day)
{
    if (day == RD_DAY_NONE) {
        return RD_TIME_MAX;
    }
    static const struct rd_day_time opening = {.base = RD_DAY_OPENING};
    return rounds->hand_over == RD_HAND_OVER_OPENING
                   ? rd_day_time_at(calendar, day, &opening)
                   : rd_calendar_instant(calendar, day, rounds->minute);
}

static bool has_hand_over(
        const struct rd_rounds *rounds, const struct rd_calendar *calendar, rd_day day)
{
    switch (rounds->hand_over) {
    case RD_HAND_OVER_WEEKLY:
        return rd_weekday(day) == rounds->weekday;
    case RD_HAND_OVER_DAILY:
        return true;
    case RD_HAND_OVER_OPENING:
        return rd_calendar_is_working(calendar, day);
    }
    RD_UNREACHABLE("kind of hand-over");
}

/* The next day with a hand-over; RD_DAY_NONE: 50 years have none. */
static rd_day day_after(
        const struct rd_rounds *rounds, const struct rd_calendar *calendar, rd_day day)
{
    if (rounds->hand_over == RD_HAND_OVER_OPENING) {
        return rd_calendar_working_after(calendar, day);
    }
    do {
        day++;
    } while (!has_hand_over(rounds, calendar, day));
    return day;
}

/* The last day whose hand-over is not after `at`; RD_DAY_NONE: 50 years have none. */
static rd_day day_before(
        const struct rd_rounds *rounds, const struct rd_calendar *calendar, rd_time at)
{
    rd_day day = rd_calendar_day(calendar, at);
    if (has_hand_over(rounds, calendar, day) && instant_of(rounds, calendar, day) <= at) {
        return day;
    }
    if (rounds->hand_over == RD_HAND_OVER_OPENING) {
        return rd_calendar_working_before(calendar, day, 1);
    }
    do {
        day--;
    } while (!has_hand_over(rounds, calendar, day));
    return day;
}

/* The number of hand-overs after that of `first`, up to that of `day`. */
static uint32_t count_between(const struct rd_rounds *rounds, const struct rd_calendar *calendar,
        rd_day first, rd_day day)
{
    if (rounds->hand_over != RD_HAND_OVER_OPENING) {
        return (uint32_t)(day - first) / (rounds->hand_over == RD_HAND_OVER_WEEKLY ? 7 : 1);
    }
    uint32_t count = 0;
    for (rd_day at = first + 1; at <= day; at++) {
        count += rd_calendar_is_working(calendar, at);
    }
    return count;
}

struct rd_turn rd_turn_at(
        const struct rd_rounds *rounds, const struct rd_calendar *calendar, rd_time at)
{
    RD_ASSERT(rounds->count >= 1);
    rd_day first = day_after(rounds, calendar, rounds->first - 1);
    rd_day day = day_before(rounds, calendar, at);
    if (first == RD_DAY_NONE || day == RD_DAY_NONE || day < first) {
        return (struct rd_turn){
                .is_none = true, .from = RD_TIME_MIN, .until = instant_of(rounds, calendar, first)};
    }
    return (struct rd_turn){.index = count_between(rounds, calendar, first, day) % rounds->count,
            .from = instant_of(rounds, calendar, day),
            .until = instant_of(rounds, calendar, day_after(rounds, calendar, day))};
}
