/* tools/backtest/ahead.h — a thread that prepares what comes next while the present is worked on.
 *
 * What it prepares comes in the order in which it was filled, so a run is the same with it and
 * without. A slot is taken until the next call of ahead_next(). */
#pragma once

#include "common/base/base.h"

struct ahead;

/* What the thread does. Slots begin as zeros and are used again with what an earlier fill() left in
 * them; nothing else may be shared with the caller but what neither changes. */
struct ahead_work {
    size_t slot_bytes;
    bool (*fill)(void *context, void *slot); /* false: there is no more, the slot counts not */
    void (*done)(void *slot);                /* of each, in the end */
    void *context;
};

/* 0 or -errno. */
RD_MUST_USE int ahead_begin(const struct ahead_work *work, struct ahead **ret_ahead);
void *ahead_next(struct ahead *ahead); /* NULL: the end */
void ahead_end(struct ahead *ahead);   /* in the middle too; NULL: nothing */
