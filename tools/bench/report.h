/* tools/bench/report.h — the figures, for people and as JSON. */
#pragma once

#include "tools/bench/ask.h"
#include "tools/bench/fan.h"

struct report {
    struct bench_counts counts;
    int64_t span_us; /* of what was measured */
    uint64_t alerts;
    struct rd_hist alert_hist;
    struct fan_counts fan;
    struct ask_counts asked;
};

/* An exit status, each: whether standard output took it. */
RD_MUST_USE int report_run(const struct bench_options *options, const struct report *report);
/* One figure of a list: its name in JSON, and its label and unit for people. */
struct report_row {
    const char *name, *label, *unit;
    uint64_t value;
};
struct report_list {
    const struct report_row *rows;
    size_t row_count;
    const char *const *hist_names; /* µs */
    const struct rd_hist *const *hists;
    size_t hist_count;
};
RD_MUST_USE int report_list(const struct bench_options *options, const struct report_list *list);
RD_MUST_USE int report_hist(
        const struct bench_options *options, const char *name, const struct rd_hist *hist);
