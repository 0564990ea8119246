/* daemon/engine/measure.h — what became of what was assessed: the warnings measured, from the
 * ledger and the cases.
 *
 * A contact's outcome is that of outcome.h. Its warning came true if the customer complained or
 * somebody pre-empted it; what is open or was only tended to says nothing of the warning. A
 * complaint came true if its case was disputed (reopened, or a review was asked for), escalated
 * (beyond the first rung of its ladder, or to the regulator after its registration) or a clock of
 * it was breached; else it is open until its case is closed. What is open is no false alarm. Reads
 * only. */
#pragma once

#include "daemon/engine/engine.h"
#include "daemon/engine/outcome.h"
#include "daemon/store/rows/window_row.h"

enum measured { MEASURED_CONTACT, MEASURED_COMPLAINT, MEASURED_KINDS };
enum { MEASURED_LEVELS = 4 };

struct fate {
    bool is_open, has_come_true;
    struct contact_fate contact;        /* a contact's */
    bool disputed, escalated, breached; /* a complaint's */
};
/* `row` as read from the ledger under `seq`; the engine's present plan and time judge. */
struct fate engine_fate(struct engine *engine, uint64_t seq, const struct ledger_row *row);

/* X(name): what is counted, `assessed` to `came_true` of both kinds, then what a contact and what a
 * complaint has besides. False alarms: what is neither open, nor tended to, nor came true. Of
 * contacts that complained `acted` are those that somebody had acted on before. */
#define MEASURE_COUNTS(X)                                                                          \
    X(assessed)                                                                                    \
    X(open)                                                                                        \
    X(came_true)                                                                                   \
    X(complained)                                                                                  \
    X(acted)                                                                                       \
    X(relapsed)                                                                                    \
    X(preempted)                                                                                   \
    X(tended)                                                                                      \
    X(quiet)                                                                                       \
    X(disputed)                                                                                    \
    X(escalated)                                                                                   \
    X(breached)
struct measure_counts {
#define X(name) uint64_t name;
    MEASURE_COUNTS(X)
#undef X
};
struct measure_code { /* of a reason: events of which it was one, each once */
    struct rd_str code;
    struct measure_counts of[MEASURED_KINDS];
};
struct measure {
    struct rd_arena *arena; /* the caller's: codes live there */
    struct measure_counts levels[MEASURED_KINDS][MEASURED_LEVELS];
    struct measure_code *codes;
    size_t code_count, code_room;
};
struct measure_filter {
    rd_time since, until; /* own time: since ≤ time < until; RD_TIME_NONE: no bound */
    struct rd_str unit;   /* path, with what is below; empty: all */
};
/* Adds the rows behind event `after`, at most `limit` looked at. Returns the last one looked at, to
 * give as `after`; 0: that was all. */
uint64_t engine_measure(struct engine *engine, const struct measure_filter *filter, uint64_t after,
        uint32_t limit, struct measure *measure);
/* The counts of a code; a fresh one if there is none. */
struct measure_code *measure_code_of(struct measure *measure, struct rd_str code);

/* "rule", "lexicon", "window"; "scorecard" for any other code while the plan has one; else
 * "former": no part of the plan has it any more. */
const char *plan_code_kind(const struct rd_plan *plan, struct rd_str code);
/* What people call it; empty: the plan says nothing. */
struct rd_str plan_code_name(const struct rd_plan *plan, struct rd_str code);
