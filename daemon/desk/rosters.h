/* daemon/desk/rosters.h — a stretch of a roster as roster.list tells it. This room only. */
#pragma once

#include "common/plan/plan.h"
#include "daemon/desk/fields.h"

struct told {
    rd_time from, until;
    struct rd_str unit; /* path; empty: nobody has it */
    struct rd_str by;   /* who had another unit stand in; empty: it is its turn */
    bool is_overridden, is_provisional;
};

/* Where `replaced` is asked for: which turn, or who stands in, the stretch is what is left of. */
struct told_change {
    rd_time begin;    /* of the whole */
    uint64_t seq;     /* of the event that has another unit stand in; 0: a turn */
    uint64_t changes; /* how many were taken since that hold in its time */
    bool is_part;     /* behind the first that is left */
    bool is_replaced; /* it was, and is no more */
};

struct roster_span {
    rd_time from, to;
};

/* (told.c) `change` NULL: it is not asked for. */
void told_pack(struct method_call *call, const struct rd_plan_roster *roster,
        const struct told *told, const struct told_change *change);
/* What hangs on working days of which the calendar has no data yet. */
bool told_is_provisional(
        const struct rd_plan_roster *roster, const struct rd_calendar *calendar, rd_time until);
/* Ends the answer of a span: the days, and `next` where it is not 0. */
void told_end(struct method_call *call, const struct rows *rows,
        const struct rd_plan_roster *roster, const struct roster_span *span, uint64_t next);

/* (replaced.c) Turn by turn what is left of each, and what was replaced. False: error set. */
RD_MUST_USE bool roster_replaced_answer(struct method_call *call, struct rows *rows,
        const struct rd_plan_roster *roster, const struct roster_span *span);
