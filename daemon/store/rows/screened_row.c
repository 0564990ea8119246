#include "daemon/store/rows/screened_row.h"

#include "common/base/buf.h"

enum { ROW_VERSION = 2, ROW_BYTES_MAX = 4096 };

void screened_row_put(
        struct store_view *view, struct rd_str contract, const struct screened_row *row)
{
    struct rd_buf buf;
    rd_buf_init(&buf, ROW_BYTES_MAX);
    rd_buf_put_u8(&buf, ROW_VERSION);
    rd_buf_put_str(&buf, row->risk);
    rd_buf_put_str(&buf, row->round);
    rd_buf_put_u32(&buf, row->unit);
    rd_buf_put_i64(&buf, row->time);
    rd_buf_put_i64(&buf, row->cleared);
    rd_buf_put_u64(&buf, row->seq);
    RD_ASSERT(buf.error == 0);
    store_put(view, STORE_SCREENED, contract, rd_buf_str(&buf));
    rd_buf_done(&buf);
}

void screened_row_del(struct store_view *view, struct rd_str contract)
{
    store_del(view, STORE_SCREENED, contract);
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
    int r = rd_get_end(&get);
    RD_ASSERT(version == ROW_VERSION && r == 0);
    *ret_row = row;
    return true;
}
