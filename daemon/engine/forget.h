/* daemon/engine/forget.h — erasure: a customer's cases lose what is personal, in shares. */
#pragma once

#include "daemon/engine/state.h"

/* Of the event at work: all cases that the customer has now. The first share goes at once. */
void forget_begin(struct engine *engine, struct rd_str customer);
/* With each record, as long as something is to be forgotten. */
void forget_step(struct engine *engine);
