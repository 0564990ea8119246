/* daemon/engine/watch.h — what is looked for at units by the calendar: reports, what is unread,
 * digests. One timer each, kind "unit-day", its slot in the order below. */
#pragma once

#include "daemon/engine/state.h"
#include "daemon/store/rows/watch_row.h"

enum watch_slot {
    WATCH_REPORT = 0,      /* the day's report is due */
    WATCH_REPORT_THEN = 1, /* a missing one is told further */
    WATCH_UNREAD = 2,
    WATCH_DIGEST = 3, /* and the next ones: by enum rd_digest_every */
};
static inline uint16_t watch_digest_slot(enum rd_digest_every every)
{
    return (uint16_t)(WATCH_DIGEST + (int)every);
}

/* One that is not there yet is armed for nothing. `rest` in the record's arena. */
struct watch_row watch_get(struct engine *engine, uint32_t unit, uint16_t slot);
/* Arms it (RD_TIME_NONE: no more) and keeps the row. */
void watch_arm(
        struct engine *engine, uint32_t unit, uint16_t slot, struct watch_row *row, rd_time due);
/* The instant of a watch on a working day; later days have later ones. */
typedef rd_time watch_at_fn(struct engine *engine, uint32_t unit, uint16_t slot, rd_day day);
/* Arms one that comes each working day: for the first instant that is not past of a day behind
 * those it is through with. One that is due stays. */
void watch_daily(struct engine *engine, uint32_t unit, uint16_t slot, watch_at_fn *at);
/* How the timer of a watch is called. */
struct timer_row watch_timer(uint32_t unit, uint16_t slot);
/* The unit is one of the present configuration, and not gone; its index, else RD_NO_INDEX. */
int32_t watch_unit(struct engine *engine, uint32_t unit);
/* Nothing is looked for any more. What it is through with stays known: a rule that comes back tells
 * nothing twice, and what was yet to be told. */
void watch_drop(struct engine *engine, uint32_t unit, uint16_t slot);
