#include "daemon/store/rows/roster_row.h"

#include "common/base/buf.h"
#include "daemon/store/rows/key.h"

enum { ROW_VERSION = 1, ROW_BYTES_MAX = 512 };

static struct row_key key_of(uint32_t roster, rd_time until, uint64_t seq)
{
    struct row_key key = {0};
    row_key_u32(&key, roster);
    row_key_time(&key, until);
    row_key_u64(&key, seq);
    return key;
}

void roster_row_put(struct store_view *view, const struct roster_row *row)
{
    struct row_key key = key_of(row->roster, row->until, row->seq);
    struct rd_buf buf;
    uint8_t room[256];
    rd_buf_init_in(&buf, room, sizeof room, ROW_BYTES_MAX);
    rd_buf_put_u8(&buf, ROW_VERSION);
    rd_buf_put_u32(&buf, row->unit);
    rd_buf_put_i64(&buf, row->from);
    rd_buf_put_str(&buf, row->by);
    RD_ASSERT(buf.error == 0);
    store_put(view, STORE_ROSTERS, row_key_str(&key), rd_buf_str(&buf));
    rd_buf_done(&buf);
}

bool roster_row_next(struct store_view *view, uint32_t roster, rd_time until, uint64_t seq,
        struct roster_row *ret_row)
{
    struct row_key from = key_of(roster, until, seq + 1);
    struct store_scan scan;
    struct rd_str key, value;
    store_scan_begin(&scan, view, STORE_ROSTERS, row_key_str(&from));
    bool is_found = store_scan_next(&scan, &key, &value) && row_key_read_u32(key, 0) == roster;
    if (is_found) {
        struct rd_get get = rd_get_of(value);
        uint8_t version = rd_get_u8(&get);
        struct roster_row row = {.roster = roster,
                .unit = rd_get_u32(&get),
                .until = row_key_read_time(key, 4),
                .seq = row_key_read_u64(key, 12)};
        row.from = rd_get_i64(&get);
        row.by = rd_get_str(&get);
        int r = rd_get_end(&get);
        RD_ASSERT(version == ROW_VERSION && r == 0);
        *ret_row = row;
    }
    store_scan_end(&scan);
    return is_found;
}

bool roster_row_is_full(struct store_view *view, uint32_t roster, rd_time now)
{
    struct roster_row row = {.until = now + 1};
    size_t count = 0;
    while (count < ROSTER_STANDING_MAX && roster_row_next(view, roster, row.until, row.seq, &row)) {
        count++;
    }
    return count == ROSTER_STANDING_MAX;
}
