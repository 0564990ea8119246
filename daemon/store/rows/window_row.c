#include "daemon/store/rows/window_row.h"

#include "common/base/buf.h"
#include "common/base/sizes.h"
#include "daemon/store/rows/by_key.h"

enum { ROW_VERSION = 1, MEMBERS = 255 /* in place of a table: several keys of `by_key` */ };

static struct row_key member_prefix(uint64_t window, const uint8_t key[static 16])
{
    struct row_key prefix = by_key(key, BY_KEY_MEMBER);
    row_key_u64(&prefix, window);
    return prefix;
}

/* In `latches` and `patterns`. */
static struct row_key latch_key(uint64_t window, const uint8_t key[static 16])
{
    struct row_key prefix = {0};
    row_key_u64(&prefix, window);
    row_key_bytes(&prefix, key, 16);
    return prefix;
}

/* ---- values of a window that counts distinct ones ---- */

enum { VALUE = 16, DISTINCT_KEY = BY_KEY_PREFIX + 8 + VALUE + 8 + 8 };

static struct row_key value_prefix(struct row_key members, const uint8_t value[static VALUE])
{
    row_key_bytes(&members, value, VALUE);
    return members;
}

static struct row_key newest_prefix(uint64_t window, const uint8_t key[static 16])
{
    struct row_key prefix = by_key(key, BY_KEY_NEWEST);
    row_key_u64(&prefix, window);
    return prefix;
}

static struct row_key newest_key(
        struct row_key prefix, rd_time time, const uint8_t value[static VALUE])
{
    row_key_time(&prefix, time);
    row_key_bytes(&prefix, value, VALUE);
    return prefix;
}

/* The time of the newest member of a value. False: it has none. */
static bool newest_of(struct store_view *view, struct row_key value, rd_time *ret_time)
{
    struct row_key end = value;
    struct rd_str found, row;
    row_key_time(&end, RD_TIME_MAX);
    if (!store_last(view, STORE_BY_KEY, row_key_str(&value), row_key_str(&end), &found, &row)) {
        return false;
    }
    *ret_time = row_key_read_time(found, value.len);
    return true;
}

/* Before the member is put. */
static void move_newest(struct store_view *view, const struct window_member *member)
{
    struct row_key prefix = newest_prefix(member->window, member->key);
    struct row_key to = newest_key(prefix, member->time, member->distinct);
    rd_time before;
    if (newest_of(view, value_prefix(member_prefix(member->window, member->key), member->distinct),
                &before)) {
        if (before >= member->time) {
            return;
        }
        struct row_key from = newest_key(prefix, before, member->distinct);
        store_del(view, STORE_BY_KEY, row_key_str(&from));
    }
    store_put(view, STORE_BY_KEY, row_key_str(&to), (struct rd_str){0});
}

/* After a member was deleted: the newest of its value may be another now, or none. */
static void settle_newest(struct store_view *view, struct rd_str gone)
{
    if (gone.len != DISTINCT_KEY || gone.ptr[BY_KEY_DIGEST] != BY_KEY_MEMBER) {
        return;
    }
    uint8_t key[BY_KEY_DIGEST], value[VALUE];
    memcpy(key, gone.ptr, sizeof key);
    memcpy(value, gone.ptr + BY_KEY_PREFIX + 8, sizeof value);
    uint64_t window = row_key_read_u64(gone, BY_KEY_PREFIX);
    rd_time time = row_key_read_time(gone, BY_KEY_PREFIX + 8 + VALUE), left;
    struct row_key prefix = newest_prefix(window, key);
    bool is_left = newest_of(view, value_prefix(member_prefix(window, key), value), &left);
    if (is_left && left >= time) {
        return;
    }
    struct row_key from = newest_key(prefix, time, value);
    store_del(view, STORE_BY_KEY, row_key_str(&from));
    if (is_left) {
        struct row_key to = newest_key(prefix, left, value);
        store_put(view, STORE_BY_KEY, row_key_str(&to), (struct rd_str){0});
    }
}

void window_member_put(
        struct store_view *view, const struct window_member *member, struct row_key *ret_key)
{
    struct row_key key = member_prefix(member->window, member->key);
    if (member->has_distinct) {
        move_newest(view, member);
        row_key_bytes(&key, member->distinct, sizeof member->distinct);
    }
    row_key_time(&key, member->time);
    row_key_u64(&key, member->seq);
    store_put(view, STORE_BY_KEY, row_key_str(&key), (struct rd_str){0});
    *ret_key = key;
}

