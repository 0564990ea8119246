/* daemon/engine/forget.h — erasure: a customer's rows lose what is personal, in shares. What of the
 * customer lies in the journal, in freed pages and in snapshots is the edge's (daemon/erase.h). */
#pragma once

#include "daemon/engine/state.h"

/* Of the event at work: all cases that the customer has now. The first share goes at once. */
void forget_begin(struct engine *engine, struct rd_str customer);
/* A share, as long as something is to be forgotten. True: something is left. */
bool forget_step(struct engine *engine);
