/* daemon/desk/sums.h — the counters of a group, added up. This room only. */
#pragma once

#include "common/base/arena.h"
#include "common/plan/counters.h"
#include "common/plan/figures.h"
#include "daemon/store/rows/counter_row.h"

struct sums { /* by counter and sub: a table that grows */
    struct counter_cell *at;
    size_t count, room;
};

void sums_add(struct rd_arena *arena, struct sums *sums, const struct counter_cell *cell);
/* 0: nothing. `from`, `to`: the subs. */
int64_t sums_of(const struct sums *sums, const struct rd_figure_term *term);
