#include "daemon/store/rows/retention_row.h"

#include <string.h>

#include "common/base/buf.h"

enum { ROW_VERSION = 1, ROW_BYTES_MAX = 128 + RETENTION_KEY_MAX };

#define NAME RD_STR("retention")

bool retention_row_get(struct store_view *view, struct retention_row *ret_row)
{
    struct rd_str value;
    if (!store_get(view, STORE_META, NAME, &value)) {
        return false;
    }
    struct rd_get get = rd_get_of(value);
    uint8_t version = rd_get_u8(&get);
    struct retention_row row = {.day = (int32_t)rd_get_u32(&get)};
    row.stage = (enum retention_stage)rd_get_u8(&get);
    row.at = rd_get_u64(&get);
    row.last = rd_get_u64(&get);
    row.texts_from = rd_get_i64(&get);
    row.texts_until = rd_get_i64(&get);
    row.work = (enum retention_work)rd_get_u8(&get);
    row.number = rd_get_u64(&get);
    row.entry = rd_get_u64(&get);
    struct rd_str customer = rd_get_bytes(&get, sizeof row.customer);
    row.key = rd_get_bytes(&get, (size_t)(get.end - get.ptr));
    RD_ASSERT(version == ROW_VERSION && get.error == 0);
    memcpy(row.customer, customer.ptr, sizeof row.customer);
    *ret_row = row;
    return true;
}

void retention_row_put(struct store_view *view, const struct retention_row *row)
{
    struct rd_buf buf;
    uint8_t room[ROW_BYTES_MAX];
    rd_buf_init_in(&buf, room, sizeof room, sizeof room);
    rd_buf_put_u8(&buf, ROW_VERSION);
    rd_buf_put_u32(&buf, (uint32_t)row->day);
    rd_buf_put_u8(&buf, (uint8_t)row->stage);
    rd_buf_put_u64(&buf, row->at);
    rd_buf_put_u64(&buf, row->last);
    rd_buf_put_i64(&buf, row->texts_from);
    rd_buf_put_i64(&buf, row->texts_until);
    rd_buf_put_u8(&buf, (uint8_t)row->work);
    rd_buf_put_u64(&buf, row->number);
    rd_buf_put_u64(&buf, row->entry);
    rd_buf_put(&buf, row->customer, sizeof row->customer);
    rd_buf_put_text(&buf, row->key);
    RD_ASSERT(buf.error == 0);
    store_put(view, STORE_META, NAME, rd_buf_str(&buf));
    rd_buf_done(&buf);
}
