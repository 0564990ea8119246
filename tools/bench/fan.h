/* tools/bench/fan.h — subscribers of the feed that count what reaches them: the fan-out.
 *
 * Each is a thread with a SUB socket of its own that takes all topics and decodes nothing, so that
 * what is measured is the daemon and ZeroMQ. What one missed is told by the number of the
 * heartbeats before and after. */
#pragma once

#include "tools/bench/bench.h"

struct fan; /* opaque */

struct fan_counts {
    uint64_t delivered; /* alerts, over all subscribers, from the first heartbeat to the last */
    uint64_t measured;  /* of them between from_us and until_us, or to the end */
    uint64_t lost;      /* published between those heartbeats and not received */
    int64_t last_us;    /* when the last alert came */
};

/* Starts the threads and waits until each hears a heartbeat. NULL: the error was printed. */
struct fan *fan_start(const struct bench_run *run);
/* All is sent: waits for two heartbeats more, each, and adds up. Frees it. */
void fan_end(struct fan *fan, struct fan_counts *ret_counts);
