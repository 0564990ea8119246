/* daemon/store/rows/attribute_row.h — table `attributes`: what a case is about; written when it is
 * opened and when an attribute changes, read when a policy is matched or an alert is written.
 *
 * Key: case number u64. Value: version u8 = 2; subject; the packed warning of the last assessment
 * (receipt.h; empty: none); who had the newest contact with the customer and, where there was one,
 * when; count; then per attribute key number (event.h), type u8, and an integer
 * (zigzag) or bytes. Example in hex: test_rows.c. */
#pragma once

#include "common/base/arena.h"
#include "common/wire/event.h"
#include "daemon/store/store.h"

struct attribute_row {
    struct rd_str subject;
    struct rd_str warning;
    rd_time contacted;          /* own time of the newest contact with the customer; RD_TIME_NONE */
    struct rd_str contacted_by; /* who had it; where there was one */
    struct rd_value values[RD_EVENT_KEY_COUNT];
};

/* Texts are copied into `arena`. False: no such case. */
bool attribute_row_get(struct store_view *view, uint64_t number, struct rd_arena *arena,
        struct attribute_row *ret_row);
void attribute_row_put(struct store_view *view, uint64_t number, const struct attribute_row *row);
void attribute_row_del(struct store_view *view, uint64_t number);
