#include "tools/bench/timers.h"

enum { KIB = 1024 };

static uint64_t rate(uint64_t count, int64_t span_us)
{
    return span_us > 0 ? (uint64_t)((double)count * 1e6 / (double)span_us) : 0;
}

static uint64_t us(int64_t span_us)
{
    return span_us > 0 ? (uint64_t)span_us : 0;
}

int timers_report_print(const struct timers_report *report)
{
    const struct bench_options *options = report->options;
    const struct report_row rows[] = {
            {"cases", "cases with a pending timer", "", options->cases},
            {"seeded_per_second", "opened", "/s", report->seed_per_second},
            {"store_kib", "store after that", "KiB", report->seeding.store_bytes / KIB},
            {"ready_clean_us", "start to READY, clean", "µs", us(report->clean.ready_us)},
            {"first_timer_us", "READY to the first timer fired", "µs", us(report->first_us)},
            {"timers_fired", "timers due then", "", report->fired},
            {"timers_per_second", "fired to alert, journalled", "/s",
                    rate(report->fired, report->fired_us)},
            {"load_per_second", "events beside them, full load", "/s",
                    rate(report->load.counts.measured, report->loaded_us)},
            {"tail_records", "journal's tail at kill -9", "records", report->killed.records},
            {"ready_killed_us", "start to READY after it", "µs", us(report->killed.ready_us)},
            {"replay_ms", "of it applying the tail", "ms", report->killed.replay_ms},
            {"anon_seeding_kib", "private memory at most, opening", "KiB",
                    report->seeding.anon_max_bytes / KIB},
            {"anon_firing_kib", "private memory at most, firing", "KiB",
                    report->firing.anon_max_bytes / KIB},
            {"anon_loading_kib", "private memory at most, full load", "KiB",
                    report->loading.anon_max_bytes / KIB},
            {"anon_after_kib", "private memory in the end", "KiB", report->after.anon_bytes / KIB},
            {"overlay_seeding_kib", "overlay at most, opening", "KiB",
                    report->seeding.overlay_max_bytes / KIB},
            {"overlay_firing_kib", "overlay at most, firing", "KiB",
                    report->firing.overlay_max_bytes / KIB},
            {"overlay_loading_kib", "overlay at most, full load", "KiB",
                    report->loading.overlay_max_bytes / KIB},
            {"busy", "receipts busy under full load", "", report->load.counts.busy},
    };
    static const char *const names[] = {"timer_late", "receipt"};
    const struct rd_hist *hists[] = {&report->late, &report->load.counts.receipts};
    struct report_list list = {.rows = rows,
            .row_count = RD_COUNT(rows),
            .hist_names = names,
            .hists = hists,
            .hist_count = RD_COUNT(names)};
    return report_list(options, &list);
}
