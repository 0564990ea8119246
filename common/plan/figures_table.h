/* common/plan/figures_table.h — the words of the rows of figures.c and figures_cases.c. */
#pragma once

#include "common/plan/figures.h"
#include "common/wire/receipt.h"

/* clang-format off */
/* The terms of a formula: all sums of a counter; those of level watch and above; some of them. */
#define ALL(counter) {RD_COUNTER_##counter, 0, RD_FIGURE_ANY}
#define WARNED(counter) {RD_COUNTER_##counter, RD_LEVEL_WATCH, RD_LEVEL_CRITICAL}
#define SUBS(counter, from, to) {RD_COUNTER_##counter, from, to}
/* clang-format on */

/* Those of complaints: figures_cases.c. */
const struct rd_figure *rd_figures_of_cases(size_t *ret_count);
