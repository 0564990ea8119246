/* daemon/engine/rest.h — the timer of work that is done in shares and not finished: erasure, what
 * is kept no longer, and the digests of a takeover. Each record does a share; the timer makes sure
 * that a record comes. */
#pragma once

#include "daemon/engine/state.h"

/* At the end of each record: its share of what is to be forgotten, and the timer is set. */
void rest_step(struct engine *engine);
bool rest_timer_is_live(const struct engine *engine, const struct timer_row *row);
/* A further share of what is to be forgotten. Digests go at the end of the record. */
void rest_fire(struct engine *engine);
