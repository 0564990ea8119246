/* daemon/take.h — events in: a message's frames through the door's checks and the engine. */
#pragma once

#include "daemon/edge.h"

/* Applies and journals the message's next frames until `until_us` of clock_ticks_us(): at least
 * one, but where time comes from events and more timers are due before it. True: that was the last
 * one, and the reply is kept until it may leave. *taken grows by the frames. */
bool take_frames(struct edge *edge, struct in_hand *message, int64_t until_us, size_t *taken);
