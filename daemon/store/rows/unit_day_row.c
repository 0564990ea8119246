#include "daemon/store/rows/unit_day_row.h"

#include "common/base/buf.h"
#include "daemon/store/rows/key.h"

enum { ROW_VERSION = 2, ROW_BYTES_MAX = 256 };

static struct rd_str key_of(struct row_key *key, uint32_t unit, int32_t day)
{
    row_key_u32(key, unit);
    row_key_u32(key, (uint32_t)day ^ 0x80000000U);
    return row_key_str(key);
}

void unit_day_row_put(
        struct store_view *view, uint32_t unit, int32_t day, const struct unit_day_row *row)
{
    struct rd_buf buf;
    uint8_t room[128];
    struct row_key key = {0};
    rd_buf_init_in(&buf, room, sizeof room, ROW_BYTES_MAX);
    rd_buf_put_u8(&buf, ROW_VERSION);
    rd_buf_put_u8(&buf, row->flags);
    rd_buf_put_int(&buf, row->counted.opened);
    rd_buf_put_int(&buf, row->counted.closed);
    rd_buf_put_int(&buf, row->at_due.opened);
    rd_buf_put_int(&buf, row->at_due.closed);
    rd_buf_put_int(&buf, row->at_due.open);
    if ((row->flags & UNIT_DAY_REPORTED) != 0) {
        rd_buf_put_int(&buf, row->reported.opened);
        rd_buf_put_int(&buf, row->reported.closed);
        rd_buf_put_int(&buf, row->reported.open);
        rd_buf_put_int(&buf, row->replaced);
        rd_buf_put_i64(&buf, row->taken);
        rd_buf_put_u64(&buf, row->seq);
    }
    RD_ASSERT(buf.error == 0);
    store_put(view, STORE_UNIT_DAYS, key_of(&key, unit, day), rd_buf_str(&buf));
    rd_buf_done(&buf);
}

static struct unit_day_row decode(struct rd_str value)
{
    struct rd_get get = rd_get_of(value);
    uint8_t version = rd_get_u8(&get);
    struct unit_day_row row = {.flags = rd_get_u8(&get)};
    row.counted.opened = rd_get_int(&get);
    row.counted.closed = rd_get_int(&get);
    row.at_due.opened = rd_get_int(&get);
    row.at_due.closed = rd_get_int(&get);
    row.at_due.open = rd_get_int(&get);
    if ((row.flags & UNIT_DAY_REPORTED) != 0) {
        row.reported.opened = rd_get_int(&get);
        row.reported.closed = rd_get_int(&get);
        row.reported.open = rd_get_int(&get);
        row.replaced = rd_get_int(&get);
        row.taken = rd_get_i64(&get);
        row.seq = rd_get_u64(&get);
    }
    int r = rd_get_end(&get);
    RD_ASSERT(version == ROW_VERSION && r == 0);
    return row;
}

bool unit_day_row_get(
        struct store_view *view, uint32_t unit, int32_t day, struct unit_day_row *ret_row)
{
    struct row_key key = {0};
    struct rd_str value;
    if (!store_get(view, STORE_UNIT_DAYS, key_of(&key, unit, day), &value)) {
        return false;
    }
    *ret_row = decode(value);
    return true;
}

bool unit_day_row_next(struct store_view *view, uint32_t unit, int32_t from, int32_t *ret_day,
        struct unit_day_row *ret_row)
{
    struct row_key first = {0};
    struct rd_str key, value;
    struct store_scan scan;
    store_scan_begin(&scan, view, STORE_UNIT_DAYS, key_of(&first, unit, from));
    bool is_found = store_scan_next(&scan, &key, &value) && row_key_read_u32(key, 0) == unit;
    if (is_found) {
        *ret_day = (int32_t)(row_key_read_u32(key, 4) ^ 0x80000000U);
        *ret_row = decode(value);
    }
    store_scan_end(&scan);
    return is_found;
}
