/* daemon/engine/ladder_why.h — why a rung's alert comes, as a piece of its title. */
#pragma once

#include "daemon/engine/state.h"

/* Of `rung`, from 0: who was told before and has not answered, what has not come since when, or
 * who escalated it with which reason. Empty: it is the first, and nobody escalated it. */
struct rd_str rung_why(struct engine *engine, struct work *work, uint8_t rung);
/* Somebody escalated it: the reason is in that person's words. */
bool rung_is_by_hand(const struct engine *engine);
