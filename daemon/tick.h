/* daemon/tick.h — time passing: due timers become tick records. */
#pragma once

#include "daemon/edge.h"

/* One tick at most, if timers are due and no grace holds them. Under time from events: up to the
 * time that its rate has reached. Sets next_due and has_more_due. */
void tick_fire(struct edge *edge);
/* Under time from events: a tick at each due instant up to `until`, which may be many; returns the
 * time told then. */
void tick_until(struct edge *edge, rd_time until);
