/* daemon/desk/given.h — the figures that were given from outside (figure.given). This room only. */
#pragma once

#include "common/time/period.h"
#include "daemon/desk/method.h"

struct given {
    bool has;
    int64_t value; /* hundredths */
};

/* The newest one of a figure for a period, as `as` ("base", "target", "denominator", "rank"), at a
 * unit's name number; 0: at none, or at the root. */
struct given given_find(struct method_call *call, struct rd_str figure, const char *as,
        struct rd_period period, uint32_t unit);
/* The code after `after` that anything was given for, in the arena; empty: there are no more. */
struct rd_str given_next(struct method_call *call, struct rd_str after);
