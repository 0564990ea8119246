/* daemon/store/rows/unknown_row.h — table `unknown_codes`: values that events brought and no code
 * spells.
 *
 * Key: the attribute, NUL, the value as it came. Value: version u8 = 1, count u64, the own time of
 * the first and of the newest, i64 (sign bit flipped), the newest one's seq u64. The row of the
 * empty value counts: how many values the attribute has here, and in `seq` how many events brought
 * one beyond UNKNOWN_VALUES_MAX, which are counted together. Example in hex: test_rows.c. */
#pragma once

#include "common/time/utime.h"
#include "daemon/store/store.h"

enum { UNKNOWN_VALUES_MAX = 1000 }; /* of an attribute */

struct unknown_row {
    uint64_t count;
    rd_time first, last;
    uint64_t seq;
};

/* False: no event brought it. */
bool unknown_row_get(struct store_view *view, struct rd_str attribute, struct rd_str value,
        struct unknown_row *ret_row);
void unknown_row_put(struct store_view *view, struct rd_str attribute, struct rd_str value,
        const struct unknown_row *row);
void unknown_row_del(struct store_view *view, struct rd_str attribute, struct rd_str value);
/* The parts of a row of the table, borrowed from it. */
void unknown_row_parse(struct rd_str key, struct rd_str value, struct rd_str *ret_attribute,
        struct rd_str *ret_value, struct unknown_row *ret_row);
