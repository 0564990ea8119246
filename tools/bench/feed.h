/* tools/bench/feed.h — a thread that reads the feed and measures from event sent to alert there. */
#pragma once

#include "tools/bench/load.h"

struct feed_watch; /* opaque */

/* Starts the thread and waits until it hears the daemon's heartbeat; NULL: said. */
struct feed_watch *feed_watch_start(const struct bench_run *run);
/* From now on alerts are matched with what these sent. */
void feed_watch_loads(struct feed_watch *watch, struct load *const *loads, size_t count);
/* All is sent: reads what is still to come. Frees it. An exit status. */
RD_MUST_USE int feed_watch_end(
        struct feed_watch *watch, struct rd_hist *ret_hist, uint64_t *ret_alerts);