/* ---- counting ---- */

static uint32_t count_members(
        struct store_view *view, const struct window_member *self, rd_time from, uint32_t max)
{
    struct row_key prefix = member_prefix(self->window, self->key), begin = prefix;
    row_key_time(&begin, from + 1);
    struct store_scan scan;
    struct rd_str at, value;
    uint32_t count = 0;
    store_scan_begin(&scan, view, STORE_BY_KEY, row_key_str(&begin));
    while (count < max && store_scan_next(&scan, &at, &value)) {
        if (!rd_str_starts(at, row_key_str(&prefix)) ||
                row_key_read_time(at, prefix.len) > self->time) {
            break;
        }
        count++;
    }
    store_scan_end(&scan);
    return count;
}

/* Has a value a member in from < time ≤ until? */
static bool has_member(struct store_view *view, struct row_key value, rd_time from, rd_time until)
{
    struct row_key begin = value;
    row_key_time(&begin, from + 1);
    struct store_scan scan;
    struct rd_str at, row;
    store_scan_begin(&scan, view, STORE_BY_KEY, row_key_str(&begin));
    bool is_found = store_scan_next(&scan, &at, &row) && rd_str_starts(at, row_key_str(&value)) &&
                    row_key_read_time(at, value.len) <= until;
    store_scan_end(&scan);
    return is_found;
}

/* The values by their newest members: those whose newest is too old are never looked at, however
 * many they are. One whose newest is younger than self may have an older one that counts. */
static uint32_t count_values(struct store_view *view, const struct window_member *self,
        rd_time from, uint32_t max, bool *ret_has_own)
{
    const struct row_key members = member_prefix(self->window, self->key);
    const struct row_key prefix = newest_prefix(self->window, self->key);
    struct row_key begin = prefix;
    row_key_time(&begin, from + 1);
    struct store_scan scan;
    struct rd_str at, row;
    uint32_t count = 0;
    store_scan_begin(&scan, view, STORE_BY_KEY, row_key_str(&begin));
    while (count < max && store_scan_next(&scan, &at, &row) &&
            rd_str_starts(at, row_key_str(&prefix))) {
        uint8_t value[VALUE];
        memcpy(value, at.ptr + prefix.len + 8, sizeof value);
        if (row_key_read_time(at, prefix.len) <= self->time ||
                has_member(view, value_prefix(members, value), from, self->time)) {
            count++;
            *ret_has_own = *ret_has_own || memcmp(value, self->distinct, sizeof value) == 0;
        }
    }
    store_scan_end(&scan);
    return count;
}

uint32_t window_count(struct store_view *view, const struct window_member *self, rd_time from,
        uint32_t max, bool *ret_has_own)
{
    struct row_key prefix = member_prefix(self->window, self->key);
    *ret_has_own = false;
    if (!store_may_have(view, STORE_BY_KEY, row_key_str(&prefix))) {
        return 0;
    }
    return self->has_distinct ? count_values(view, self, from, max, ret_has_own)
                              : count_members(view, self, from, max);
}

bool window_next(struct store_view *view, uint64_t window, const uint8_t key[static 16],
        struct row_key *at, rd_time *ret_time, uint64_t *ret_seq)
{
    struct row_key prefix = member_prefix(window, key), begin = at->len > 0 ? *at : prefix;
    if (at->len > 0) {
        row_key_u8(&begin, 0); /* behind it */
    }
    struct store_scan scan;
    struct rd_str found, value;
    store_scan_begin(&scan, view, STORE_BY_KEY, row_key_str(&begin));
    bool is_found =
            store_scan_next(&scan, &found, &value) && rd_str_starts(found, row_key_str(&prefix));
    if (is_found) {
        *at = (struct row_key){0};
        row_key_bytes(at, found.ptr, found.len);
        *ret_time = row_key_read_time(found, found.len - 16);
        *ret_seq = row_key_read_u64(found, found.len - 8);
    }
    store_scan_end(&scan);
    return is_found;
}

void pattern_put(struct store_view *view, uint64_t alert, const struct window_member *member)
{
    struct row_key at = {0}, what = latch_key(member->window, member->key);
    row_key_u64(&at, alert);
    row_key_time(&what, member->time);
    store_put(view, STORE_PATTERNS, row_key_str(&at), row_key_str(&what));
}

