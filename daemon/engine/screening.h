/* daemon/engine/screening.h — what a screened contract leads to. */
#pragma once

#include "daemon/engine/take.h"
#include "daemon/store/rows/screened_row.h"

/* What a row counts for in the figures: `sum` 1, or -1 before it changes. */
void screening_count(struct engine *engine, const struct screened_row *row, int64_t sum);

/* Whose contract it is: whom the event at work names, or else whom one before named. `before`: the
 * row that there was; seq 0: none. */
void screening_own(
        struct engine *engine, const struct screened_row *before, struct screened_row *row);

/* The contract was screened: opens the duty of a hit, or follows the one that there is. */
void screening_follow(struct engine *engine, struct take *take);
