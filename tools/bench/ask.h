/* tools/bench/ask.h — a thread that asks the desk so many questions a second while the load runs.
 *
 * In turn: the newest alerts, one of their cases, a page of cases of a unit. One at a time, as a
 * person's tools do; an answer that comes late delays the next question, and is measured from the
 * instant at which its question should have left. */
#pragma once

#include "tools/bench/bench.h"

struct asker; /* opaque */

struct ask_counts {
    uint64_t answered, failed; /* between from_us and until_us; failed: an error, or no answer */
    struct rd_hist answers;    /* µs */
};

/* NULL: said. */
struct asker *asker_start(const struct bench_run *run);
void asker_end(struct asker *asker, struct ask_counts *ret_counts); /* stops and frees it */
