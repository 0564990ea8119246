/* daemon/engine/ladder_pass.h — what a ladder asks when its case is passed on to another unit. */
#pragma once

#include "daemon/engine/state.h"

/* The case has left the unit `before`. The new one gets what that was asked and nobody answered. */
void ladder_moved(struct engine *engine, struct work *work, uint32_t before, struct instant at);
/* Whether a ladder that starts now tells the case's unit of it with its first rung. */
bool ladder_tells_holder(struct engine *engine, struct work *work);
struct rung_call;
/* An alert that was passed on and goes out now. Time to answer counts from `at` where it is passed
 * on for the first time; from the second on it goes on running, so that passing to and fro gains
 * nobody time. */
void call_send_passed(
        struct engine *engine, struct work *work, struct rung_call *call, struct instant at);
