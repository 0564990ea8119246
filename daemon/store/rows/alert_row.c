#include "daemon/store/rows/alert_row.h"

#include "common/base/sizes.h"
#include "daemon/store/rows/key.h"

enum { ROW_VERSION = 2, ROW_BYTES_MAX = RD_ALERT_BYTES_MAX + 1024, ROW_BYTES_USUAL = 1024 };

void alert_row_put(struct store_view *view, uint64_t seq, const struct alert_row *row)
{
    struct rd_buf buf;
    uint8_t room[ROW_BYTES_USUAL];
    rd_buf_init_in(&buf, room, sizeof room, ROW_BYTES_MAX);
    rd_buf_put_u8(&buf, ROW_VERSION);
    rd_buf_put_u8(&buf, row->flags);
    rd_buf_put_u32(&buf, row->unit);
    rd_buf_put_i64(&buf, row->time);
    rd_buf_put_uint(&buf, row->case_number);
    rd_buf_put_uint(&buf, row->superseded_by);
    rd_buf_put_int(&buf, (row->flags & ALERT_ACKED) != 0 ? row->acked : 0);
    rd_buf_put_str(&buf, row->acked_by);
    rd_buf_put_text(&buf, row->packed);
    RD_ASSERT(buf.error == 0);
    struct row_key key = {0};
    row_key_u64(&key, seq);
    store_put(view, STORE_ALERTS, row_key_str(&key), rd_buf_str(&buf));
    rd_buf_done(&buf);
}

bool alert_row_get(struct store_view *view, uint64_t seq, struct alert_row *ret_row)
{
    struct row_key key = {0};
    row_key_u64(&key, seq);
    struct rd_str value;
    if (!store_get(view, STORE_ALERTS, row_key_str(&key), &value)) {
        return false;
    }
    struct rd_get get = rd_get_of(value);
    uint8_t version = rd_get_u8(&get);
    struct alert_row row = {.flags = rd_get_u8(&get)};
    row.unit = rd_get_u32(&get);
    row.time = rd_get_i64(&get);
    row.case_number = rd_get_uint(&get);
    row.superseded_by = rd_get_uint(&get);
    row.acked = rd_get_int(&get);
    row.acked_by = rd_get_str(&get);
    row.packed = rd_get_bytes(&get, (size_t)(get.end - get.ptr));
    RD_ASSERT(version == ROW_VERSION && get.error == 0);
    *ret_row = row;
    return true;
}

static struct row_key pair_key(uint32_t unit, uint64_t seq)
{
    struct row_key key = {0};
    row_key_u32(&key, unit);
    row_key_u64(&key, seq);
    return key;
}

static struct row_key case_key(uint64_t case_number, uint64_t seq)
{
    struct row_key key = {0};
    row_key_u64(&key, case_number);
    row_key_u64(&key, seq);
    return key;
}

void alert_row_index(
        struct store_view *view, uint64_t seq, uint32_t unit, uint64_t case_number, uint8_t flags)
{
    struct row_key by_unit = pair_key(unit, seq);
    store_put(view, STORE_ALERTS_BY_UNIT, row_key_str(&by_unit),
            (struct rd_str){(const char *)&flags, 1});
    if (case_number != 0) {
        struct row_key by_case = case_key(case_number, seq);
        store_put(view, STORE_ALERTS_BY_CASE, row_key_str(&by_case), (struct rd_str){0});
    }
}

uint64_t alert_rows_awaited(struct store_view *view, uint32_t unit)
{
    struct row_key key = pair_key(unit, 0);
    struct rd_str value;
    return store_get(view, STORE_UNACKED, row_key_str(&key), &value) ? row_key_read_u64(value, 0)
                                                                     : 0;
}

static void put_awaited(struct store_view *view, uint32_t unit, uint64_t count)
{
    struct row_key key = pair_key(unit, 0), value = {0};
    row_key_u64(&value, count);
    if (count == 0) {
        store_del(view, STORE_UNACKED, row_key_str(&key));
    } else {
        store_put(view, STORE_UNACKED, row_key_str(&key), row_key_str(&value));
    }
}

