#include "daemon/store/rows/gone_row.h"

enum { ROW_VERSION = 1, ROW_BYTES_MAX = 16 * 1024 };

void gone_row_put(struct store_view *view, const uint8_t customer[static RD_DIGEST_BYTES],
        uint64_t number, uint64_t entry, const uint64_t *seqs, size_t count)
{
    struct row_key key = by_key(customer, BY_KEY_GONE);
    struct rd_buf buf;
    row_key_u64(&key, number);
    row_key_u64(&key, entry);
    rd_buf_init(&buf, ROW_BYTES_MAX);
    rd_buf_put_u8(&buf, ROW_VERSION);
    for (size_t i = 0; i < count; i++) {
        rd_buf_put_uint(&buf, seqs[i]);
    }
    RD_ASSERT(buf.error == 0); /* a share's */
    store_put(view, STORE_BY_KEY, row_key_str(&key), rd_buf_str(&buf));
    rd_buf_done(&buf);
}

bool gone_row_next(struct store_view *view, const uint8_t customer[static RD_DIGEST_BYTES],
        struct row_key *key, struct rd_str *ret_value)
{
    struct row_key prefix = by_key(customer, BY_KEY_GONE), begin = key->len > 0 ? *key : prefix;
    struct store_scan scan;
    struct rd_str found;
    if (key->len > 0) {
        row_key_u8(&begin, 0); /* behind it */
    }
    store_scan_begin(&scan, view, STORE_BY_KEY, row_key_str(&begin));
    bool is_found =
            store_scan_next(&scan, &found, ret_value) && rd_str_starts(found, row_key_str(&prefix));
    if (is_found) {
        *key = (struct row_key){0};
        row_key_bytes(key, found.ptr, found.len);
    }
    store_scan_end(&scan);
    return is_found;
}

struct rd_get gone_row_read(struct rd_str value)
{
    struct rd_get get = rd_get_of(value);
    uint8_t version = rd_get_u8(&get);
    RD_ASSERT(version == ROW_VERSION && get.error == 0);
    return get;
}

uint64_t gone_row_seq(struct rd_get *get)
{
    return rd_get_left(get) > 0 ? rd_get_uint(get) : 0;
}
