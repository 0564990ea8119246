/* tools/bench/bench.h — what the parts of redress-bench(1) share: the run, its figures, messages.
 */
#pragma once

#include <stdatomic.h>

#include "common/base/hist.h"
#include "common/client/client.h"
#include "common/time/utime.h"
#include "tools/shared/ends.h"

enum {
    BENCH_DIR_MAX = END_TEXT_MAX,
    BENCH_PRODUCERS_MAX = 256,
    BENCH_SUBSCRIBERS_MAX = 256,
    BENCH_ASK_MAX = 10000,
    BENCH_BYTES_MIN = 200,
    BENCH_BYTES_MAX = 65536,
    BENCH_SENT_ROOM = 1 << 20, /* instants of sending kept for each producer; a power of two */
};

enum bench_mix { BENCH_MIX_DEFAULT, BENCH_MIX_OPEN, BENCH_MIX_ALERTS, BENCH_MIX_PENDING };

/* Cases whose first rung is due at instants that are known, instead of hours from now. */
struct bench_seed {
    uint64_t due_every; /* each so many of the cases; 0: none, and events tell no time */
    rd_time at;         /* the own time of the others */
    rd_time due;        /* of the first; one each ms after it, or */
    int64_t spread_us;  /* all within so long after it, in no order; 0: in order */
};

struct bench_options {
    bool is_fsync, is_timers, is_json, is_done; /* done: help or version was asked for */
    bool has_alerts, has_sequence;
    enum bench_mix mix;
    uint64_t producers, window, batch, bytes;
    uint64_t events; /* 0: for duration_us instead */
    uint64_t rate;   /* events a second, of all producers; 0: as receipts come */
    uint64_t subscribers;
    uint64_t ask;        /* questions to the desk a second */
    bool is_stale;       /* of the last checkpoint */
    uint64_t cases, due; /* timers: open ones, and how many of them are due at the start */
    struct bench_seed seed;
    const char *clock; /* of the daemon of our own; NULL: the real one */
    int64_t warm_up_us, duration_us, wait_us;
    const char *spawn, *dir;            /* both or neither, absolute; dir alone with is_fsync */
    const char *rules;                  /* a file, with spawn; NULL: bench_rules */
    bool is_one, has_ids, prints_rules; /* --one, --ids, --print-rules */
    struct ends ends;
    char dir_room[BENCH_DIR_MAX]; /* what `dir` points to, if it was given relative */
};

/* False: an error was printed, or (is_done) there is nothing more to do. */
RD_MUST_USE bool bench_options_parse(int argc, char *argv[], struct bench_options *ret_options);

/* One measurement. Written before the threads start, but for the atomics. */
struct bench_run {
    const struct bench_options *options;
    struct rd_client *client;
    uint64_t number;          /* of this run: no source of an earlier one is met again */
    _Atomic int64_t from_us;  /* what is sent earlier only warms up */
    _Atomic int64_t until_us; /* nothing is sent after; INT64_MAX: until enough was sent */
    atomic_bool *is_stop;     /* set by a signal, or by a thread that failed */
};

struct bench_counts {
    uint64_t sent, accepted, duplicate, rejected; /* from the first event on */
    uint64_t busy, retried;
    uint64_t measured;       /* accepted between from_us and until_us */
    int64_t last_us;         /* when the last receipt came */
    struct rd_hist receipts; /* µs */
};

/* ---- run.c ---- */
struct feed_watch;
struct report;
/* Starts the producers, waits for their end and adds up. An exit status; what went wrong was said.
 */
RD_MUST_USE int bench_run_loads(
        struct bench_run *run, struct feed_watch *watch, struct report *report);
/* The same with what else was asked for: the feed, subscribers. */
RD_MUST_USE int bench_run_all(
        const struct bench_options *options, atomic_bool *is_stop, struct report *report);
uint64_t bench_run_number(void); /* one that no run before had */

/* ---- timers.c ---- */
int bench_timers(struct bench_options *options, atomic_bool *is_stop);

/* ---- fsync.c ---- */
int bench_fsync(const struct bench_options *options, const atomic_bool *is_stop);
