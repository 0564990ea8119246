#include "daemon/store/rows/window_row.h"

#include "common/buf.h"
#include "daemon/store/rows/key.h"

enum { ROW_VERSION = 1, DISTINCT_MAX = 1024 };

static struct row_key window_prefix(uint64_t window, const uint8_t key[static 16])
{
    struct row_key prefix = {0};
    row_key_u64(&prefix, window);
    row_key_bytes(&prefix, key, 16);
    return prefix;
}

void window_member_put(
        struct store_view *view, const struct window_member *member, struct row_key *ret_key)
{
    struct row_key key = window_prefix(member->window, member->key);
    row_key_time(&key, member->time);
    row_key_u64(&key, member->seq);
    struct rd_str value = {0};
    if (member->has_distinct) {
        value = (struct rd_str){(const char *)member->distinct, 16};
    }
    store_put(view, STORE_WINDOWS, row_key_str(&key), value);
    *ret_key = key;
}

/* True if it was not among the `count` seen. A linear look: windows count to a few. */
static bool is_new(const uint8_t (*seen)[16], uint32_t count, const char *value)
{
    for (uint32_t i = 0; i < count; i++) {
        if (memcmp(seen[i], value, 16) == 0) {
            return false;
        }
    }
    return true;
}

uint32_t window_count(struct store_view *view, const struct window_member *self, rd_time from,
        uint32_t max, bool *ret_has_own)
{
    RD_ASSERT(max <= DISTINCT_MAX);
    uint8_t seen[DISTINCT_MAX][16];
    struct row_key prefix = window_prefix(self->window, self->key), begin = prefix;
    row_key_time(&begin, from + 1);
    struct store_scan scan;
    struct rd_str at, value;
    uint32_t count = 0;
    *ret_has_own = false;
    store_scan_begin(&scan, view, STORE_WINDOWS, row_key_str(&begin));
    while (count < max && store_scan_next(&scan, &at, &value)) {
        if (!rd_str_starts(at, row_key_str(&prefix)) ||
                row_key_read_time(at, prefix.len) > self->time) {
            break;
        }
        if (!self->has_distinct) {
            count++;
        } else if (value.len == 16 && is_new(seen, count, value.ptr)) {
            *ret_has_own = *ret_has_own || memcmp(value.ptr, self->distinct, 16) == 0;
            memcpy(seen[count++], value.ptr, 16);
        }
    }
    store_scan_end(&scan);
    return count;
}

bool latch_is_set(struct store_view *view, uint64_t window, const uint8_t key[static 16])
{
    struct row_key at = window_prefix(window, key);
    struct rd_str value;
    return store_get(view, STORE_LATCHES, row_key_str(&at), &value);
}

void latch_set(struct store_view *view, uint64_t window, const uint8_t key[static 16], bool is_set)
{
    struct row_key at = window_prefix(window, key);
    if (is_set) {
        store_put(view, STORE_LATCHES, row_key_str(&at), (struct rd_str){0});
    } else {
        store_del(view, STORE_LATCHES, row_key_str(&at));
    }
}

void ledger_row_put(struct store_view *view, uint64_t seq, const struct ledger_row *row)
{
    struct rd_buf buf;
    rd_buf_init(&buf, 128 * 1024);
    rd_buf_put_u8(&buf, ROW_VERSION);
    bool has_complained = row->complained != RD_TIME_NONE;
    rd_buf_put_u8(&buf, (uint8_t)((row->is_contact ? 1U : 0) | (has_complained ? 2U : 0)));
    rd_buf_put_u8(&buf, (uint8_t)row->level);
    rd_buf_put_u32(&buf, row->unit);
    rd_buf_put_i64(&buf, row->time);
    rd_buf_put_i64(&buf, row->complained);
    rd_buf_put_u64(&buf, row->case_number);
    rd_buf_put(&buf, row->customer, 16);
    rd_buf_put_text(&buf, row->warning);
    RD_ASSERT(buf.error == 0);
    struct row_key key = {0};
    row_key_u64(&key, seq);
    store_put(view, STORE_LEDGER, row_key_str(&key), rd_buf_str(&buf));
    rd_buf_done(&buf);
}

