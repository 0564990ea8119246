/* redress-bench: how many events a second, and how soon. redress-bench(1). */
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "tools/bench/feed.h"
#include "tools/bench/report.h"
#include "tools/bench/spawn.h"

static atomic_bool is_stop;

static void on_signal(int signal)
{
    (void)signal;
    atomic_store(&is_stop, true);
}

int64_t bench_now_us(void)
{
    struct timespec at;
    (void)clock_gettime(CLOCK_MONOTONIC, &at);
    return (int64_t)at.tv_sec * RD_SECOND_US + at.tv_nsec / 1000;
}

void bench_say(const char *format, ...)
{
    char text[1024];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(text, sizeof text, format, args);
    va_end(args);
    (void)fprintf(stderr, "redress-bench: %s\n", text);
}

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
static int run_loads(struct bench_run *run, struct feed_watch *watch, struct report *report)
{
    const struct bench_options *options = run->options;
    struct load *loads[BENCH_PRODUCERS_MAX] = {NULL};
    struct bench_counts *counts = calloc(1, sizeof *counts);
    size_t started = 0;
    int status = BENCH_OK;
    if (counts == NULL) {
        rd_oom();
    }
    run->from_us = bench_now_us() + options->warm_up_us;
    run->until_us = options->events != 0 ? INT64_MAX : run->from_us + options->duration_us;
    for (; started < options->producers && status == BENCH_OK; started++) {
        uint64_t share = options->events / options->producers +
                         (started < options->events % options->producers ? 1 : 0);
        loads[started] = load_start(run, started, share);
        if (loads[started] == NULL) {
            status = BENCH_USAGE;
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

static int run_all(const struct bench_options *options, struct report *report)
{
    struct bench_run run = {.options = options, .is_stop = &is_stop};
    struct timespec at;
    struct feed_watch *watch = NULL;
    (void)clock_gettime(CLOCK_REALTIME, &at);
    run.number = (uint64_t)at.tv_sec * 1000000 + (uint64_t)at.tv_nsec / 1000;
    int r = rd_client_open(&run.client);
    if (r < 0) {
        bench_say("%s", strerror(-r));
        return BENCH_REFUSED;
    }
    int status = BENCH_OK;
    run.from_us = INT64_MAX;
    if (options->has_alerts && (watch = feed_watch_start(&run)) == NULL) {
        status = BENCH_UNREACHABLE;
    }
    if (status == BENCH_OK) {
        status = run_loads(&run, watch, report);
    }
    rd_client_close(run.client);
    return status;
}

static int measure(struct bench_options *options)
{
    struct spawn spawn = {0};
    struct report *report = calloc(1, sizeof *report);
    int status = BENCH_OK;
    if (report == NULL) {
        rd_oom();
    }
    if (options->spawn != NULL) {
        (void)mkdir(options->dir, 0700); /* spawn_start() says what is wrong with it */
        status = bench_options_run(options, options->dir) ? spawn_start(options, &is_stop, &spawn)
                                                          : BENCH_USAGE;
    }
    if (status == BENCH_OK) {
        status = run_all(options, report);
        if (report->counts.sent > 0) {
            status = worse(status, report_run(options, report));
        }
    }
    status = worse(status, spawn_stop(&spawn));
    free(report);
    return status;
}

int main(int argc, char *argv[])
{
    struct bench_options options;
    struct sigaction action = {.sa_handler = on_signal};
    if (!bench_options_parse(argc, argv, &options)) {
        return BENCH_USAGE;
    }
    if (options.is_done) {
        return BENCH_OK;
    }
    (void)sigaction(SIGINT, &action, NULL);
    (void)sigaction(SIGTERM, &action, NULL);
    return options.is_fsync ? bench_fsync(&options, &is_stop) : measure(&options);
}
