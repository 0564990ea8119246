/* common/time/day_time.h — a time of each working day: "17:00", closing, closing-30m, opening+1h.
 *
 *   time = HH:MM                        local time, 00:00..24:00
 *        / ("opening" / "closing") [("+" / "-") limit]     limit in s, m or h, up to 24 h
 *
 * Source: redress.yaml(5), "supervision". */
#pragma once

#include "common/time/calendar.h"

enum rd_day_base { RD_DAY_CLOCK, RD_DAY_OPENING, RD_DAY_CLOSING };

struct rd_day_time {
    enum rd_day_base base;
    uint16_t minute; /* of the local day, where the base is the clock */
    int32_t shift_s; /* from opening or closing, -86400..86400 */
};

/* Reads all of `text`. 0 or -EINVAL; *ret_time is written only on 0. */
RD_MUST_USE int rd_day_time_parse(struct rd_str text, struct rd_day_time *ret_time);
/* The instant on a day; of a day that does not open, opening and closing are its 24:00. Later days
 * have later instants. */
rd_time rd_day_time_at(
        const struct rd_calendar *calendar, rd_day day, const struct rd_day_time *time);