bool ledger_row_get(struct store_view *view, uint64_t seq, struct ledger_row *ret_row)
{
    struct row_key key = {0};
    row_key_u64(&key, seq);
    struct rd_str value;
    if (!store_get(view, STORE_LEDGER, row_key_str(&key), &value)) {
        return false;
    }
    ledger_row_decode(value, ret_row);
    return true;
}

void ledger_row_decode(struct rd_str value, struct ledger_row *ret_row)
{
    struct rd_get get = rd_get_of(value);
    uint8_t version = rd_get_u8(&get);
    uint8_t flags = rd_get_u8(&get);
    ret_row->is_contact = (flags & 1U) != 0;
    ret_row->level = (enum rd_level)rd_get_u8(&get);
    ret_row->unit = rd_get_u32(&get);
    ret_row->time = rd_get_i64(&get);
    ret_row->complained = rd_get_i64(&get);
    ret_row->case_number = rd_get_u64(&get);
    struct rd_str customer = rd_get_bytes(&get, 16);
    ret_row->warning = rd_get_bytes(&get, (size_t)(get.end - get.ptr));
    RD_ASSERT(version == ROW_VERSION && get.error == 0);
    memcpy(ret_row->customer, customer.ptr, 16);
}

void ledger_index(struct store_view *view, const struct ledger_row *row, uint64_t seq,
        struct row_key *ret_key)
{
    struct row_key key = {0};
    row_key_bytes(&key, row->customer, 16);
    row_key_time(&key, row->time);
    row_key_u64(&key, seq);
    store_put(view, STORE_LEDGER_BY_CUSTOMER, row_key_str(&key), (struct rd_str){0});
    *ret_key = key;
}

bool ledger_before(
        struct store_view *view, const uint8_t customer[static 16], rd_time *time, uint64_t *seq)
{
    struct row_key key = {0};
    row_key_bytes(&key, customer, 16);
    row_key_time(&key, *time);
    row_key_u64(&key, *seq);
    struct rd_str prefix = {(const char *)customer, 16}, found, value;
    if (!store_last(view, STORE_LEDGER_BY_CUSTOMER, prefix, row_key_str(&key), &found, &value)) {
        return false;
    }
    *time = row_key_read_time(found, 16);
    *seq = row_key_read_u64(found, 24);
    return true;
}

void expiry_put(struct store_view *view, int32_t day, uint64_t seq, uint8_t place,
        enum store_table table, struct rd_str key)
{
    struct row_key at = {0}, what = {0};
    row_key_u32(&at, (uint32_t)day ^ 0x80000000U);
    row_key_u64(&at, seq);
    row_key_u8(&at, place);
    row_key_u8(&what, (uint8_t)table);
    row_key_bytes(&what, key.ptr, key.len);
    store_put(view, STORE_EXPIRY, row_key_str(&at), row_key_str(&what));
}

uint32_t expiry_sweep(struct store_view *view, int32_t day, uint32_t limit, struct row_key *from)
{
    struct store_scan scan;
    struct rd_str at, what;
    uint32_t count = 0;
    store_scan_begin(&scan, view, STORE_EXPIRY, row_key_str(from));
    while (count < limit && store_scan_next(&scan, &at, &what)) {
        if ((int32_t)(row_key_read_u32(at, 0) ^ 0x80000000U) >= day) {
            break;
        }
        *from = (struct row_key){0};
        row_key_bytes(from, at.ptr, at.len);
        store_del(view, (enum store_table)(uint8_t)what.ptr[0],
                (struct rd_str){what.ptr + 1, what.len - 1});
        store_del(view, STORE_EXPIRY, row_key_str(from));
        count++;
    }
    store_scan_end(&scan);
    return count;
}
