/* daemon/engine/housekeeping.h — rows whose time is over go: a bounded share with each record. */
#pragma once

#include "daemon/engine/state.h"

void housekeeping_step(struct engine *engine); /* at the end of each record */
/* It asks for no acknowledgement any more. */
void alert_settle(struct engine *engine, uint32_t unit, uint64_t seq);