bool pattern_get(struct store_view *view, uint64_t alert, uint64_t *ret_window,
        uint8_t ret_key[static 16], rd_time *ret_time)
{
    struct row_key at = {0};
    struct rd_str what;
    row_key_u64(&at, alert);
    if (!store_get(view, STORE_PATTERNS, row_key_str(&at), &what)) {
        return false;
    }
    RD_ASSERT(what.len == 32);
    *ret_window = row_key_read_u64(what, 0);
    memcpy(ret_key, what.ptr + 8, 16);
    *ret_time = row_key_read_time(what, 24);
    return true;
}

bool latch_is_set(struct store_view *view, uint64_t window, const uint8_t key[static 16])
{
    struct row_key at = latch_key(window, key);
    struct rd_str value;
    return store_get(view, STORE_LATCHES, row_key_str(&at), &value);
}

void latch_set(struct store_view *view, uint64_t window, const uint8_t key[static 16], bool is_set)
{
    struct row_key at = latch_key(window, key);
    if (is_set) {
        store_put(view, STORE_LATCHES, row_key_str(&at), (struct rd_str){0});
    } else {
        store_del(view, STORE_LATCHES, row_key_str(&at));
    }
}

void ledger_row_put(struct store_view *view, uint64_t seq, const struct ledger_row *row)
{
    struct rd_buf buf;
    uint8_t room[1024];
    rd_buf_init_in(&buf, room, sizeof room, RD_WARNING_BYTES_MAX + 256);
    rd_buf_put_u8(&buf, ROW_VERSION);
    bool has_complained = row->complained != RD_TIME_NONE;
    rd_buf_put_u8(&buf, (uint8_t)((row->is_contact ? 1U : 0) | (has_complained ? 2U : 0) |
                                  (row->is_text ? 4U : 0) | (row->sender.len > 0 ? 8U : 0)));
    rd_buf_put_u8(&buf, (uint8_t)row->level);
    rd_buf_put_u32(&buf, row->unit);
    rd_buf_put_i64(&buf, row->time);
    rd_buf_put_i64(&buf, row->complained);
    rd_buf_put_u64(&buf, row->case_number);
    rd_buf_put(&buf, row->customer, 16);
    if (row->sender.len > 0) {
        rd_buf_put_str(&buf, row->sender);
    }
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
    ret_row->is_text = (flags & 4U) != 0;
    ret_row->level = (enum rd_level)rd_get_u8(&get);
    ret_row->unit = rd_get_u32(&get);
    ret_row->time = rd_get_i64(&get);
    ret_row->complained = rd_get_i64(&get);
    ret_row->case_number = rd_get_u64(&get);
    struct rd_str customer = rd_get_bytes(&get, 16);
    ret_row->sender = (flags & 8U) != 0 ? rd_get_str(&get) : (struct rd_str){0};
    ret_row->warning = rd_get_bytes(&get, (size_t)(get.end - get.ptr));
    RD_ASSERT(version == ROW_VERSION && get.error == 0);
    memcpy(ret_row->customer, customer.ptr, 16);
}

void ledger_index(struct store_view *view, const struct ledger_row *row, uint64_t seq,
        struct row_key *ret_key)
{
    struct row_key key = by_key(row->customer, BY_KEY_CONTACT);
    row_key_time(&key, row->time);
    row_key_u64(&key, seq);
    store_put(view, STORE_BY_KEY, row_key_str(&key), (struct rd_str){0});
    *ret_key = key;
}

bool ledger_before(
        struct store_view *view, const uint8_t customer[static 16], rd_time *time, uint64_t *seq)
{
    struct row_key all = by_key(customer, BY_KEY_CONTACT), key = all;
    row_key_time(&key, *time);
    row_key_u64(&key, *seq);
    struct rd_str prefix = row_key_str(&all), found, value;
    if (!store_may_have(view, STORE_BY_KEY, prefix) ||
            !store_last(view, STORE_BY_KEY, prefix, row_key_str(&key), &found, &value)) {
        return false;
    }
    *time = row_key_read_time(found, BY_KEY_PREFIX);
    *seq = row_key_read_u64(found, BY_KEY_PREFIX + 8);
    return true;
}

static struct row_key expiry_key(int32_t day, uint64_t seq, uint8_t place)
{
    struct row_key at = {0};
    row_key_u32(&at, (uint32_t)day ^ 0x80000000U);
    row_key_u64(&at, seq);
    row_key_u8(&at, place);
    return at;
}

