/* daemon/engine/retention.h — what the configuration keeps for a time goes: cases that are over,
 * their texts, contracts, silences, sources. */
#pragma once

#include "daemon/engine/state.h"

/* A share, as long as something of the day's walk is left; nothing while a customer is forgotten.
 * Its cases' figures must have been saved. True: something is left. */
bool retention_step(struct engine *engine);
