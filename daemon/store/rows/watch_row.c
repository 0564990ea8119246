#include "daemon/store/rows/watch_row.h"

#include "common/base/buf.h"
#include "daemon/store/rows/key.h"

enum { ROW_VERSION = 1, ROW_BYTES_MAX = 64 * 1024 };

static struct rd_str key_of(struct row_key *key, uint32_t unit, uint16_t slot)
{
    row_key_u32(key, unit);
    row_key_u8(key, (uint8_t)(slot >> 8));
    row_key_u8(key, (uint8_t)(slot & 0xffU));
    return row_key_str(key);
}

void watch_row_put(
        struct store_view *view, uint32_t unit, uint16_t slot, const struct watch_row *row)
{
    struct row_key key = {0};
    struct rd_buf buf;
    uint8_t room[256];
    rd_buf_init_in(&buf, room, sizeof room, ROW_BYTES_MAX);
    rd_buf_put_u8(&buf, ROW_VERSION);
    rd_buf_put_i64(&buf, row->armed);
    rd_buf_put_u32(&buf, (uint32_t)row->day ^ 0x80000000U);
    rd_buf_put_u32(&buf, (uint32_t)row->done ^ 0x80000000U);
    rd_buf_put_text(&buf, row->rest);
    RD_ASSERT(buf.error == 0);
    store_put(view, STORE_WATCHES, key_of(&key, unit, slot), rd_buf_str(&buf));
    rd_buf_done(&buf);
}

bool watch_row_get(struct store_view *view, uint32_t unit, uint16_t slot, struct watch_row *ret_row)
{
    struct row_key key = {0};
    struct rd_str value;
    if (!store_get(view, STORE_WATCHES, key_of(&key, unit, slot), &value)) {
        return false;
    }
    struct rd_get get = rd_get_of(value);
    uint8_t version = rd_get_u8(&get);
    struct watch_row row = {.armed = rd_get_i64(&get)};
    row.day = (rd_day)(rd_get_u32(&get) ^ 0x80000000U);
    row.done = (rd_day)(rd_get_u32(&get) ^ 0x80000000U);
    row.rest = rd_get_bytes(&get, rd_get_left(&get));
    RD_ASSERT(version == ROW_VERSION && get.error == 0);
    *ret_row = row;
    return true;
}

bool watch_row_next(struct store_view *view, bool is_first, uint32_t *unit, uint16_t *slot)
{
    struct row_key from = {0};
    struct rd_str key, value;
    struct store_scan scan;
    if (!is_first) {
        (void)key_of(&from, *unit, *slot);
        row_key_u8(&from, 0); /* behind it */
    }
    store_scan_begin(&scan, view, STORE_WATCHES, row_key_str(&from));
    bool is_found = store_scan_next(&scan, &key, &value);
    if (is_found) {
        *unit = row_key_read_u32(key, 0);
        *slot = (uint16_t)((uint8_t)key.ptr[4] << 8 | (uint8_t)key.ptr[5]);
    }
    store_scan_end(&scan);
    return is_found;
}
