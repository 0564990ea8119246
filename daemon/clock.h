/* daemon/clock.h — the one file that reads time, and what it makes of the readings.
 *
 * Two scales, both in every journal record: `wall` (CLOCK_REALTIME, never back) and `steady`
 * (CLOCK_BOOTTIME, which counts suspension; over a restart it goes on by max(0, difference of
 * wall)). The rules are a pure function of raw readings, so that steps of the clock can be tested:
 *
 *   set back             wall stands still until real time has passed it
 *   a step forward       of more than max_step while running, or a start more than
 *                        CLOCK_ABSENCE_MAX_US after the last record: held. Wall goes on by steady
 *                        until clock_accept(), or until real time comes back to it
 *   time from events     wall and steady both stand at the greatest time given; a rate, if any,
 *                        moves them on by `rate` seconds a real second
 *
 * Plain data; not thread-safe. Source: redress-events(7), "Time". */
#pragma once

#include "common/time/utime.h"

#define CLOCK_ABSENCE_MAX_US (30 * RD_DAY_US)

/* Raw readings. steady_raw starts anew at each boot of the machine. */
struct clock_reading {
    rd_time real, boot;
};

enum clock_mode { CLOCK_REAL, CLOCK_EVENTS };

struct clock_options {
    enum clock_mode mode;
    int64_t max_step_us;
    uint32_t rate; /* CLOCK_EVENTS: seconds a real second; 0: events alone move time */
};

struct clock {
    struct clock_options options;
    rd_time wall, steady;        /* as last told; RD_TIME_NONE: stands at nothing (CLOCK_EVENTS) */
    struct clock_reading last;   /* the reading they were made of */
    bool is_behind;              /* real time is earlier than wall, which stands still */
    bool is_held, is_start_held; /* a step forward is not believed; it was there at the start */
    int64_t held_us;             /* how far real time is ahead of wall while held */
};

/* What a reading brought that a person should hear of. */
enum clock_news {
    CLOCK_STEADY,    /* nothing */
    CLOCK_SET_BACK,  /* wall stands still from now on */
    CLOCK_CAUGHT_UP, /* real time passed wall again */
    CLOCK_HELD,      /* a step forward is not believed from now on */
    CLOCK_BACK,      /* real time came back by itself, the hold is over */
};

struct clock_reading clock_read(void);
/* CLOCK_MONOTONIC: for spans within the process (rate limits, deadlines of the desk), never for
 * anything that is kept. */
rd_time clock_ticks_us(void);

/* `wall`, `steady`: of the last record; RD_TIME_NONE: there is none. */
enum clock_news clock_init(struct clock *clock, const struct clock_options *options, rd_time wall,
        rd_time steady, struct clock_reading reading);
enum clock_news clock_step(struct clock *clock, struct clock_reading reading);
/* An operator's clock.accepted: the held step is believed. False: none was held. */
bool clock_accept(struct clock *clock);
/* CLOCK_EVENTS: time stands at least at `time` from now on. */
void clock_advance(struct clock *clock, rd_time time);
/* Real microseconds from the last reading until wall reaches `wall`; 0: it has. While it stands
 * still or at nothing: INT64_MAX where nobody can say. */
int64_t clock_until_us(const struct clock *clock, rd_time wall);
