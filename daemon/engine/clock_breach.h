/* daemon/engine/clock_breach.h — a clock's breach: told, told again while it stands, held for an
 * opening, taken back. */
#pragma once

#include "daemon/engine/state.h"

/* The clock's due has passed: it is breached, and told or held. */
void clock_breach(struct engine *engine, struct work *work, struct case_clock *clock);
/* The timer of a clock has come: a reminder, its due, or what is left to tell of its breach. */
void clock_fire(struct engine *engine, struct work *work, uint16_t slot);
/* Only the latter. */
void breach_fire(struct engine *engine, struct work *work, struct case_clock *clock);
/* A stop or the closing came: nothing is told any more, what was held is dropped. */
void breach_rest(struct engine *engine, struct work *work, struct case_clock *clock);
/* The case was reopened with the breach standing: the next telling counts from then. */
void breach_go_on(
        struct engine *engine, struct work *work, struct case_clock *clock, struct instant at);
/* The clock begins anew, the breach stays counted: the next one is told apart from it. */
void breach_forget(struct case_clock *clock);
/* There was none: who heard of it hears that. The clock has its new state already. */
void clock_correct(struct engine *engine, struct work *work, struct case_clock *clock);
