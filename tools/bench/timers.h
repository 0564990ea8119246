/* tools/bench/timers.h — what `redress-bench timers` finds out, phase by phase. */
#pragma once

#include "tools/bench/probe.h"
#include "tools/bench/report.h"

enum { TIMERS_PUNCTUAL = 1000 }; /* timers whose lateness is looked at one by one */

struct timers_start { /* of the daemon */
    int64_t ready_us;
    uint64_t records, replay_ms; /* of the journal's tail, as its log says */
};

struct timers_report {
    const struct bench_options *options;
    uint64_t seed_per_second;
    struct timers_start clean, killed;
    int64_t first_us, fired_us; /* from READY until one, all of the timers due had fired */
    uint64_t fired;
    struct rd_hist late; /* µs from a timer's due instant to its alert in a subscriber's hands */
    struct report load;
    int64_t loaded_us; /* from the end of its warm-up to the kill */
    struct probe_facts seeding, firing, loading, after;
};

RD_MUST_USE int timers_report_print(const struct timers_report *report);

/* ---- punctual.c: opens cases by `run` whose timers are due one each ms, and takes the alerts ----
 */
RD_MUST_USE int timers_punctual(
        const struct bench_options *options, atomic_bool *is_stop, struct rd_hist *ret_late);
