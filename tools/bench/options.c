#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/client/producer.h"
#include "common/num.h"
#include "tools/bench/bench.h"
#include "tools/bench/event.h"

static const char usage[] =
        "usage: redress-bench [options]\n"
        "       redress-bench [options] --spawn REDRESSD --dir DIR\n"
        "       redress-bench [options] --spawn REDRESSD --dir DIR timers\n"
        "       redress-bench [--events N] [--json] fsync DIR\n"
        "\n"
        "  --producers N         threads that send (1)\n"
        "  --window N            events in flight, each (64)\n"
        "  --batch N             events a message (half the window, at most 64)\n"
        "  --one                 one producer with one event in flight\n"
        "  --bytes N             of an event (300)\n"
        "  --mix default|open|alerts   half new and half updates, or complaints alone,\n"
        "                        or complaints that all alert\n"
        "  --rate N              events a second, at most (as receipts come)\n"
        "  --ids                 events without a sequence: known again by their ids\n"
        "  --warm-up SECONDS     not measured (1; with --events 0)\n"
        "  --duration SECONDS    measured (5)\n"
        "  --events N            so many, instead\n"
        "  --alerts              read the feed and measure from event to alert\n"
        "  --subscribers N       count what so many subscribers get of the feed\n"
        "  --ask N               ask the desk so many questions a second meanwhile\n"
        "  --stale               questions that the last checkpoint may answer\n"
        "  --cases N             timers: cases with a pending timer (1000000)\n"
        "  --due N               timers: of them due at the start (a tenth)\n"
        "  --wait SECONDS        give up after so long without an answer (30)\n"
        "  --json\n"
        "  --run DIR             the daemon's run directory (" REDRESS_RUN_DIR ")\n"
        "  --intake ENDPOINT, --feed ENDPOINT, --desk ENDPOINT\n"
        "  --spawn REDRESSD --dir DIR   measure a daemon of its own, its state in DIR\n"
        "  --rules FILE          its units, calendars, assessment and policies\n"
        "  --print-rules         those it has without\n"
        "  --help, --version\n";

enum option_id {
    OPT_PRODUCERS = 256,
    OPT_WINDOW,
    OPT_BATCH,
    OPT_ONE,
    OPT_BYTES,
    OPT_MIX,
    OPT_IDS,
    OPT_WARM_UP,
    OPT_DURATION,
    OPT_EVENTS,
    OPT_RATE,
    OPT_ALERTS,
    OPT_SUBSCRIBERS,
    OPT_ASK,
    OPT_STALE,
    OPT_CASES,
    OPT_DUE,
    OPT_WAIT,
    OPT_JSON,
    OPT_RUN,
    OPT_INTAKE,
    OPT_FEED,
    OPT_DESK,
    OPT_SPAWN,
    OPT_DIR,
    OPT_RULES,
    OPT_PRINT_RULES,
    OPT_HELP,
    OPT_VERSION,
};

static const struct option long_options[] = {
        {"producers", required_argument, NULL, OPT_PRODUCERS},
        {"window", required_argument, NULL, OPT_WINDOW},
        {"batch", required_argument, NULL, OPT_BATCH},
        {"one", no_argument, NULL, OPT_ONE},
        {"bytes", required_argument, NULL, OPT_BYTES},
        {"mix", required_argument, NULL, OPT_MIX},
        {"ids", no_argument, NULL, OPT_IDS},
        {"warm-up", required_argument, NULL, OPT_WARM_UP},
        {"duration", required_argument, NULL, OPT_DURATION},
        {"events", required_argument, NULL, OPT_EVENTS},
        {"rate", required_argument, NULL, OPT_RATE},
        {"alerts", no_argument, NULL, OPT_ALERTS},
        {"subscribers", required_argument, NULL, OPT_SUBSCRIBERS},
        {"ask", required_argument, NULL, OPT_ASK},
        {"stale", no_argument, NULL, OPT_STALE},
        {"cases", required_argument, NULL, OPT_CASES},
        {"due", required_argument, NULL, OPT_DUE},
        {"wait", required_argument, NULL, OPT_WAIT},
        {"json", no_argument, NULL, OPT_JSON},
        {"run", required_argument, NULL, OPT_RUN},
        {"intake", required_argument, NULL, OPT_INTAKE},
        {"feed", required_argument, NULL, OPT_FEED},
        {"desk", required_argument, NULL, OPT_DESK},
        {"spawn", required_argument, NULL, OPT_SPAWN},
        {"dir", required_argument, NULL, OPT_DIR},
        {"rules", required_argument, NULL, OPT_RULES},
        {"print-rules", no_argument, NULL, OPT_PRINT_RULES},
        {"help", no_argument, NULL, OPT_HELP},
        {"version", no_argument, NULL, OPT_VERSION},
        {NULL, 0, NULL, 0},
};

