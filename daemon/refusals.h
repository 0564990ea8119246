/* daemon/refusals.h — rejected events that operators have not heard of yet, by source and error.
 *
 * The first of a source and error is told after a while, with those that came since; what follows,
 * once in a longer while with its count: so a broken producer costs one alert an hour and not one
 * an event. Bounded: the 17th pair at a time, and all behind it, are counted together. Nothing of
 * it outlives the process: after a start the first one is told again. */
#pragma once

#include "common/base/base.h"

enum {
    REFUSALS_PAIRS = 16,
    REFUSALS_SOURCE_MAX = 128, /* bytes of a source, as the protocol has it */
};

struct refusals_pair {
    char source[REFUSALS_SOURCE_MAX];
    uint8_t source_len; /* 0: the event could not be read, or, of the last pair, several sources */
    const char *code;   /* static; NULL: the place is free */
    char message[224];  /* of the newest */
    uint64_t count;     /* not told yet */
    uint64_t letter;    /* number of the newest dead letter */
    int64_t next_us;    /* not told before, on the ticks' scale */
};

struct refusals { /* begins zeroed */
    struct refusals_pair pairs[REFUSALS_PAIRS + 1];
};

/* One more, kept as dead letter `letter` (0: none is kept). A pair that is new is told from
 * `first_us` on. A source longer than it may be is cut. */
void refusals_note(struct refusals *refusals, struct rd_str source, const struct rd_reject *reject,
        uint64_t letter, int64_t first_us);
/* The next pair to be told at `now_us`, and what to say, in `ret_detail`; it is told again after
 * `every_us` at the soonest. NULL: none. A pair with no new rejection when its interval ends is
 * dropped. */
const struct refusals_pair *refusals_next(
        struct refusals *refusals, int64_t now_us, int64_t every_us, char ret_detail[static 512]);
