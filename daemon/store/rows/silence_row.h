/* daemon/store/rows/silence_row.h — table `silences`: matchers of alerts that are withheld.
 *
 * Key: number u64, from 1. Value: version u8 = 1, until i64, ended u8, created i64, by, reason,
 * matchers (MessagePack). Example, number 2, until 1 µs, created 0, by "li", reason "r", matchers
 * an empty map: 0000000000000002 → 01 8000000000000001 00 8000000000000000 026c69 0172 0180. */
#pragma once

#include "common/utime.h"
#include "daemon/store/store.h"

struct silence_row {
    rd_time until;
    bool is_ended; /* before its time, by silence.ended */
    rd_time created;
    struct rd_str by, reason;
    struct rd_str matchers; /* as they came in the event */
};

void silence_row_put(struct store_view *view, uint64_t number, const struct silence_row *row);
/* Texts borrowed as store_get(). */
bool silence_row_get(struct store_view *view, uint64_t number, struct silence_row *ret_row);
void silence_row_del(struct store_view *view, uint64_t number);
/* A row as a scan of the table gives it; its number. */
uint64_t silence_row_read(struct rd_str key, struct rd_str value, struct silence_row *ret_row);
