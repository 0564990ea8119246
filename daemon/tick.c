#include "daemon/tick.h"

#include <inttypes.h>

#include "daemon/checkpoint.h"
#include "daemon/leave.h"
#include "daemon/metrics.h"

#define SHARE_US 5000 /* of a turn, for timers that the rate of time from events made due */

/* Fires under `at` what is due and journals it. Returns how many fired. */
static uint32_t tick(struct edge *edge, const struct engine_time *at)
{
    uint32_t fired = engine_tick(edge->engine, at);
    if (fired == 0) {
        return 0;
    }
    uint64_t record = edge_append(edge, at, (struct journal_record){.kind = JOURNAL_TICK});
    leave_keep_alerts(edge, record);
    edge->checkpoint.fired += fired;
    metric_add(METRIC_TICKS, 1);
    metric_add(METRIC_TIMERS_FIRED, fired);
    return fired;
}

/* A timer that says it is due and does not fire is our bug; the rest must go on. */
static void note_stuck(struct edge *edge)
{
    edge->stuck_us = clock_ticks_us() + RD_SECOND_US;
    log_err("tick", "a due timer did not fire: please report this", "due=%" PRId64,
            (int64_t)edge->next_due);
}

bool tick_until(struct edge *edge, rd_time until, int64_t stop_us)
{
    do {
        /* What was told last, not the clock: a rate has moved that past the due instants. */
        rd_time told = edge->told != RD_TIME_NONE ? edge->told : until;
        rd_time due =
                engine_next_due(edge->engine, &(struct engine_time){.wall = told, .steady = told});
        edge->next_due = due;
        if (due == RD_TIME_NONE || due > until) {
            return true;
        }
        told = due > told ? due : told;
        struct engine_time at = {.wall = told, .steady = told};
        if (tick(edge, &at) == 0) {
            note_stuck(edge);
            return true;
        }
        checkpoint_relieve(edge);
    } while (clock_ticks_us() < stop_us);
    return false;
}

void tick_fire(struct edge *edge)
{
    rd_time now = edge->clock.wall;
    if (now == RD_TIME_NONE || (edge->stuck_us != 0 && clock_ticks_us() < edge->stuck_us)) {
        return;
    }
    edge->stuck_us = 0;
    if (edge->clock.options.mode == CLOCK_EVENTS) {
        edge->has_more_due = !tick_until(edge, now, clock_ticks_us() + SHARE_US);
        return;
    }
    struct engine_time at = edge_time(edge);
    edge->next_due = engine_next_due(edge->engine, &at);
    if (at.is_grace || edge->next_due == RD_TIME_NONE || edge->next_due > at.wall) {
        return;
    }
    if (tick(edge, &at) == 0) {
        note_stuck(edge);
        return;
    }
    edge->next_due = engine_next_due(edge->engine, &at);
    edge->has_more_due = edge->next_due != RD_TIME_NONE && edge->next_due <= at.wall;
}
