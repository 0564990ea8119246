#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/client/producer.h"
#include "tools/bench/bench.h"
#include "tools/bench/event.h"

enum {
    DURATION_S = 5,
    WAIT_S = 30,
    WINDOW = 64,
    BYTES = 300,
    CASES = 1000000,
    DUE_SHARE = 10, /* of the cases, where --due is not given */
    BATCH_MAX = 64,
    SECONDS_MAX = 86400,
};
#define EVENTS_MAX (UINT64_C(1) << 40)

#define ROW(name_, value_, kind_, member, help_)                                                   \
    .name = (name_), .value = (value_), .kind = (kind_), .help = (help_),                          \
    .offset = offsetof(struct bench_options, member)
#define NUMBER(name_, member, min_, max_, help_)                                                   \
    {                                                                                              \
        ROW(name_, "N", OPT_NUMBER, member, help_), .min = (min_), .max = (max_)                   \
    }
#define SECONDS(name_, member, min_, help_)                                                        \
    {                                                                                              \
        ROW(name_, "SECONDS", OPT_SECONDS, member, help_), .min = (min_), .max = SECONDS_MAX       \
    }
#define SWITCH(name_, member, help_)                                                               \
    {                                                                                              \
        ROW(name_, NULL, OPT_SWITCH, member, help_)                                                \
    }

/* The words of --mix stand in the order of enum bench_mix. */
static const struct opt_rule RULES[] = {
        NUMBER("producers", producers, 1, BENCH_PRODUCERS_MAX, "threads that send (1)"),
        NUMBER("window", window, 1, RD_PRODUCER_WINDOW_MAX, "events in flight, each (64)"),
        NUMBER("batch", batch, 1, RD_PRODUCER_BATCH_MAX,
                "events a message (half the window, at most 64)"),
        SWITCH("one", is_one, "one producer with one event in flight"),
        NUMBER("bytes", bytes, BENCH_BYTES_MIN, BENCH_BYTES_MAX, "of an event (300)"),
        {ROW("mix", "default|open|alerts", OPT_CHOICE, mix,
                "half new and half updates, or complaints alone, or complaints that all alert")},
        NUMBER("rate", rate, 1, EVENTS_MAX, "events a second, at most (as receipts come)"),
        SWITCH("ids", has_ids, "events without a sequence: known again by their ids"),
        SECONDS("warm-up", warm_up_us, 0, "not measured (1; with --events 0)"),
        SECONDS("duration", duration_us, 1, "measured (5)"),
        NUMBER("events", events, 1, EVENTS_MAX, "so many, instead"),
        SWITCH("alerts", has_alerts, "read the feed and measure from event to alert"),
        NUMBER("subscribers", subscribers, 1, BENCH_SUBSCRIBERS_MAX,
                "count what so many subscribers get of the feed"),
        NUMBER("ask", ask, 1, BENCH_ASK_MAX, "ask the desk so many questions a second meanwhile"),
        SWITCH("stale", is_stale, "questions that the last checkpoint may answer"),
        NUMBER("cases", cases, 1, EVENTS_MAX, "timers: cases with a pending timer (1000000)"),
        NUMBER("due", due, 1, EVENTS_MAX, "timers: of them due at the start (a tenth)"),
        SECONDS("wait", wait_us, 1, "give up after so long without an answer (30)"),
        SWITCH("json", is_json, "the figures as JSON"),
        ENDS_RUN(struct bench_options, ends),
        ENDS_INTAKE(struct bench_options, ends),
        ENDS_FEED(struct bench_options, ends),
        ENDS_DESK(struct bench_options, ends),
        ENDS_KEY(struct bench_options, ends),
        {ROW("spawn", "REDRESSD", OPT_FILE, spawn, "measure a daemon of its own, with --dir")},
        {ROW("dir", "DIR", OPT_DIR, dir, "where that one has its state and its doors")},
        {ROW("rules", "FILE", OPT_FILE, rules, "its units, calendars, assessment and policies")},
        SWITCH("print-rules", prints_rules, "print those that it has without"),
};

static const struct opt_program PROGRAM = {
        .usage = "[OPTION…]\n[OPTION…] --spawn REDRESSD --dir DIR\n"
                 "[OPTION…] --spawn REDRESSD --dir DIR timers\n[--events N] [--json] fsync DIR",
        .wanted = "give no command, timers, or fsync with a folder",
        .words_max = 2};

