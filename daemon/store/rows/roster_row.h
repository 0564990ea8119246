/* daemon/store/rows/roster_row.h — table `rosters`: who stands in for whose turn it is.
 *
 * Key: the roster's name number u32, until i64 (sign flipped), seq u64 of the event. Value: version
 * u8 = 1, the unit's name number u32, from i64, by. Example, roster 3, until 2 µs, seq 4, unit 2,
 * from 1 µs, by "w": 00000003 8000000000000002 0000000000000004 →
 * 01 00000002 8000000000000001 0177. */
#pragma once

#include "common/time/utime.h"
#include "daemon/store/store.h"

enum { ROSTER_STANDING_MAX = 1000 }; /* of a roster, of those that have not ended */

struct roster_row {
    uint32_t roster, unit; /* name numbers */
    rd_time from, until;   /* half-open */
    uint64_t seq;
    struct rd_str by;
};

/* Whether as many have not ended at `now` as there may be. */
bool roster_row_is_full(struct store_view *view, uint32_t roster, rd_time now);
void roster_row_put(struct store_view *view, const struct roster_row *row);
/* The row behind (until, seq) of the roster: begin with the instant and 0. `by` borrowed as
 * store_get(). False: no more. */
bool roster_row_next(struct store_view *view, uint32_t roster, rd_time until, uint64_t seq,
        struct roster_row *ret_row);
