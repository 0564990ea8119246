#include "daemon/store/rows/approval_row.h"

#include "common/base/buf.h"
#include "common/base/sizes.h"
#include "daemon/store/rows/key.h"

enum { ROW_VERSION = 1, ROW_BYTES_MAX = RD_EVENT_BYTES_MAX + 2048, IS_QUIET = 1 };

static struct rd_str key_of(struct row_key *key, uint64_t seq)
{
    row_key_u64(key, seq);
    return row_key_str(key);
}

void approval_row_put(struct store_view *view, uint64_t seq, const struct approval_row *row)
{
    struct rd_buf buf;
    rd_buf_init(&buf, ROW_BYTES_MAX);
    rd_buf_put_u8(&buf, ROW_VERSION);
    rd_buf_put_u8(&buf, row->type);
    rd_buf_put_u8(&buf, row->is_quiet ? IS_QUIET : 0);
    rd_buf_put_i64(&buf, row->own);
    rd_buf_put_i64(&buf, row->taken);
    rd_buf_put_i64(&buf, row->armed);
    rd_buf_put_i64(&buf, row->lapses);
    rd_buf_put_uint(&buf, row->case_number);
    rd_buf_put_uint(&buf, row->alert);
    rd_buf_put_uint(&buf, row->unit);
    rd_buf_put_str(&buf, row->sender);
    rd_buf_put_str(&buf, row->source);
    rd_buf_put_str(&buf, row->event);
    RD_ASSERT(buf.error == 0); /* the door has no larger event */
    struct row_key key = {0};
    store_put(view, STORE_APPROVALS, key_of(&key, seq), rd_buf_str(&buf));
    rd_buf_done(&buf);
}

static void decode(struct rd_str value, struct approval_row *ret_row)
{
    struct rd_get get = rd_get_of(value);
    uint8_t version = rd_get_u8(&get);
    struct approval_row row = {.type = rd_get_u8(&get)};
    row.is_quiet = (rd_get_u8(&get) & IS_QUIET) != 0;
    row.own = rd_get_i64(&get);
    row.taken = rd_get_i64(&get);
    row.armed = rd_get_i64(&get);
    row.lapses = rd_get_i64(&get);
    row.case_number = rd_get_uint(&get);
    row.alert = rd_get_uint(&get);
    row.unit = (uint32_t)rd_get_uint_max(&get, UINT32_MAX);
    row.sender = rd_get_str(&get);
    row.source = rd_get_str(&get);
    row.event = rd_get_str(&get);
    int r = rd_get_end(&get);
    RD_ASSERT(version == ROW_VERSION && r == 0);
    *ret_row = row;
}

bool approval_row_get(struct store_view *view, uint64_t seq, struct approval_row *ret_row)
{
    struct row_key key = {0};
    struct rd_str value;
    if (!store_get(view, STORE_APPROVALS, key_of(&key, seq), &value)) {
        return false;
    }
    decode(value, ret_row);
    return true;
}

void approval_row_del(struct store_view *view, uint64_t seq)
{
    struct row_key key = {0};
    store_del(view, STORE_APPROVALS, key_of(&key, seq));
}

uint64_t approval_row_read(struct rd_str key, struct rd_str value, struct approval_row *ret_row)
{
    decode(value, ret_row);
    return row_key_read_u64(key, 0);
}
