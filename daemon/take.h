/* daemon/take.h — events in: one message's frames through the door's checks and the engine. */
#pragma once

#include "daemon/edge.h"

/* Applies what is to be applied, journals it, and keeps the reply until it may leave. */
void take_message(struct edge *edge, const struct intake_message *message);
