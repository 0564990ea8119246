/* daemon/store/rows/screened_row.h — table `screened`: the last look at a contract before anybody
 * complained of it.
 *
 * Key: the contract. Value: version u8 = 2, risk, round, the unit's name number u32 (0: none), time
 * i64 (own), cleared i64, seq u64 (of the event). Example, contract "k", risk "high", no round,
 * unit 2, time 1 µs, seq 3: 6b → 02 0468696768 00 00000002 8000000000000001 0000000000000000
 * 0000000000000003. */
#pragma once

#include "common/time/utime.h"
#include "daemon/store/store.h"

struct screened_row {
    struct rd_str risk, round;
    uint32_t unit;
    rd_time time;
    rd_time cleared; /* when the risk was found gone; RD_TIME_NONE: not */
    uint64_t seq;
};

void screened_row_put(
        struct store_view *view, struct rd_str contract, const struct screened_row *row);
void screened_row_del(struct store_view *view, struct rd_str contract);
/* Texts borrowed as store_get(). */
bool screened_row_get(
        struct store_view *view, struct rd_str contract, struct screened_row *ret_row);
