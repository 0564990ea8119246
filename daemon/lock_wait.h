/* daemon/lock_wait.h — a start waits for its predecessor to give up its locks. */
#pragma once

#include "daemon/edge.h"

/* How long it waits, and how often it looks. */
#define LOCK_WAIT_US (5 * RD_SECOND_US)
enum { LOCK_LOOK_MS = 50 };

/* While another process has a lock: waits a moment and returns true, until LOCK_WAIT_US are over
 * since *since_us (0: this is the first look), or a signal has come. */
bool lock_waits(const struct edge *edge, int64_t *since_us);
