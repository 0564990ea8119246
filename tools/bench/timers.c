#include "tools/bench/timers.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "common/base/num.h"
#include "tools/bench/spawn.h"

enum { SEED_WINDOW = 4096, SEED_BATCH = 256, LOOK_MS = 5, CATCH_MS = 3000, PATH_ROOM = 512 };
#define FIRE_US (120 * RD_SECOND_US) /* for all timers due */

struct timers {
    struct bench_options *options;
    atomic_bool *is_stop;
    struct spawn spawn;
    struct probe *probe;
    struct timers_report report;
};

static bool wait_ms(const struct timers *timers, int ms)
{
    (void)poll(NULL, 0, ms);
    return !atomic_load(timers->is_stop);
}

/* ---- the daemon ---- */

static int begin(struct timers *timers)
{
    int status = spawn_start(timers->options, timers->is_stop, &timers->spawn);
    if (status == STATUS_OK &&
            (timers->probe = probe_start(timers->options, timers->spawn.pid)) == NULL) {
        status = STATUS_REFUSED;
    }
    return status;
}

static void leave(struct timers *timers, struct probe_facts *ret_facts)
{
    if (timers->probe != NULL && ret_facts != NULL) {
        probe_take(timers->probe, ret_facts);
    }
    probe_stop(timers->probe);
    timers->probe = NULL;
}

static int end(struct timers *timers, struct probe_facts *ret_facts)
{
    leave(timers, ret_facts);
    return spawn_stop(&timers->spawn);
}

/* The number behind `key` in a line. */
static uint64_t number_in(const char *line, const char *key)
{
    uint64_t value = 0;
    const char *at = strstr(line, key);
    size_t len = at != NULL ? strspn(at + strlen(key), "0123456789") : 0;
    if (len == 0 ||
            rd_u64_parse((struct rd_str){.ptr = at + strlen(key), .len = len}, &value) < 0) {
        return 0;
    }
    return value;
}

/* What the log says last of a tail: how many records, in how many milliseconds. */
static void read_tail(const struct timers *timers, struct timers_start *start)
{
    char path[PATH_ROOM], line[1024];
    (void)snprintf(path, sizeof path, "%s/redressd.log", timers->options->dir);
    FILE *file = fopen(path, "re");
    while (file != NULL && fgets(line, sizeof line, file) != NULL) {
        if (strstr(line, "the journal's tail was applied") != NULL) {
            start->records = number_in(line, "records=");
            start->replay_ms = number_in(line, " ms=");
        }
    }
    if (file != NULL) {
        (void)fclose(file);
    }
}

/* ---- phases ---- */

/* Under a clock that stands at one instant, so that nothing is due before all is there. */
static int seed(struct timers *timers)
{
    struct bench_options own = *timers->options;
    struct report *report = &timers->report.load;
    struct timespec at;
    (void)clock_gettime(CLOCK_REALTIME, &at);
    rd_time now = (rd_time)at.tv_sec * RD_SECOND_US;
    own.mix = BENCH_MIX_PENDING;
    own.events = own.cases;
    own.producers = 1;
    own.window = SEED_WINDOW;
    own.batch = SEED_BATCH;
    own.rate = own.subscribers = 0;
    own.has_alerts = false;
    own.warm_up_us = 0;
    own.clock = "events";
    own.seed = (struct bench_seed){.due_every = own.cases / own.due,
            .at = now,
            .due = now + 1000,
            .spread_us = RD_SECOND_US};
    timers->options->clock = own.clock;
    int status = begin(timers);
    if (status == STATUS_OK) {
        status = bench_run_all(&own, timers->is_stop, report);
        timers->report.seed_per_second = report->span_us > 0
                                                 ? (uint64_t)((double)report->counts.measured *
                                                              1e6 / (double)report->span_us)
                                                 : 0;
    }
    int ended = end(timers, &timers->report.seeding);
    timers->options->clock = NULL;
    *report = (struct report){0};
    return status != STATUS_OK ? status : ended;
}

