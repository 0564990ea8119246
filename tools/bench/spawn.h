/* tools/bench/spawn.h — a daemon of its own for one measurement. */
#pragma once

#include "tools/bench/bench.h"

struct spawn {
    int pid;          /* 0: none */
    int64_t ready_us; /* from its start until it was ready */
};

/* Writes DIR/redress.yaml, starts the program with it and waits until it is ready. An exit status;
 * what went wrong was said. */
RD_MUST_USE int spawn_start(
        const struct bench_options *options, const atomic_bool *is_stop, struct spawn *ret_spawn);
/* SIGTERM, and waits for its end. An exit status. */
RD_MUST_USE int spawn_stop(struct spawn *spawn);
void spawn_kill(struct spawn *spawn); /* SIGKILL, and waits */
