/* daemon/engine/clock_timer.h — the one timer of a clock: its next reminder, its due, or what
 * is left to tell of its breach. */
#pragma once

#include "daemon/engine/clock_due.h"
#include "daemon/engine/state.h"

void clock_arm(struct engine *engine, struct work *work, struct case_clock *clock);
void clock_disarm(struct engine *engine, struct work *work, struct case_clock *clock);
/* The instant of reminder `i` on the clock's scale; RD_TIME_NONE: never. */
rd_time reminder_at(
        struct engine *engine, struct work *work, const struct case_clock *clock, size_t i);