#define EVENTS_MAX (UINT64_C(1) << 40)

static bool take_number(const char *name, uint64_t min, uint64_t max, uint64_t *ret)
{
    uint64_t value = 0;
    if (rd_u64_parse(rd_str_of(optarg), &value) < 0 || value < min || value > max) {
        bench_say("--%s %.60s: give a number from %" PRIu64 " to %" PRIu64, name, optarg, min, max);
        return false;
    }
    *ret = value;
    return true;
}

static bool take_seconds(const char *name, uint64_t min, int64_t *ret_us)
{
    uint64_t seconds;
    if (!take_number(name, min, 86400, &seconds)) {
        return false;
    }
    *ret_us = (int64_t)seconds * RD_SECOND_US;
    return true;
}

static bool take_end(struct bench_options *options, char *end)
{
    int len = snprintf(end, BENCH_END_MAX, "%s", optarg);
    if (len < 0 || len >= BENCH_END_MAX) {
        bench_say("%.60s…: too long for an endpoint", optarg);
        return false;
    }
    options->is_end_given = true;
    return true;
}

bool bench_options_run(struct bench_options *options, const char *dir)
{
    enum { IPC_MAX = 100 }; /* what the system takes as the path of a socket, less "/intake" */
    char *path = dir[0] == '/' ? strdup(dir) : realpath(dir, NULL);
    if (path == NULL || strlen(path) + sizeof "/intake" > IPC_MAX) {
        bench_say("%.100s: give a shorter, absolute path for the doors' sockets", dir);
        free(path);
        return false;
    }
    (void)snprintf(options->intake, BENCH_END_MAX, "ipc://%s/intake", path);
    (void)snprintf(options->feed, BENCH_END_MAX, "ipc://%s/feed", path);
    (void)snprintf(options->desk, BENCH_END_MAX, "ipc://%s/desk", path);
    free(path);
    return true;
}

static bool take_mix(struct bench_options *options)
{
    static const char *const names[] = {"default", "open", "alerts"};
    for (size_t i = 0; i < RD_COUNT(names); i++) {
        if (strcmp(optarg, names[i]) == 0) {
            options->mix = (enum bench_mix)i;
            return true;
        }
    }
    bench_say("--mix %.40s: give default, open or alerts", optarg);
    return false;
}

static bool take_text(struct bench_options *options, int id)
{
    switch (id) {
    case OPT_RUN:
        options->is_end_given = true;
        return bench_options_run(options, optarg);
    case OPT_INTAKE:
        return take_end(options, options->intake);
    case OPT_FEED:
        return take_end(options, options->feed);
    case OPT_DESK:
        return take_end(options, options->desk);
    case OPT_SPAWN:
        options->spawn = optarg;
        return true;
    case OPT_DIR:
        options->dir = optarg;
        return true;
    case OPT_RULES:
        options->rules = optarg;
        return true;
    case OPT_MIX:
        return take_mix(options);
    default:
        return false; /* getopt_long() said it */
    }
}

static bool take_flag(struct bench_options *options, int id)
{
    switch (id) {
    case OPT_ONE:
        options->producers = options->window = options->batch = 1;
        return true;
    case OPT_IDS:
        options->has_sequence = false;
        return true;
    case OPT_ALERTS:
        options->has_alerts = true;
        return true;
    case OPT_STALE:
        options->is_stale = true;
        return true;
    case OPT_JSON:
        options->is_json = true;
        return true;
    case OPT_HELP:
        (void)fputs(usage, stdout);
        options->is_done = true;
        return true;
    case OPT_PRINT_RULES:
        (void)fputs(bench_rules, stdout);
        options->is_done = true;
        return true;
    case OPT_VERSION:
        (void)printf("redress-bench %s\n", REDRESS_VERSION);
        options->is_done = true;
        return true;
    default:
        return take_text(options, id);
    }
}

