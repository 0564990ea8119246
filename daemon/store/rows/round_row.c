#include "daemon/store/rows/round_row.h"

#include "common/base/buf.h"
#include "daemon/store/rows/key.h"

enum { ROW_VERSION = 1, ROW_BYTES_MAX = 1024 };

static struct rd_str key_of(
        struct row_key *key, uint32_t unit, const uint8_t digest[static RD_DIGEST_BYTES])
{
    row_key_u32(key, unit);
    row_key_bytes(key, digest, RD_DIGEST_BYTES);
    return row_key_str(key);
}

void round_row_put(struct store_view *view, uint32_t unit,
        const uint8_t digest[static RD_DIGEST_BYTES], const struct round_row *row)
{
    struct row_key key = {0};
    struct rd_buf buf;
    uint8_t room[256];
    rd_buf_init_in(&buf, room, sizeof room, ROW_BYTES_MAX);
    rd_buf_put_u8(&buf, ROW_VERSION);
    rd_buf_put_uint(&buf, row->screened);
    rd_buf_put_uint(&buf, row->at_risk);
    rd_buf_put_uint(&buf, row->cleared);
    rd_buf_put_i64(&buf, row->first);
    rd_buf_put_i64(&buf, row->newest);
    rd_buf_put_str(&buf, row->round);
    RD_ASSERT(buf.error == 0);
    store_put(view, STORE_ROUNDS, key_of(&key, unit, digest), rd_buf_str(&buf));
    rd_buf_done(&buf);
}

struct round_row round_row_read(struct rd_str value)
{
    struct rd_get get = rd_get_of(value);
    uint8_t version = rd_get_u8(&get);
    struct round_row row = {.screened = rd_get_uint(&get)};
    row.at_risk = rd_get_uint(&get);
    row.cleared = rd_get_uint(&get);
    row.first = rd_get_i64(&get);
    row.newest = rd_get_i64(&get);
    row.round = rd_get_str(&get);
    int r = rd_get_end(&get);
    RD_ASSERT(version == ROW_VERSION && r == 0);
    return row;
}

bool round_row_get(struct store_view *view, uint32_t unit,
        const uint8_t digest[static RD_DIGEST_BYTES], struct round_row *ret_row)
{
    struct row_key key = {0};
    struct rd_str value;
    bool is_found = store_get(view, STORE_ROUNDS, key_of(&key, unit, digest), &value);
    if (is_found) {
        *ret_row = round_row_read(value);
    }
    return is_found;
}
