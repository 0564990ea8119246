/* daemon/tick.h — time passing: due timers become tick records. */
#pragma once

#include "daemon/edge.h"

/* One tick at most, if timers are due and no grace holds them. Under time from events: up to the
 * time that its rate has reached. Sets next_due and has_more_due. */
void tick_fire(struct edge *edge);
/* Under time from events: a tick at each due instant up to `until`, at least one. There may be
 * millions: false, there are more and clock_ticks_us() has come to `stop_us`. Where the share ends
 * changes no record. */
bool tick_until(struct edge *edge, rd_time until, int64_t stop_us);