bool alert_row_is_awaited(struct store_view *view, uint32_t unit, uint64_t seq)
{
    struct row_key key = pair_key(unit, seq);
    struct rd_str value;
    return store_get(view, STORE_UNACKED, row_key_str(&key), &value);
}

void alert_row_await(struct store_view *view, uint32_t unit, uint64_t seq)
{
    struct row_key key = pair_key(unit, seq);
    store_put(view, STORE_UNACKED, row_key_str(&key), (struct rd_str){0});
    put_awaited(view, unit, alert_rows_awaited(view, unit) + 1);
}

void alert_row_settle(struct store_view *view, uint32_t unit, uint64_t seq)
{
    struct row_key key = pair_key(unit, seq);
    uint64_t count = alert_rows_awaited(view, unit);
    if (count > 0 && alert_row_is_awaited(view, unit, seq)) {
        store_del(view, STORE_UNACKED, row_key_str(&key));
        put_awaited(view, unit, count - 1);
    }
}

uint64_t alert_row_oldest_awaited(struct store_view *view, uint32_t unit)
{
    struct row_key from = pair_key(unit, 1);
    struct store_scan scan;
    struct rd_str key, value;
    uint64_t seq = 0;
    store_scan_begin(&scan, view, STORE_UNACKED, row_key_str(&from));
    if (store_scan_next(&scan, &key, &value) && row_key_read_u32(key, 0) == unit) {
        seq = row_key_read_u64(key, 4);
    }
    store_scan_end(&scan);
    return seq;
}

void alert_row_drop(struct store_view *view, uint64_t seq, uint32_t unit, uint64_t case_number)
{
    struct row_key key = {0};
    row_key_u64(&key, seq);
    store_del(view, STORE_ALERTS, row_key_str(&key));
    struct row_key by_unit = pair_key(unit, seq);
    store_del(view, STORE_ALERTS_BY_UNIT, row_key_str(&by_unit));
    if (case_number != 0) {
        struct row_key by_case = case_key(case_number, seq);
        store_del(view, STORE_ALERTS_BY_CASE, row_key_str(&by_case));
    }
}

uint64_t alert_rows_gone(struct store_view *view)
{
    struct rd_str value;
    if (!store_get(view, STORE_META, RD_STR("alerts_gone"), &value)) {
        return 0;
    }
    RD_ASSERT(value.len == sizeof(uint64_t));
    return row_key_read_u64(value, 0);
}

void alert_rows_set_gone(struct store_view *view, uint64_t seq)
{
    struct row_key value = {0};
    row_key_u64(&value, seq);
    store_put(view, STORE_META, RD_STR("alerts_gone"), row_key_str(&value));
}

size_t alert_row_bundled(
        struct store_view *view, uint32_t unit, uint64_t first, size_t max, uint64_t *ret_seqs)
{
    struct row_key from = pair_key(unit, first);
    struct store_scan scan;
    struct rd_str key, value;
    size_t count = 0;
    store_scan_begin(&scan, view, STORE_ALERTS_BY_UNIT, row_key_str(&from));
    while (count < max && store_scan_next(&scan, &key, &value) &&
            row_key_read_u32(key, 0) == unit) {
        if (((uint8_t)value.ptr[0] & ALERT_BUNDLED) != 0) {
            ret_seqs[count++] = row_key_read_u64(key, 4);
        }
    }
    store_scan_end(&scan);
    return count;
}

uint64_t alert_row_next_of_case(struct store_view *view, uint64_t case_number, uint64_t after)
{
    struct row_key from = case_key(case_number, after + 1);
    struct store_scan scan;
    struct rd_str key, value;
    store_scan_begin(&scan, view, STORE_ALERTS_BY_CASE, row_key_str(&from));
    uint64_t seq = 0;
    if (store_scan_next(&scan, &key, &value) && row_key_read_u64(key, 0) == case_number) {
        seq = row_key_read_u64(key, 8);
    }
    store_scan_end(&scan);
    return seq;
}
