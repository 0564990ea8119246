/* daemon/engine/digests.h — digests of units: digest.daily, digest.weekly, digest.monthly. */
#pragma once

#include "daemon/engine/watch.h"

bool digest_is_wanted(struct engine *engine, uint32_t unit, uint16_t slot);
/* Arms the unit's digests. One that is due stays. */
void digests_watch(struct engine *engine, uint32_t unit);
/* Makes the digest that is due, or a share of it; then the timer stands for the same instant. */
void digest_fire(struct engine *engine, uint32_t unit, uint16_t slot, struct watch_row *row);
