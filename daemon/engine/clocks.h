/* daemon/engine/clocks.h — the clocks of a case: start, derive, stop, resume, extend. */
#pragma once

#include "common/base/nearest.h"
#include "daemon/engine/state.h"

/* Waiting ones whose start has come; is_anew: because the policy is another now. */
void clocks_begin(struct engine *engine, struct work *work, bool is_anew);
/* A moment came: starts, stops, restarts. Records its first time. */
void clocks_moment(
        struct engine *engine, struct work *work, enum rd_moment moment, struct instant at);
void clocks_close(struct engine *engine, struct work *work, struct instant at);
void clocks_reopen(struct engine *engine, struct work *work, struct instant at);
/* Derives all that run and are not paused; tells `clock.moved` of those whose due changed. */
void clocks_derive(struct engine *engine, struct work *work);
/* As clocks_derive(), where the policy, the calendar, the receipt or the attribute of the due
 * may have changed: a breach that no longer stands is corrected, and the clock runs. */
void clocks_revise(struct engine *engine, struct work *work);
void clocks_rest(struct engine *engine, struct work *work); /* a pause began */
/* NULL: the case has none of the name. */
struct case_clock *clock_named(struct engine *engine, struct work *work, struct rd_str name);
/* The names of the case's clocks, for a hint. */
void clocks_try(const struct work *work, struct rd_nearest *nearest);
bool clock_extend(struct engine *engine, struct work *work, struct case_clock *clock,
        struct rd_reject *reject);