/* The daemon of our own runs elsewhere: a socket that it is told of must have a whole path. */
static bool make_absolute(struct bench_options *options)
{
    char here[BENCH_DIR_MAX];
    if (options->dir == NULL || options->dir[0] == '/') {
        return true;
    }
    if (getcwd(here, sizeof here) == NULL) {
        say_error("--dir %.100s: %m", options->dir);
        return false;
    }
    int len = snprintf(options->dir_room, sizeof options->dir_room, "%s/%s", here, options->dir);
    if (len < 0 || (size_t)len >= sizeof options->dir_room) {
        say_error("--dir %.100s: too long", options->dir);
        return false;
    }
    options->dir = options->dir_room;
    return true;
}

static bool take_command(struct bench_options *options, char *const words[])
{
    if (words[0] == NULL) {
        return true;
    }
    options->is_timers = strcmp(words[0], "timers") == 0 && words[1] == NULL;
    options->is_fsync = strcmp(words[0], "fsync") == 0 && words[1] != NULL;
    if (options->is_fsync) {
        options->dir = words[1];
    } else if (!options->is_timers) {
        say_error("%.40s: %s; redress-bench --help tells more", words[0], PROGRAM.wanted);
        return false;
    }
    return true;
}

/* What the options say together. */
static bool check(const struct bench_options *options)
{
    const char *what = NULL;
    if ((options->spawn != NULL) != (options->dir != NULL) ||
            (options->spawn != NULL && options->ends.is_given)) {
        what = "--spawn wants --dir, and no endpoint: the daemon's doors are in that folder";
    } else if (options->rules != NULL && options->spawn == NULL) {
        what = "--rules: a daemon that runs has its own; give --spawn and --dir";
    } else if (options->is_stale && options->ask == 0) {
        what = "--stale: of which questions? give --ask";
    } else if (options->producers > options->events && options->events != 0) {
        what = "--events: fewer than producers";
    } else if (options->is_timers && options->spawn == NULL) {
        what = "timers: give --spawn and --dir, an empty folder";
    } else if (options->due > options->cases) {
        what = "--due: more than --cases";
    }
    if (what != NULL) {
        say_error("%s", what);
    }
    return what == NULL;
}

/* What was not given follows from what was. */
static void complete(struct bench_options *options)
{
    if (options->is_one) {
        options->producers = options->window = options->batch = 1;
    }
    options->has_sequence = !options->has_ids;
    if (options->due == 0) {
        options->due = (options->cases + DUE_SHARE - 1) / DUE_SHARE;
    }
    if (options->batch == 0) { /* so that one half is on its way while the other is worked on */
        uint64_t half = (options->window + 1) / 2;
        options->batch = half < BATCH_MAX ? half : BATCH_MAX;
    }
    if (options->warm_up_us < 0) {
        options->warm_up_us = options->events != 0 ? 0 : RD_SECOND_US;
    }
}

bool bench_options_parse(int argc, char *argv[], struct bench_options *ret_options)
{
    struct opt_set set = {.count = 0};
    char *words[3];
    *ret_options = (struct bench_options){
            .producers = 1,
            .window = WINDOW,
            .bytes = BYTES,
            .cases = CASES,
            .warm_up_us = -1,
            .duration_us = DURATION_S * RD_SECOND_US,
            .wait_us = WAIT_S * RD_SECOND_US,
    };
    opt_set_add(&set, RULES, RD_COUNT(RULES));
    if (!ends_init(&ret_options->ends)) {
        return false;
    }
    enum opt_result result = opt_read(&PROGRAM, &set, argc, argv, ret_options, words);
    ret_options->is_done = result == OPT_ENDED;
    if (result == OPT_GOOD && ret_options->prints_rules) {
        (void)fputs(bench_rules, stdout);
        ret_options->is_done = true;
    }
    if (result != OPT_GOOD || ret_options->is_done) {
        return result != OPT_BAD;
    }
    if (!take_command(ret_options, words)) {
        return false;
    }
    complete(ret_options);
    return (ret_options->is_fsync || check(ret_options)) && make_absolute(ret_options);
}
