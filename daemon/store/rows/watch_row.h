/* daemon/store/rows/watch_row.h — table `watches`: what is looked for at a unit by a timer.
 *
 * Key: the unit's name number u32, slot u16 (engine/watches.h) as two bytes. Value: version u8 = 1,
 * armed i64, day and done (u32, sign bit flipped), then what the watch itself keeps, which only it
 * reads. Example, unit 2, slot 1, armed at 1 µs for day 3, done with day 2, nothing else:
 * 00000002 0001 → 01 8000000000000001 80000003 80000002. */
#pragma once

#include "common/time/civil.h"
#include "common/time/utime.h"
#include "daemon/store/store.h"

struct watch_row {
    rd_time armed; /* wall; RD_TIME_NONE: not */
    rd_day day;    /* local, that it is armed for; RD_DAY_NONE */
    rd_day done;   /* the last one it is through with; RD_DAY_NONE */
    struct rd_str rest;
};

void watch_row_put(
        struct store_view *view, uint32_t unit, uint16_t slot, const struct watch_row *row);
/* `rest` borrowed as store_get(). */
bool watch_row_get(
        struct store_view *view, uint32_t unit, uint16_t slot, struct watch_row *ret_row);
/* The next key behind (unit, slot); *is_first: the first of all. False: there is none. */
bool watch_row_next(struct store_view *view, bool is_first, uint32_t *unit, uint16_t *slot);
