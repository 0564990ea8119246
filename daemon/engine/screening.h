/* daemon/engine/screening.h — what a screened contract leads to. */
#pragma once

#include "daemon/engine/take.h"

/* The contract was screened: opens the duty of a hit, or follows the one that there is. */
void screening_follow(struct engine *engine, struct take *take);
