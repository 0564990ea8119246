/* daemon/engine/pauses.h — pauses of a case: begin, end, their timers. */
#pragma once

#include "daemon/engine/state.h"

/* As many pauses as a case may have, open and over: *reject says so. */
bool pauses_are_full(const struct work *work, struct rd_reject *reject);
void pause_begin(struct engine *engine, struct work *work, struct rd_str reason, struct instant at,
        rd_time until);
void pause_end(
        struct engine *engine, struct work *work, struct case_pause *pause, struct instant at);
void pauses_end_all(struct engine *engine, struct work *work, struct instant at);
/* It is open, and lasts longer than its limit. */
bool pause_is_long(struct engine *engine, struct work *work, const struct case_pause *pause);
void pause_fire(struct engine *engine, struct work *work, uint16_t slot);
