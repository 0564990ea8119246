/* daemon/engine/fire.h — firing timers: whose each one is, and in which order they come. */
#pragma once

#include "daemon/engine/state.h"

/* True if the row's owner is armed for just this. Loads the case. */
bool timer_is_live(struct engine *engine, const struct timer_row *row);
/* How many timers of a tick the firing counts as. */
uint32_t timer_cost(const struct timer_row *row);
/* After a firing it stands for a later instant, or for none (state.h, comes_on). */
bool timer_comes_on(const struct timer_row *row);
void timer_fire(struct engine *engine, const struct timer_row *row);
/* Fires those of one case that are due, in order. */
void timers_fire_of_case(struct engine *engine, uint64_t number);
