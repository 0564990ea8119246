/* daemon/engine/silence_tell.h — what a silence withheld, told once it has ended. */
#pragma once

#include "daemon/engine/state.h"

struct timer_row;
/* One share; armed for the same instant again while there is more. */
void silence_fire(struct engine *engine, const struct timer_row *row);
