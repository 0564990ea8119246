#include "daemon/store/rows/screened_row.h"

#include <string.h>

#include "common/base/buf.h"
#include "daemon/store/rows/by_key.h"

enum { ROW_VERSION = 4, VERSION_UNHELD = 3, VERSION_NAMELESS = 2, ROW_BYTES_MAX = 4096 };

bool screened_row_has_customer(const struct screened_row *row)
{
    static const uint8_t NOBODY[RD_DIGEST_BYTES];
    return memcmp(row->customer, NOBODY, sizeof NOBODY) != 0;
}

static struct row_key key_of(const struct screened_row *row)
{
    struct row_key key = by_key(row->customer, BY_KEY_SCREENED);
    row_key_u64(&key, row->seq);
    return key;
}

static void unlink_customer(struct store_view *view, struct rd_str contract)
{
    struct screened_row before;
    if (screened_row_get(view, contract, &before) && screened_row_has_customer(&before)) {
        struct row_key key = key_of(&before);
        store_del(view, STORE_BY_KEY, row_key_str(&key));
    }
}

void screened_row_put(
        struct store_view *view, struct rd_str contract, const struct screened_row *row)
{
    struct rd_buf buf;
    unlink_customer(view, contract);
    if (screened_row_has_customer(row)) {
        struct row_key key = key_of(row);
        store_put(view, STORE_BY_KEY, row_key_str(&key), contract);
    }
    rd_buf_init(&buf, ROW_BYTES_MAX);
    rd_buf_put_u8(&buf, ROW_VERSION);
    rd_buf_put_str(&buf, row->risk);
    rd_buf_put_str(&buf, row->round);
    rd_buf_put_u32(&buf, row->unit);
    rd_buf_put_i64(&buf, row->time);
    rd_buf_put_i64(&buf, row->cleared);
    rd_buf_put_u64(&buf, row->seq);
    rd_buf_put(&buf, row->customer, sizeof row->customer);
    rd_buf_put_u32(&buf, row->held);
    RD_ASSERT(buf.error == 0);
    store_put(view, STORE_SCREENED, contract, rd_buf_str(&buf));
    rd_buf_done(&buf);
}

void screened_row_del(struct store_view *view, struct rd_str contract)
{
    unlink_customer(view, contract);
    store_del(view, STORE_SCREENED, contract);
}

bool screened_row_of_customer(struct store_view *view,
        const uint8_t customer[static RD_DIGEST_BYTES], uint64_t *ret_seq,
        struct rd_str *ret_contract)
{
    struct row_key prefix = by_key(customer, BY_KEY_SCREENED);
    struct store_scan scan;
    struct rd_str key;
    store_scan_begin(&scan, view, STORE_BY_KEY, row_key_str(&prefix));
    bool is_found =
            store_scan_next(&scan, &key, ret_contract) && rd_str_starts(key, row_key_str(&prefix));
    if (is_found) {
        *ret_seq = row_key_read_u64(key, BY_KEY_PREFIX);
    }
    store_scan_end(&scan);
    return is_found;
}

bool screened_row_get(struct store_view *view, struct rd_str contract, struct screened_row *ret_row)
{
    struct rd_str value;
    if (!store_get(view, STORE_SCREENED, contract, &value)) {
        return false;
    }
    struct rd_get get = rd_get_of(value);
    uint8_t version = rd_get_u8(&get);
    struct screened_row row = {.risk = rd_get_str(&get)};
    row.round = rd_get_str(&get);
    row.unit = rd_get_u32(&get);
    row.time = rd_get_i64(&get);
    row.cleared = rd_get_i64(&get);
    row.seq = rd_get_u64(&get);
    if (version != VERSION_NAMELESS) {
        struct rd_str customer = rd_get_bytes(&get, sizeof row.customer);
        RD_ASSERT((version == ROW_VERSION || version == VERSION_UNHELD) && get.error == 0);
        memcpy(row.customer, customer.ptr, sizeof row.customer);
    }
    row.held = version == ROW_VERSION ? rd_get_u32(&get) : row.unit;
    int r = rd_get_end(&get);
    RD_ASSERT(r == 0);
    *ret_row = row;
    return true;
}
