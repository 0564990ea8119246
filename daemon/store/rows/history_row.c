#include "daemon/store/rows/history_row.h"

#include "common/buf.h"
#include "daemon/store/rows/key.h"

enum { ROW_VERSION = 1, ROW_BYTES_MAX = 80 * 1024, ROW_BYTES_USUAL = 512 };

static struct rd_str key_of(struct row_key *key, uint64_t case_number, uint32_t place)
{
    row_key_u64(key, case_number);
    row_key_u32(key, place);
    return row_key_str(key);
}

void history_row_put(struct store_view *view, uint64_t case_number, uint32_t place,
        const struct history_row *row)
{
    struct rd_buf buf;
    uint8_t room[ROW_BYTES_USUAL];
    rd_buf_init_in(&buf, room, sizeof room, ROW_BYTES_MAX);
    rd_buf_put_u8(&buf, ROW_VERSION);
    rd_buf_put_u8(&buf, (uint8_t)row->what);
    rd_buf_put_uint(&buf, row->code);
    rd_buf_put_int(&buf, row->time);
    rd_buf_put_int(&buf, row->taken);
    rd_buf_put_uint(&buf, row->seq);
    rd_buf_put_str(&buf, row->by);
    rd_buf_put_str(&buf, row->note);
    RD_ASSERT(buf.error == 0);
    struct row_key key = {0};
    store_put(view, STORE_HISTORY, key_of(&key, case_number, place), rd_buf_str(&buf));
    rd_buf_done(&buf);
}

bool history_row_get(
        struct store_view *view, uint64_t case_number, uint32_t place, struct history_row *ret_row)
{
    struct row_key key = {0};
    struct rd_str value;
    if (!store_get(view, STORE_HISTORY, key_of(&key, case_number, place), &value)) {
        return false;
    }
    struct rd_get get = rd_get_of(value);
    uint8_t version = rd_get_u8(&get);
    struct history_row row = {.what = (enum history_what)rd_get_u8(&get)};
    row.code = (uint32_t)rd_get_uint_max(&get, UINT32_MAX);
    row.time = rd_get_int(&get);
    row.taken = rd_get_int(&get);
    row.seq = rd_get_uint(&get);
    row.by = rd_get_str(&get);
    row.note = rd_get_str(&get);
    int r = rd_get_end(&get);
    RD_ASSERT(version == ROW_VERSION && r == 0);
    *ret_row = row;
    return true;
}
