/* daemon/engine/ladder.h — the ladder of a case: start, stop, move, acknowledgements. */
#pragma once

#include "daemon/engine/state.h"

void ladder_start(struct engine *engine, struct work *work, struct instant at);
void ladder_end(struct engine *engine, struct work *work); /* the case is over */
/* Stops it, if the moment is its `until`. */
void ladder_moment(struct engine *engine, struct work *work, enum rd_moment moment);
void ladder_arm(struct engine *engine, struct work *work);
void ladder_keep(struct engine *engine, struct work *work);  /* an event keeps leases */
void ladder_go_on(struct engine *engine, struct work *work); /* another policy: is until past? */
/* Acknowledges what is open: of one unit (0: all). */
void case_acks(struct engine *engine, struct work *work, uint32_t unit, struct rd_str by);
/* Its unit has the case in hand: alerts that were withheld fire no next rung any more. */
void ladder_acknowledged(struct engine *engine, struct work *work);
/* The alert, or the one of its chain that is still open. False: none is. */
bool case_ack_alert(struct engine *engine, struct work *work, uint64_t seq, struct rd_str by);
