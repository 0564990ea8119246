#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "tools/bench/ask.h"
#include "tools/bench/fan.h"
#include "tools/bench/feed.h"
#include "tools/bench/report.h"

static void add(struct bench_counts *sum, const struct bench_counts *counts)
{
    sum->sent += counts->sent;
    sum->accepted += counts->accepted;
    sum->duplicate += counts->duplicate;
    sum->rejected += counts->rejected;
    sum->busy += counts->busy;
    sum->retried += counts->retried;
    sum->measured += counts->measured;
    sum->last_us = counts->last_us > sum->last_us ? counts->last_us : sum->last_us;
    rd_hist_merge(&sum->receipts, &counts->receipts);
}

static int worse(int a, int b)
{
    return a > b ? a : b;
}

/* All threads stop before anything is freed: the feed's asks the producers' when they sent. */
int bench_run_loads(struct bench_run *run, struct feed_watch *watch, struct report *report)
{
    const struct bench_options *options = run->options;
    struct load *loads[BENCH_PRODUCERS_MAX] = {NULL};
    struct bench_counts *counts = calloc(1, sizeof *counts);
    size_t started = 0;
    int status = STATUS_OK;
    if (counts == NULL) {
        rd_oom();
    }
    run->from_us = steady_us() + options->warm_up_us;
    run->until_us = options->events != 0 ? INT64_MAX : run->from_us + options->duration_us;
    for (; started < options->producers && status == STATUS_OK; started++) {
        uint64_t share = options->events / options->producers +
                         (started < options->events % options->producers ? 1 : 0);
        loads[started] = load_start(run, started, share);
        if (loads[started] == NULL) {
            status = STATUS_USAGE;
            atomic_store(run->is_stop, true);
            break;
        }
        if (watch != NULL) {
            feed_watch_loads(watch, loads, started + 1);
        }
    }
    for (size_t i = 0; i < started; i++) {
        status = worse(status, load_join(loads[i], counts));
        add(&report->counts, counts);
    }
    report->span_us =
            options->events != 0 ? report->counts.last_us - run->from_us : options->duration_us;
    if (watch != NULL) {
        status = worse(status, feed_watch_end(watch, &report->alert_hist, &report->alerts));
    }
    for (size_t i = 0; i < started; i++) {
        load_free(loads[i]);
    }
    free(counts);
    return status;
}

uint64_t bench_run_number(void)
{
    struct timespec at;
    (void)clock_gettime(CLOCK_REALTIME, &at);
    return (uint64_t)at.tv_sec * 1000000 + (uint64_t)at.tv_nsec / 1000;
}

/* The subscribers hear a heartbeat before the first event leaves, and two after the last. */
static int run_heard(struct bench_run *run, struct feed_watch *watch, struct report *report)
{
    struct fan *fan = NULL;
    if (run->options->subscribers > 0 && (fan = fan_start(run)) == NULL) {
        return STATUS_UNREACHABLE;
    }
    struct asker *asker = NULL;
    int status = STATUS_OK;
    if (run->options->ask > 0 && (asker = asker_start(run)) == NULL) {
        status = STATUS_REFUSED;
    }
    if (status == STATUS_OK) {
        status = bench_run_loads(run, watch, report);
    }
    if (asker != NULL) {
        asker_end(asker, &report->asked);
    }
    if (fan != NULL) {
        fan_end(fan, &report->fan);
    }
    return status;
}

int bench_run_all(const struct bench_options *options, atomic_bool *is_stop, struct report *report)
{
    struct bench_run run = {.options = options, .is_stop = is_stop, .number = bench_run_number()};
    struct feed_watch *watch = NULL;
    int r = rd_client_open(&run.client);
    if (r < 0) {
        say_error("%s", strerror(-r));
        return STATUS_REFUSED;
    }
    int status = STATUS_OK;
    run.from_us = INT64_MAX;
    if (options->has_alerts && (watch = feed_watch_start(&run)) == NULL) {
        status = STATUS_UNREACHABLE;
    }
    if (status == STATUS_OK) {
        status = run_heard(&run, watch, report);
    }
    rd_client_close(run.client);
    return status;
}