static bool take(struct bench_options *options, int id)
{
    switch (id) {
    case OPT_PRODUCERS:
        return take_number("producers", 1, BENCH_PRODUCERS_MAX, &options->producers);
    case OPT_WINDOW:
        return take_number("window", 1, RD_PRODUCER_WINDOW_MAX, &options->window);
    case OPT_BATCH:
        return take_number("batch", 1, RD_PRODUCER_BATCH_MAX, &options->batch);
    case OPT_BYTES:
        return take_number("bytes", BENCH_BYTES_MIN, BENCH_BYTES_MAX, &options->bytes);
    case OPT_EVENTS:
        return take_number("events", 1, EVENTS_MAX, &options->events);
    case OPT_RATE:
        return take_number("rate", 1, EVENTS_MAX, &options->rate);
    case OPT_SUBSCRIBERS:
        return take_number("subscribers", 1, BENCH_SUBSCRIBERS_MAX, &options->subscribers);
    case OPT_ASK:
        return take_number("ask", 1, BENCH_ASK_MAX, &options->ask);
    case OPT_CASES:
        return take_number("cases", 1, EVENTS_MAX, &options->cases);
    case OPT_DUE:
        return take_number("due", 1, EVENTS_MAX, &options->due);
    case OPT_WARM_UP:
        return take_seconds("warm-up", 0, &options->warm_up_us);
    case OPT_DURATION:
        return take_seconds("duration", 1, &options->duration_us);
    case OPT_WAIT:
        return take_seconds("wait", 1, &options->wait_us);
    default:
        return take_flag(options, id);
    }
}

enum { BATCH_MAX = 64 };

static bool check(struct bench_options *options, int argc, char *argv[])
{
    int left = argc - optind;
    if (left == 2 && strcmp(argv[optind], "fsync") == 0) {
        options->is_fsync = true;
        options->dir = argv[optind + 1];
        return true;
    }
    if (left == 1 && strcmp(argv[optind], "timers") == 0) {
        options->is_timers = true;
        left = 0;
    }
    if (left != 0) {
        bench_say("%.40s: no such command (--help says more)", argv[optind]);
        return false;
    }
    if ((options->spawn != NULL) != (options->dir != NULL) ||
            (options->spawn != NULL && options->is_end_given)) {
        bench_say("--spawn wants --dir, and no endpoint: the daemon's doors are in that folder");
        return false;
    }
    if (options->rules != NULL && options->spawn == NULL) {
        bench_say("--rules: a daemon that runs has its own; give --spawn and --dir");
        return false;
    }
    if (options->is_stale && options->ask == 0) {
        bench_say("--stale: of which questions? give --ask");
        return false;
    }
    if (options->producers > options->events && options->events != 0) {
        bench_say("--events: fewer than producers");
        return false;
    }
    if (options->is_timers && options->spawn == NULL) {
        bench_say("timers: give --spawn and --dir, an empty folder");
        return false;
    }
    options->due = options->due == 0 ? (options->cases + 9) / 10 : options->due;
    if (options->due > options->cases) {
        bench_say("--due: more than --cases");
        return false;
    }
    if (options->batch == 0) { /* so that one half is on its way while the other is worked on */
        uint64_t half = (options->window + 1) / 2;
        options->batch = half < BATCH_MAX ? half : BATCH_MAX;
    }
    if (options->warm_up_us < 0) {
        options->warm_up_us = options->events != 0 ? 0 : RD_SECOND_US;
    }
    return true;
}

bool bench_options_parse(int argc, char *argv[], struct bench_options *ret_options)
{
    enum { DURATION_S = 5, WAIT_S = 30, WINDOW = 64, BYTES = 300, CASES = 1000000 };
    *ret_options = (struct bench_options){
            .has_sequence = true,
            .producers = 1,
            .window = WINDOW,
            .bytes = BYTES,
            .cases = CASES,
            .warm_up_us = -1,
            .duration_us = DURATION_S * RD_SECOND_US,
            .wait_us = WAIT_S * RD_SECOND_US,
    };
    if (!bench_options_run(ret_options, REDRESS_RUN_DIR)) {
        return false;
    }
    for (int id; (id = getopt_long(argc, argv, "", long_options, NULL)) >= 0;) {
        if (!take(ret_options, id)) {
            return false;
        }
        if (ret_options->is_done) {
            return true;
        }
    }
    return check(ret_options, argc, argv);
}
