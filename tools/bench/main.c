/* redress-bench: how many events a second, and how soon. redress-bench(1). */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "tools/bench/report.h"
#include "tools/bench/spawn.h"

static atomic_bool is_stop;

static void on_signal(int signal)
{
    (void)signal;
    atomic_store(&is_stop, true);
}

static int worse(int a, int b)
{
    return a > b ? a : b;
}

static int measure(struct bench_options *options)
{
    struct spawn spawn = {0};
    struct report *report = calloc(1, sizeof *report);
    int status = STATUS_OK;
    if (report == NULL) {
        rd_oom();
    }
    if (options->spawn != NULL) {
        (void)mkdir(options->dir, 0700); /* spawn_start() says what is wrong with it */
        status = ends_set_run(&options->ends, "--dir", options->dir)
                         ? spawn_start(options, &is_stop, &spawn)
                         : STATUS_USAGE;
    }
    if (status == STATUS_OK) {
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
        return STATUS_USAGE;
    }
    if (options.is_done) {
        return STATUS_OK;
    }
    (void)sigaction(SIGINT, &action, NULL);
    (void)sigaction(SIGTERM, &action, NULL);
    if (options.is_fsync) {
        return bench_fsync(&options, &is_stop);
    }
    return options.is_timers ? bench_timers(&options, &is_stop) : measure(&options);
}
