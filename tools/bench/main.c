/* redress-bench: how many events a second, and how soon. redress-bench(1). */
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

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

static int worse(int a, int b)
{
    return a > b ? a : b;
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
        status = bench_run_all(options, &is_stop, report);
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
    if (options.is_fsync) {
        return bench_fsync(&options, &is_stop);
    }
    return options.is_timers ? bench_timers(&options, &is_stop) : measure(&options);
}
