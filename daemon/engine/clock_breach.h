/* daemon/engine/clock_breach.h — a clock's breach: the calls about it, their repeats, those held
 * for an opening, and their correction. */
#pragma once

#include "daemon/engine/state.h"

/* The clock's due has passed: marks it breached and calls the units, or holds the calls. */
void clock_breach(struct engine *engine, struct work *work, struct case_clock *clock);
/* The timer of a clock has come: a reminder, its due, or what is left to tell of its breach. */
void clock_fire(struct engine *engine, struct work *work, uint16_t slot);
/* Only the latter. */
void breach_fire(struct engine *engine, struct work *work, struct case_clock *clock);
/* A stop or the closing came: drops held calls and repeats. */
void breach_rest(struct engine *engine, struct work *work, struct case_clock *clock);
/* The case was reopened with the breach standing: the next telling counts from then. */
void breach_go_on(
        struct engine *engine, struct work *work, struct case_clock *clock, struct instant at);
/* The clock begins anew and the breach stays counted; forgets its calls, so that a next breach gets
 * its own. */
void breach_forget(struct case_clock *clock);
/* The breach was an error: tells every unit that was called. The clock already has its new
 * state. */
void clock_correct(struct engine *engine, struct work *work, struct case_clock *clock);
