/* daemon/engine/arm.h — the two scales of time, arming a timer, and hints where the timers begin.
 *
 * A timer lives in its owner (a clock, a ladder, a pause, …), which keeps the instant it is armed
 * for; the row in the table only makes it be found. A row whose owner is armed for another instant
 * is stale. fire.h fires what is due. */
#pragma once

#include "daemon/engine/state.h"

/* On the wall scale at the present offset. */
static inline rd_time timer_wall(const struct engine *engine, rd_time time, bool is_steady)
{
    return is_steady ? time + (engine->now.wall - engine->now.steady) : time;
}

static inline rd_time scale_now(const struct engine *engine, bool is_steady)
{
    return is_steady ? engine->now.steady : engine->now.wall;
}

/* A wall time of the past on both scales. */
static inline struct instant instant_of(const struct engine *engine, rd_time wall)
{
    return (struct instant){.wall = wall, .steady = engine->now.steady - (engine->now.wall - wall)};
}

/* Arms `fresh` in place of *armed (either may be RD_TIME_NONE), both on the row's scale. A timer
 * that fires and must come on (engine->comes_on) arms itself for a later instant, or none. */
void timer_arm(struct engine *engine, rd_time *armed, rd_time fresh, struct timer_row row);

/* Puts the row of a timer back that is armed and whose row may be gone. */
void timer_put_back(struct engine *engine, const struct timer_row *row);

/* A timer has fired, or its row was found stale: the row goes. */
void next_remove(struct engine *engine, const struct timer_row *row);
/* At the end of a record, its cases saved: keeps the hints short. */
void next_settle(struct engine *engine);
/* The record's writes were undone. */
void next_undo(struct engine *engine);
/* The earliest row of both scales, live or not, dues compared on the wall at the present offset. */
bool next_first(struct engine *engine, struct timer_row *ret_row, rd_time *ret_wall);
/* The first live timer of a scale, by what `is_live` says of a row. Stale rows before it are
 * skipped and left: nothing is written. */
typedef bool timer_live_fn(struct engine *engine, const struct timer_row *row);
bool next_live(
        struct engine *engine, bool is_steady, timer_live_fn *is_live, struct timer_row *ret_row);
