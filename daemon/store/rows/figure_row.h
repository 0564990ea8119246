/* daemon/store/rows/figure_row.h — table `figures_given`: figures that were given from outside.
 *
 * Key: figure, NUL, period, NUL, as, NUL, the unit's name number u32 (0: none), seq u64 (of the
 * event): all that were given are kept, the newest of a figure stands last. Value: version u8 = 1,
 * value i64 (hundredths, sign bit flipped), time i64 (own, the same). Example, figure "f", period
 * "p", as "base", unit 2, seq 3, value 1.00, time 1 µs:
 * 6600 7000 6261736500 00000002 0000000000000003 → 01 8000000000000064 8000000000000001. */
#pragma once

#include "common/time/utime.h"
#include "daemon/store/store.h"

struct figure_key {
    struct rd_str figure, period, as; /* as the event has them: no NUL in them */
    uint32_t unit;
    uint64_t seq;
};

void figure_row_put(
        struct store_view *view, const struct figure_key *of, int64_t value, rd_time time);
/* False: none was given by that event. */
bool figure_row_get(struct store_view *view, const struct figure_key *of, int64_t *ret_value,
        rd_time *ret_time);
