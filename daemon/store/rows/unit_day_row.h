/* daemon/store/rows/unit_day_row.h — table `unit_days`: what a unit itself reported of a day.
 *
 * Key: the unit's name number u32, day u32 (sign bit flipped, so that earlier days stand first).
 * Value: version u8 = 1, opened, closed, open (varints), taken i64, seq u64 (of the event). A later
 * report of the day replaces the row. Example, unit 2, day 1, 3 opened, 4 closed, 5 open, taken at
 * 1 µs, seq 6: 00000002 80000001 → 01 06 08 0a 8000000000000001 0000000000000006. */
#pragma once

#include "common/utime.h"
#include "daemon/store/store.h"

struct unit_day_row {
    int64_t opened, closed, open;
    rd_time taken;
    uint64_t seq;
};

void unit_day_row_put(
        struct store_view *view, uint32_t unit, int32_t day, const struct unit_day_row *row);
bool unit_day_row_get(
        struct store_view *view, uint32_t unit, int32_t day, struct unit_day_row *ret_row);
