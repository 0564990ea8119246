/* daemon/store/rows/counter_row.h — table `figures`, its counters: sums of what was counted.
 *
 * Key: 01, grain u8 (0: months, 1: days), dimension u8 (common/plan/counters.h), period u32 (a
 * month is year × 12 + month − 1, a day its number; sign bit flipped), the unit's name number u32,
 * the dimension's value u64 (a name number or a digest; 0: of `all`). So a stretch of one dimension
 * stands together. Value: version u8 = 1, then by counter and sub, in that order: counter, sub
 * (varints), sum (zigzag varint). Sums of nothing are left out, rows of nothing too. Example, day
 * 2 of all, unit 3, two complaints: 01 01 00 80000002 00000003 0000000000000000 → 01 080004. */
#pragma once

#include "common/plan/counters.h"
#include "daemon/store/store.h"

enum counter_grain { COUNTER_MONTHS, COUNTER_DAYS };

struct counter_key {
    enum counter_grain grain;
    enum rd_dim dim;
    int32_t period;
    uint32_t unit;
    uint64_t value;
};

struct counter_cell {
    uint32_t counter; /* enum rd_counter */
    uint64_t sub;
    int64_t sum;
};

/* Adds `cells`, sorted by counter and sub, each of them once, to the row. */
void counter_row_add(struct store_view *view, const struct counter_key *of,
        const struct counter_cell *cells, size_t count);

/* Every cell of a stretch of periods, in the order of the keys. Begin, then next until false; or
 * end, as store_scan. */
struct counter_scan {
    struct store_scan scan;
    struct counter_key key;
    int32_t last; /* period, included */
    struct rd_str value;
    size_t at;
    bool has_row;
};
void counter_scan_begin(struct counter_scan *scan, struct store_view *view,
        enum counter_grain grain, enum rd_dim dim, int32_t first, int32_t last);
bool counter_scan_next(struct counter_scan *scan, struct counter_cell *ret_cell);
void counter_scan_end(struct counter_scan *scan);
