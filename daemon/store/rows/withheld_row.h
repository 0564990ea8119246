/* daemon/store/rows/withheld_row.h — table `withheld`: alerts that a silence withheld, until it
 * ends and their units are told.
 *
 * Key: silence u64, unit u32, case u64, type u8, rung u8, clock u32 (name number; 0: none). Value:
 * version u8 = 1, severity u8, moments of the case by then, varint. Example, silence 2, unit 3,
 * case 7, a `ladder.rung` (1) of rung 1, high, after 5 moments:
 * 0000000000000002 00000003 0000000000000007 01 01 00000000 → 01 02 05. */
#pragma once

#include "daemon/store/store.h"

struct withheld_key {
    uint64_t silence;
    uint32_t unit;
    uint64_t case_number;
    uint8_t type; /* enum rd_alert_type */
    uint8_t rung;
    uint32_t clock;
};

struct withheld_row {
    uint8_t severity;
    uint32_t moments; /* an acknowledgement that was taken later answers it */
};

void withheld_row_put(
        struct store_view *view, const struct withheld_key *key, const struct withheld_row *row);
bool withheld_row_has(struct store_view *view, const struct withheld_key *key);
void withheld_row_del(struct store_view *view, const struct withheld_key *key);
/* The first one of a silence. False: none. */
bool withheld_row_first(struct store_view *view, uint64_t silence, struct withheld_key *ret_key,
        struct withheld_row *ret_row);
