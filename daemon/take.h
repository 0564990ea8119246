/* daemon/take.h — events in: one message's frames through the door's checks and the engine. */
#pragma once

#include "daemon/edge.h"

/* Applies what is to be applied, journals it, and keeps the reply until it may leave. */
void take_message(struct edge *edge, const struct intake_message *message);
/* An event's own time against the daemon's: cut to now if up to a day ahead (true, and the event is
 * changed). A replay does the same with the record's time. */
bool take_adjust_time(struct rd_event *event, rd_time now);