/* A clean start; the timers that fell due meanwhile. */
static int fire(struct timers *timers)
{
    struct timers_report *report = &timers->report;
    uint64_t due = timers->options->cases / (timers->options->cases / timers->options->due);
    uint64_t fired = 0;
    int status = begin(timers);
    int64_t ready_us = steady_us(), now_us = ready_us;
    report->clean.ready_us = timers->spawn.ready_us;
    while (status == STATUS_OK && fired < due) {
        int r = probe_counter(timers->probe, "timers_fired", &fired);
        now_us = steady_us();
        if (r < 0 || now_us - ready_us > FIRE_US) {
            say_error("%" PRIu64 " of %" PRIu64 " timers fired: %s", fired, due,
                    strerror(r < 0 ? -r : ETIMEDOUT));
            status = STATUS_REFUSED;
        } else if (fired > 0 && report->first_us == 0) {
            report->first_us = now_us - ready_us;
        }
        if (status == STATUS_OK && fired < due && !wait_ms(timers, LOOK_MS)) {
            status = STATUS_REFUSED;
        }
    }
    report->fired = fired;
    report->fired_us = now_us - ready_us;
    if (status == STATUS_OK) {
        probe_take(timers->probe, &report->firing);
    }
    return status;
}

struct loading {
    struct timers *timers;
    struct bench_options options;
    atomic_bool is_over;
    int status;
};

static void *run_load(void *context)
{
    struct loading *loading = context;
    loading->status =
            bench_run_all(&loading->options, &loading->is_over, &loading->timers->report.load);
    return NULL;
}

/* Full load for a while, then kill -9 where the tail is nearly as long as it ever was. */
static void load_and_kill(struct timers *timers)
{
    const struct bench_options *options = timers->options;
    struct probe_facts facts;
    int64_t from_us = steady_us() + options->warm_up_us;
    int64_t until_us = from_us + options->duration_us;
    while (steady_us() < until_us && wait_ms(timers, LOOK_MS)) {
    }
    int64_t latest_us = steady_us() + (int64_t)CATCH_MS * 1000;
    do {
        probe_look(timers->probe, &facts);
    } while (facts.tail < facts.tail_max / 10 * 9 && steady_us() < latest_us &&
             wait_ms(timers, LOOK_MS));
    leave(timers, &timers->report.loading);
    spawn_kill(&timers->spawn);
    timers->report.loaded_us = steady_us() - from_us;
}

static int crash(struct timers *timers)
{
    struct loading loading = {.timers = timers, .options = *timers->options};
    pthread_t thread;
    loading.options.duration_us += (int64_t)CATCH_MS * 1000;
    loading.options.events = 0;
    loading.options.has_alerts = false;
    loading.options.subscribers = 0;
    if (pthread_create(&thread, NULL, run_load, &loading) != 0) {
        return STATUS_REFUSED;
    }
    load_and_kill(timers);
    atomic_store(&loading.is_over, true);
    int status = begin(timers); /* what the load has in flight is settled then */
    (void)pthread_join(thread, NULL);
    timers->report.killed.ready_us = timers->spawn.ready_us;
    read_tail(timers, &timers->report.killed);
    return status != STATUS_OK ? status : loading.status;
}

static int run_phases(struct timers *timers)
{
    int status = seed(timers);
    if (status == STATUS_OK) {
        status = fire(timers);
    }
    if (status == STATUS_OK) {
        status = timers_punctual(timers->options, timers->is_stop, &timers->report.late);
    }
    if (status == STATUS_OK) {
        struct probe_facts between;
        probe_take(timers->probe, &between); /* the load's own begin here */
        status = crash(timers);
    }
    int ended = end(timers, &timers->report.after);
    return status != STATUS_OK ? status : ended;
}

static bool is_fresh(const struct bench_options *options)
{
    char path[PATH_ROOM];
    struct stat found;
    int len = snprintf(path, sizeof path, "%s/state", options->dir);
    if (len < 0 || (size_t)len >= sizeof path || stat(path, &found) == 0) {
        say_error("%.200s/state is there already: give an empty --dir", options->dir);
        return false;
    }
    return true;
}

int bench_timers(struct bench_options *options, atomic_bool *is_stop)
{
    (void)mkdir(options->dir, 0700); /* spawn_start() says what is wrong with it */
    if (!is_fresh(options) || !ends_set_run(&options->ends, "--dir", options->dir)) {
        return STATUS_USAGE;
    }
    struct timers *timers = calloc(1, sizeof *timers);
    if (timers == NULL) {
        rd_oom();
    }
    timers->options = options;
    timers->is_stop = is_stop;
    timers->report.options = options;
    int status = run_phases(timers);
    if (status == STATUS_OK) {
        status = timers_report_print(&timers->report);
    }
    free(timers);
    return status;
}
