/* daemon/desk/account.h — how one clock of a case stood at an instant: the facts that its due date
 * follows from. This room only.
 *
 * An instant in the past is told by the own times of what happened until then, as far as the case
 * keeps it: pauses and the present start stand in its row, extensions, restarts and corrected dates
 * of receipt in its history.
 * The rule and the calendar are those of today; where another policy came later, that is said. */
#pragma once

#include "common/time/why.h"
#include "daemon/desk/fields.h"

struct account_step { /* something that moved the clock */
    rd_time time;
    struct rd_str what;
};

struct account {
    const struct case_row *row;
    const struct rd_plan_clock *definition;
    const struct case_clock *clock;
    const struct rd_calendar *calendar;
    rd_time at;        /* the instant asked for; where the clock stopped before, that one */
    const char *state; /* as case.get says it */
    uint32_t extensions;
    bool has_limit;           /* `why` is filled; else it is due by an attribute, or waits */
    bool is_paused;           /* at `at` */
    rd_time due;              /* RD_TIME_NONE: none now */
    rd_day last_day, raw_day; /* RD_DAY_NONE: none */
    bool is_provisional;
    rd_time graced_at; /* of the reopening that gives it a day more; RD_TIME_NONE: none did by then
                        */
    bool is_by_grace;  /* that day is the due */
    bool is_kept;      /* its due is from before: the rule of today does not give it */
    struct rd_why why;
    const struct account_step *steps;
    size_t step_count;
};

/* Memory: the call's arena. `at`: RD_TIME_NONE for now. */
void account_make(struct method_call *call, const struct case_row *row,
        const struct case_clock *clock, rd_time at, struct account *ret);
/* Of one that is paused: since when without a break, and when it would be due if the pause ended
 * then; RD_TIME_NONE: never. */
rd_time account_held_since(const struct account *account);
rd_time account_due_if_resumed(
        struct method_call *call, const struct account *account, rd_time resumed);
