/* daemon/engine/merge.h — where an event goes whose case was merged into another. */
#pragma once

#include "daemon/engine/take.h"

/* `work`, or where it is closed, was merged and does not take the event itself: the case that it
 * was merged into, which may have been merged itself. A reopening is always of `work`. */
struct work *merge_follow(struct engine *engine, const struct take *take, struct work *work);
/* The open case that carries the closed one on, through every merge and growing since; 0: none. */
uint64_t merge_carried(struct engine *engine, uint64_t number);
