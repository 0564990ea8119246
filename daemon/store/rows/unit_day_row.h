/* daemon/store/rows/unit_day_row.h — table `unit_days`: what a unit reported of a day, and what the
 * events say of it.
 *
 * Key: the unit's name number u32, day u32 (sign bit flipped, so that earlier days stand first).
 * Value: version u8 = 2, flags u8, then varints: counted opened and closed, the same two and `open`
 * as they stood when the report was due; where one came also opened, closed, open, replaced,
 * taken i64, seq u64 (of the event). Example, unit 2, day 1, one case opened, nothing owed; 3
 * opened, 4 closed, 5 open reported, taken at 1 µs, seq 6:
 * 00000002 80000001 → 02 01 02 00 00 00 00 06 08 0a 00 8000000000000001 0000000000000006. */
#pragma once

#include "common/time/utime.h"
#include "daemon/store/store.h"

enum {
    UNIT_DAY_REPORTED = 1,
    UNIT_DAY_OWED = 2, /* a report was, and its time has come */
    UNIT_DAY_LATE = 4,
    UNIT_DAY_MISSING = 8, /* there was none when it was due */
};

struct unit_day_counts {
    int64_t opened, closed, open;
};

struct unit_day_row {
    uint8_t flags;
    struct unit_day_counts counted; /* of events so far; `open` is not kept here */
    struct unit_day_counts at_due;  /* of events, when the report was due */
    struct unit_day_counts reported;
    int64_t replaced; /* earlier reports of the day */
    rd_time taken;
    uint64_t seq;
};

void unit_day_row_put(
        struct store_view *view, uint32_t unit, int32_t day, const struct unit_day_row *row);
bool unit_day_row_get(
        struct store_view *view, uint32_t unit, int32_t day, struct unit_day_row *ret_row);
/* The unit's first day from `from` on. False: there is none. */
bool unit_day_row_next(struct store_view *view, uint32_t unit, int32_t from, int32_t *ret_day,
        struct unit_day_row *ret_row);
