/* daemon/engine/figures_case.h — what one case counts for, as it stands now. */
#pragma once

#include "daemon/engine/state.h"
#include "daemon/store/rows/counted_row.h"

struct count { /* of one case */
    struct engine *engine;
    const struct work *work;
    const struct case_row *row;
    const struct counted_row *of;
    const struct rd_calendar *calendar;
    struct counted *at; /* room for COUNTED_MAX */
    size_t count;
    struct counted none; /* for what is not counted: it may be filled */
};

/* Fills `at` and `count`. */
void figures_count_case(struct count *count, struct work *work);
