/* daemon/engine/due.h — when a limit ends: elapsed time, opening hours or days, pauses taken out.
 */
#pragma once

#include "daemon/engine/state.h"

struct due {
    rd_time at; /* on its scale; RD_TIME_NONE: not computable (an attribute is missing) */
    bool is_steady, is_provisional;
};
struct waits { /* a limit and how it counts */
    struct rd_limit limit;
    bool counts_working, on_wall, at_closing;
    enum rd_roll roll;
};
struct spans { /* sorted, apart from each other */
    size_t count;
    rd_time *begin, *end;
};
struct stretches {
    struct spans wall, steady;
};
/* `calendar` is never NULL: whatever says `4h` may say `1bd`. */
struct due due_after(struct engine *engine, const struct rd_calendar *calendar,
        const struct waits *waits, struct instant start, const struct stretches *stretches);
struct pauses_seen {
    rd_time begun_before;      /* wall; later ones are left out */
    struct instant open_until; /* when an open one ends; INSTANT_NONE: it is left out */
};
extern const struct pauses_seen PAUSES_ENDED; /* all that have ended */
/* Pauses of the case that `clock` takes (NULL: all), clipped at `from`, on both scales. */
struct stretches case_stretches(struct engine *engine, const struct work *work,
        const struct rd_plan_clock *clock, struct instant from, const struct pauses_seen *seen);
/* When the first of its open pauses that `clock` takes began, on each scale; INSTANT_NONE: none is
 * open. */
struct instant pauses_begin(
        struct engine *engine, const struct work *work, const struct rd_plan_clock *clock);
struct case_pause *pause_open(struct work *work, uint32_t reason); /* NULL: not paused for it */
bool case_is_paused(const struct work *work);                      /* for whatever reason */
