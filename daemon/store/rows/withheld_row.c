#include "daemon/store/rows/withheld_row.h"

#include "common/base/buf.h"
#include "daemon/store/rows/key.h"

enum { ROW_VERSION = 1, ROW_BYTES_MAX = 16 };

static struct rd_str key_of(struct row_key *at, const struct withheld_key *key)
{
    row_key_u64(at, key->silence);
    row_key_u32(at, key->unit);
    row_key_u64(at, key->case_number);
    row_key_u8(at, key->type);
    row_key_u8(at, key->rung);
    row_key_u32(at, key->clock);
    return row_key_str(at);
}

void withheld_row_put(
        struct store_view *view, const struct withheld_key *key, const struct withheld_row *row)
{
    struct rd_buf buf;
    uint8_t room[ROW_BYTES_MAX];
    rd_buf_init_in(&buf, room, sizeof room, ROW_BYTES_MAX);
    rd_buf_put_u8(&buf, ROW_VERSION);
    rd_buf_put_u8(&buf, row->severity);
    rd_buf_put_uint(&buf, row->moments);
    RD_ASSERT(buf.error == 0);
    struct row_key at = {0};
    store_put(view, STORE_WITHHELD, key_of(&at, key), rd_buf_str(&buf));
    rd_buf_done(&buf);
}

bool withheld_row_has(struct store_view *view, const struct withheld_key *key)
{
    struct row_key at = {0};
    struct rd_str value;
    return store_get(view, STORE_WITHHELD, key_of(&at, key), &value);
}

void withheld_row_del(struct store_view *view, const struct withheld_key *key)
{
    struct row_key at = {0};
    store_del(view, STORE_WITHHELD, key_of(&at, key));
}

bool withheld_row_first(struct store_view *view, uint64_t silence, struct withheld_key *ret_key,
        struct withheld_row *ret_row)
{
    struct row_key from = {0};
    row_key_u64(&from, silence);
    struct store_scan scan;
    struct rd_str key, value;
    store_scan_begin(&scan, view, STORE_WITHHELD, row_key_str(&from));
    bool is_found = store_scan_next(&scan, &key, &value) && row_key_read_u64(key, 0) == silence;
    if (is_found) {
        *ret_key = (struct withheld_key){.silence = silence,
                .unit = row_key_read_u32(key, 8),
                .case_number = row_key_read_u64(key, 12),
                .type = (uint8_t)key.ptr[20],
                .rung = (uint8_t)key.ptr[21],
                .clock = row_key_read_u32(key, 22)};
        struct rd_get get = rd_get_of(value);
        uint8_t version = rd_get_u8(&get);
        *ret_row = (struct withheld_row){.severity = rd_get_u8(&get)};
        ret_row->moments = (uint32_t)rd_get_uint_max(&get, UINT32_MAX);
        int r = rd_get_end(&get);
        RD_ASSERT(version == ROW_VERSION && r == 0);
    }
    store_scan_end(&scan);
    return is_found;
}
