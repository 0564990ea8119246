/* tools/bench/report.h — the figures, for people and as JSON. */
#pragma once

#include "tools/bench/bench.h"

struct report {
    struct bench_counts counts;
    int64_t span_us; /* of what was measured */
    uint64_t alerts;
    struct rd_hist alert_hist;
};

/* An exit status, each: whether standard output took it. */
RD_MUST_USE int report_run(const struct bench_options *options, const struct report *report);
RD_MUST_USE int report_hist(
        const struct bench_options *options, const char *name, const struct rd_hist *hist);
