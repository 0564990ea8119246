/* common/time/roster.h — whose turn it is when an office is closed: turns that go round from a
 * first day, each from one hand-over to the next. Pure arithmetic over a calendar.
 *
 *   hand_over = "mon 09:00"   weekly
 *             / "09:00"       daily
 *             / "opening"     when each working day opens: one turn spans a whole festival
 *
 * Source: redress.yaml(5), "rosters". */
#pragma once

#include "common/time/calendar.h"

enum rd_hand_over { RD_HAND_OVER_WEEKLY, RD_HAND_OVER_DAILY, RD_HAND_OVER_OPENING };

struct rd_rounds {
    enum rd_hand_over hand_over;
    uint8_t weekday; /* of weekly ones, 0 = Monday */
    uint16_t minute; /* local; not of RD_HAND_OVER_OPENING */
    rd_day first;    /* turns begin with the first hand-over of this day or later */
    uint32_t count;  /* how many take turns, ≥ 1 */
};

/* "mon 09:00", "09:00", "opening": fills hand_over, weekday and minute. 0 or -EINVAL. */
RD_MUST_USE int rd_hand_over_parse(struct rd_str text, struct rd_rounds *ret_rounds);

struct rd_turn {
    bool is_none;        /* before the first hand-over, or no day ever opens */
    uint32_t index;      /* whose, from 0 */
    rd_time from, until; /* half-open; from RD_TIME_MIN where is_none, until RD_TIME_MAX: no end */
};
/* The turn that `at` falls into. */
struct rd_turn rd_turn_at(
        const struct rd_rounds *rounds, const struct rd_calendar *calendar, rd_time at);
