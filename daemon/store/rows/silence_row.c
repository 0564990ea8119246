#include "daemon/store/rows/silence_row.h"

#include "common/base/buf.h"
#include "daemon/store/rows/key.h"

enum { ROW_VERSION = 2, ROW_BYTES_MAX = 80 * 1024 };

static struct rd_str key_of(struct row_key *key, uint64_t number)
{
    row_key_u64(key, number);
    return row_key_str(key);
}

static void put_digest(struct rd_buf *buf, const struct silence_digest *digest)
{
    rd_buf_put_uint(buf, digest->unit);
    if (digest->unit == 0) {
        return;
    }
    rd_buf_put_u8(buf, digest->severity);
    rd_buf_put_uint(buf, digest->last);
    rd_buf_put_uint(buf, digest->count);
    rd_buf_put_uint(buf, digest->listed);
    for (size_t i = 0; i < digest->listed; i++) {
        rd_buf_put_uint(buf, digest->cases[i]);
    }
}

static void get_digest(struct rd_get *get, struct silence_digest *digest)
{
    *digest = (struct silence_digest){.unit = (uint32_t)rd_get_uint_max(get, UINT32_MAX)};
    if (digest->unit == 0) {
        return;
    }
    digest->severity = rd_get_u8(get);
    digest->last = rd_get_uint(get);
    digest->count = rd_get_uint(get);
    digest->listed = (size_t)rd_get_uint_max(get, SILENCE_LISTED_MAX);
    for (size_t i = 0; i < digest->listed; i++) {
        digest->cases[i] = rd_get_uint(get);
    }
}

void silence_row_put(struct store_view *view, uint64_t number, const struct silence_row *row)
{
    struct rd_buf buf;
    rd_buf_init(&buf, ROW_BYTES_MAX);
    rd_buf_put_u8(&buf, ROW_VERSION);
    rd_buf_put_i64(&buf, row->until);
    rd_buf_put_u8(&buf, row->is_ended ? 1 : 0);
    rd_buf_put_i64(&buf, row->created);
    rd_buf_put_i64(&buf, row->armed);
    rd_buf_put_str(&buf, row->by);
    rd_buf_put_str(&buf, row->reason);
    rd_buf_put_str(&buf, row->matchers);
    put_digest(&buf, &row->digest);
    RD_ASSERT(buf.error == 0); /* the event's limits are far below */
    struct row_key key = {0};
    store_put(view, STORE_SILENCES, key_of(&key, number), rd_buf_str(&buf));
    rd_buf_done(&buf);
}

static void decode(struct rd_str value, struct silence_row *ret_row)
{
    struct rd_get get = rd_get_of(value);
    uint8_t version = rd_get_u8(&get);
    struct silence_row row = {.until = rd_get_i64(&get)};
    row.is_ended = rd_get_u8(&get) != 0;
    row.created = rd_get_i64(&get);
    row.armed = rd_get_i64(&get);
    row.by = rd_get_str(&get);
    row.reason = rd_get_str(&get);
    row.matchers = rd_get_str(&get);
    get_digest(&get, &row.digest);
    int r = rd_get_end(&get);
    RD_ASSERT(version == ROW_VERSION && r == 0);
    *ret_row = row;
}

bool silence_row_get(struct store_view *view, uint64_t number, struct silence_row *ret_row)
{
    struct row_key key = {0};
    struct rd_str value;
    if (!store_get(view, STORE_SILENCES, key_of(&key, number), &value)) {
        return false;
    }
    decode(value, ret_row);
    return true;
}

void silence_row_del(struct store_view *view, uint64_t number)
{
    struct row_key key = {0};
    store_del(view, STORE_SILENCES, key_of(&key, number));
}

uint64_t silence_row_read(struct rd_str key, struct rd_str value, struct silence_row *ret_row)
{
    decode(value, ret_row);
    return row_key_read_u64(key, 0);
}
