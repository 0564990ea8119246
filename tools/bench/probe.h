/* tools/bench/probe.h — a thread that looks at a daemon of our own: its memory, its tail.
 *
 * Memory is what the process has for itself: anonymous resident pages, the RssAnon of proc(5). The
 * pages of the store's file that it maps are the system's, to drop whenever it likes. */
#pragma once

#include "tools/bench/bench.h"

struct probe; /* opaque */

struct probe_facts {
    uint64_t anon_bytes, anon_max_bytes; /* now, and at most since the last probe_take() */
    uint64_t overlay_max_bytes;          /* what no checkpoint had, at most */
    uint64_t tail, tail_max;             /* records that no checkpoint had */
    uint64_t store_bytes, open_cases, pending_timers;
};

/* NULL: said. */
struct probe *probe_start(const struct bench_options *options, int pid);
void probe_take(struct probe *probe, struct probe_facts *ret_facts); /* and begins anew */
void probe_look(struct probe *probe, struct probe_facts *ret_facts); /* and goes on */
void probe_stop(struct probe *probe);                                /* NULL: nothing */

/* Asks the desk for a counter of its metrics. -errno. */
RD_MUST_USE int probe_counter(struct probe *probe, const char *name, uint64_t *ret_value);
