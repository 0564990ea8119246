#include "daemon/desk/listing.h"

#include "daemon/store/rows/key.h"

bool listing_answer(struct method_call *call, enum store_table table, listing_row_fn *row)
{
    struct rows rows;
    if (!rows_begin(call, &rows)) {
        return false;
    }
    struct row_key from = {0};
    row_key_u64(&from, param_uint(call, "after") + 1);
    struct store_scan scan;
    struct rd_str key, value;
    uint64_t last = 0, next = 0, looked = 0;
    store_scan_begin(&scan, call->view, table, row_key_str(&from));
    while (store_scan_next(&scan, &key, &value)) {
        if (rows_are_full(&rows) || looked++ == DESK_SCAN_MAX) {
            next = last;
            break;
        }
        last = row_key_read_u64(key, 0);
        rd_arena_reset(call->arena); /* a row of the table, a case in memory */
        rows.count += row(call, key, value);
    }
    store_scan_end(&scan);
    rows_end(call, &rows, next);
    return true;
}
