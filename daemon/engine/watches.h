/* daemon/engine/watches.h — all that is looked for at units (watch.h): armed, fired, counted. */
#pragma once

#include "daemon/engine/state.h"

/* After another configuration, and by the first record that has a time: arms what units owe now.
 * What is armed for an instant that has passed fires first, as it was armed. */
void watches_configure(struct engine *engine);
bool watch_timer_is_live(struct engine *engine, const struct timer_row *row);
void watch_fire(struct engine *engine, const struct timer_row *row);
uint64_t watches_armed(struct engine *engine); /* how many have a timer */
