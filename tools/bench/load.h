/* tools/bench/load.h — one producer: a thread that keeps its window full and takes receipts. */
#pragma once

#include "tools/bench/bench.h"

struct load; /* opaque; about 10 MB */

/* Starts the thread. Producer `number` of the run sends `events` after the warm-up (0: until the
 * run's end). NULL: said. */
struct load *load_start(const struct bench_run *run, uint64_t number, uint64_t events);
/* Its exit status, when all it sent is settled, or nobody answers; what went wrong was said. */
RD_MUST_USE int load_join(struct load *load, struct bench_counts *ret_counts);
void load_free(struct load *load);
/* When event `index` was sent; 0: not known any more. From any thread. */
int64_t load_sent_us(struct load *load, uint64_t index);
