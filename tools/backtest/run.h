/* tools/backtest/run.h — a history through a configuration: the very engine on a store of its own,
 * under the events' own time, and what came of it counted.
 *
 * Time stands at the greatest own time taken; before an event of time t a tick goes through at each
 * due instant ≤ t, so that every timer fires on its instant (redress-events(7), "Time from
 * events"). No journal: nothing here is to be kept. Same history, same configuration: same counts.
 */
#pragma once

#include <signal.h>

#include "daemon/config/config.h"
#include "daemon/engine/engine.h"
#include "daemon/engine/measure.h"
#include "tools/backtest/history.h"
#include "tools/shared/scratch.h"

enum {
    RUN_HOURS = 24,
    RUN_DAYS = 7,
    RUN_RUNGS = 16,
    RUN_NAMES_MAX = 4096, /* of clocks, of codes of reasons: more are counted as "…" */
};

struct unit_counts {
    uint64_t alerts, warnings, rungs, reminders, breaches, want_ack;
};
struct clock_counts {
    struct rd_str name;
    uint64_t reminders, breaches, corrected, moved;     /* alerts */
    uint64_t in_time, late, breached, running, waiting; /* how they stand at the end */
};
struct outcome_counts { /* of assessed events whose outcome the mapping knows, or not */
    uint64_t assessed, yes, no;
};
struct code_counts {
    struct rd_str code;
    struct outcome_counts outcome;
    uint64_t points;
};
struct reject_counts {
    struct rd_str code;
    uint64_t events;
};
struct case_counts {
    uint64_t opened, open, closed, grown, defused, relapsed;
};

struct run {
    const struct config *config;
    struct scratch scratch;
    struct store *store;
    struct engine *engine;
    struct rd_arena arena; /* of the names */
    rd_time told;          /* where the clock stands; RD_TIME_NONE: nowhere yet */
    uint64_t records;

    uint64_t accepted, duplicate, rejected, ticks, fired, alerts;
    uint64_t levels[MEASURED_KINDS][MEASURED_LEVELS];
    struct outcome_counts outcomes[MEASURED_LEVELS];
    uint64_t types[RD_ALERT_TYPE_COUNT], types_want_ack[RD_ALERT_TYPE_COUNT];
    uint64_t rungs[RUN_RUNGS + 1], renotified[RUN_RUNGS + 1]; /* by rung, from 1 */
    struct unit_counts *units;                                /* by the plan's; the last: ~ops */
    uint64_t hour_events[RUN_HOURS], hour_alerts[RUN_HOURS], hour_want_ack[RUN_HOURS];
    uint64_t week_events[RUN_DAYS][RUN_HOURS], week_alerts[RUN_DAYS][RUN_HOURS]; /* from Monday */
    struct case_counts cases[3]; /* by enum case_kind */
    struct clock_counts *clocks;
    struct code_counts *codes;
    struct reject_counts *rejects;
    size_t clock_count, code_count, reject_count;
    struct measure measure; /* of the daemon's own ledger */
};

struct run_options {
    const struct history *history;
    rd_time until; /* timers due up to it fire behind the last event; RD_TIME_NONE: none do */
    bool has_progress;
    const volatile sig_atomic_t *stop; /* not 0: end now */
};

/* False: an error was printed, or the run was stopped. The configuration must outlive the run. */
bool run_history(
        const struct config *config, const struct run_options *options, struct run *ret_run);
void run_done(struct run *run);
