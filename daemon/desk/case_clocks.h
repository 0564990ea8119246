/* daemon/desk/case_clocks.h — which clock of a case a list means: the longest overdue, else the
 * next due. This room only. */
#pragma once

#include "daemon/desk/fields.h"

struct meant {
    const struct rd_plan_clock *definition; /* NULL: no clock of the case is overdue or runs out */
    rd_time due;                            /* wall */
    rd_day last_day; /* the local day on which the limit ends: 24:00 belongs to the day it ends */
    bool is_overdue;
};

/* What is asked of a clock; zeroed but for the times: of any. */
struct meant_filter {
    struct rd_str clock; /* its name; empty: any */
    rd_time due_before;  /* RD_TIME_NONE: whenever */
    rd_day due_on;       /* RD_DAY_NONE: whenever */
    bool only_overdue;
};

/* The policy that the case lives under. call->engine must be there. */
const struct rd_plan_policy *case_policy_of(
        const struct method_call *call, const struct case_row *row);
/* The clock's calendar, as the engine takes it: by name in the present configuration, else in the
 * case's. */
const struct rd_calendar *clock_calendar(
        const struct method_call *call, const struct case_row *row, const struct case_clock *clock);
/* It runs, and a pause holds it: it has no due now. */
bool clock_is_held(const struct case_clock *clock);
const char *clock_state_name(const struct case_clock *clock);
/* It runs, and no pause holds it. */
bool clock_runs_out(const struct case_clock *clock);
struct meant case_meant(const struct method_call *call, const struct case_row *row,
        const struct meant_filter *filter);