void expiry_put(struct store_view *view, int32_t day, uint64_t seq, uint8_t place,
        enum store_table table, struct rd_str key)
{
    struct row_key at = expiry_key(day, seq, place), what = {0};
    row_key_u8(&what, (uint8_t)table);
    row_key_bytes(&what, key.ptr, key.len);
    store_put(view, STORE_EXPIRY, row_key_str(&at), row_key_str(&what));
}

void expiry_put_members(struct store_view *view, int32_t day, uint64_t seq, uint8_t place,
        const struct row_key *keys, size_t count)
{
    struct row_key at = expiry_key(day, seq, place);
    struct rd_buf what;
    rd_buf_init(&what, 64 * 1024);
    rd_buf_put_u8(&what, MEMBERS);
    for (size_t i = 0; i < count; i++) {
        rd_buf_put_u8(&what, (uint8_t)keys[i].len);
        rd_buf_put(&what, keys[i].bytes, keys[i].len);
    }
    RD_ASSERT(what.error == 0);
    store_put(view, STORE_EXPIRY, row_key_str(&at), rd_buf_str(&what));
    rd_buf_done(&what);
}

/* The queue stands before all days: key first day, seq, 0 → customer, last u64. */
static struct row_key forgotten_key(const struct forgotten *forgotten)
{
    return expiry_key(INT32_MIN, forgotten->seq, 0);
}

void forgotten_put(struct store_view *view, const struct forgotten *forgotten)
{
    struct row_key at = forgotten_key(forgotten), what = {0};
    row_key_bytes(&what, forgotten->customer, sizeof forgotten->customer);
    row_key_u64(&what, forgotten->last);
    store_put(view, STORE_EXPIRY, row_key_str(&at), row_key_str(&what));
}

void forgotten_del(struct store_view *view, const struct forgotten *forgotten)
{
    struct row_key at = forgotten_key(forgotten);
    store_del(view, STORE_EXPIRY, row_key_str(&at));
}

bool forgotten_first(struct store_view *view, struct forgotten *ret_forgotten)
{
    struct store_scan scan;
    struct rd_str at, what;
    store_scan_begin(&scan, view, STORE_EXPIRY, (struct rd_str){0});
    bool is_found = store_scan_next(&scan, &at, &what) && row_key_read_u32(at, 0) == 0;
    if (is_found) {
        *ret_forgotten = (struct forgotten){
                .seq = row_key_read_u64(at, 4), .last = row_key_read_u64(what, 16)};
        memcpy(ret_forgotten->customer, what.ptr, sizeof ret_forgotten->customer);
    }
    store_scan_end(&scan);
    return is_found;
}

static void expire(struct store_view *view, struct rd_str what)
{
    uint8_t table = (uint8_t)what.ptr[0];
    struct rd_str rest = {what.ptr + 1, what.len - 1};
    if (table != MEMBERS) {
        store_del(view, (enum store_table)table, rest);
        if (table == STORE_BY_KEY) {
            settle_newest(view, rest);
        }
        return;
    }
    while (rest.len > 0) {
        size_t len = (uint8_t)rest.ptr[0];
        RD_ASSERT(len > 0 && len < rest.len);
        struct rd_str member = {rest.ptr + 1, len};
        store_del(view, STORE_BY_KEY, member);
        settle_newest(view, member);
        rest = (struct rd_str){rest.ptr + 1 + len, rest.len - 1 - len};
    }
}

uint32_t expiry_sweep(struct store_view *view, int32_t day, uint32_t limit, struct row_key *from)
{
    struct store_scan scan;
    struct rd_str at, what;
    uint32_t count = 0;
    if (from->len == 0) {
        *from = expiry_key(INT32_MIN + 1, 0, 0); /* behind the queue of what is forgotten */
    }
    store_scan_begin(&scan, view, STORE_EXPIRY, row_key_str(from));
    while (count < limit && store_scan_next(&scan, &at, &what)) {
        if ((int32_t)(row_key_read_u32(at, 0) ^ 0x80000000U) >= day) {
            break;
        }
        *from = (struct row_key){0};
        row_key_bytes(from, at.ptr, at.len);
        expire(view, what);
        store_del(view, STORE_EXPIRY, row_key_str(from));
        count++;
    }
    store_scan_end(&scan);
    return count;
}
