#include "daemon/store/rows/index_row.h"

#include "common/base/buf.h"
#include "common/base/digest.h"
#include "daemon/store/rows/by_key.h"

enum { HIDDEN = 2 }; /* no subject begins with it */

static struct row_key hidden_key(struct rd_str subject)
{
    struct row_key key = {0};
    uint8_t digest[RD_DIGEST_BYTES];
    rd_digest1(subject, digest);
    row_key_u8(&key, HIDDEN);
    row_key_bytes(&key, digest, sizeof digest);
    return key;
}

uint64_t subject_find(struct store_view *view, struct rd_str subject)
{
    struct rd_str value;
    if (subject.len > STORE_KEY_MAX) { /* a history's note that may be a subject, or a long text */
        return 0;
    }
    if (store_get(view, STORE_SUBJECTS, subject, &value)) {
        return row_key_read_u64(value, 0);
    }
    struct row_key hidden = hidden_key(subject);
    return store_get(view, STORE_SUBJECTS, row_key_str(&hidden), &value)
                   ? row_key_read_u64(value, 0)
                   : 0;
}

void subject_put(struct store_view *view, struct rd_str subject, uint64_t case_number)
{
    struct row_key value = {0};
    row_key_u64(&value, case_number);
    store_put(view, STORE_SUBJECTS, subject, row_key_str(&value));
}

void subject_del(struct store_view *view, struct rd_str subject, uint64_t case_number)
{
    if (subject.len > 0 && subject_find(view, subject) == case_number) {
        struct row_key hidden = hidden_key(subject);
        store_del(view, STORE_SUBJECTS, subject);
        store_del(view, STORE_SUBJECTS, row_key_str(&hidden));
    }
}

void subject_hide(struct store_view *view, struct rd_str subject, uint64_t case_number)
{
    if (subject.len > 0 && subject_find(view, subject) == case_number) {
        struct row_key hidden = hidden_key(subject), value = {0};
        row_key_u64(&value, case_number);
        store_del(view, STORE_SUBJECTS, subject);
        store_put(view, STORE_SUBJECTS, row_key_str(&hidden), row_key_str(&value));
    }
}

static struct row_key customer_key(const uint8_t digest[static 16], uint64_t number)
{
    struct row_key key = by_key(digest, BY_KEY_CASE);
    row_key_u64(&key, number);
    return key;
}

void customer_case_put(
        struct store_view *view, const uint8_t digest[static 16], uint64_t number, uint8_t kind)
{
    struct row_key key = customer_key(digest, number);
    store_put(view, STORE_BY_KEY, row_key_str(&key), (struct rd_str){(const char *)&kind, 1});
}

void customer_case_del(struct store_view *view, const uint8_t digest[static 16], uint64_t number)
{
    struct row_key key = customer_key(digest, number);
    store_del(view, STORE_BY_KEY, row_key_str(&key));
}

uint64_t customer_case_before(struct store_view *view, const uint8_t digest[static 16],
        uint64_t before, uint8_t *ret_kind)
{
    struct row_key key = customer_key(digest, before), all = by_key(digest, BY_KEY_CASE);
    struct rd_str prefix = row_key_str(&all), found, value;
    if (!store_may_have(view, STORE_BY_KEY, prefix) ||
            !store_last(view, STORE_BY_KEY, prefix,
                    before == 0 ? (struct rd_str){0} : row_key_str(&key), &found, &value)) {
        return 0;
    }
    *ret_kind = (uint8_t)value.ptr[0];
    return row_key_read_u64(found, BY_KEY_PREFIX);
}

static struct row_key open_key(const uint8_t digest[static 16], uint8_t kind, uint64_t number)
{
    struct row_key key = by_key(digest, BY_KEY_OPEN);
    row_key_u8(&key, kind);
    row_key_u64(&key, number);
    return key;
}

void customer_open_put(
        struct store_view *view, const uint8_t digest[static 16], uint64_t number, uint8_t kind)
{
    struct row_key key = open_key(digest, kind, number);
    store_put(view, STORE_BY_KEY, row_key_str(&key), (struct rd_str){0});
}

void customer_open_del(
        struct store_view *view, const uint8_t digest[static 16], uint64_t number, uint8_t kind)
{
    struct row_key key = open_key(digest, kind, number);
    store_del(view, STORE_BY_KEY, row_key_str(&key));
}

/* Everything of one kind: the key without its number. */
static struct rd_str open_prefix(const struct row_key *key)
{
    struct rd_str whole = row_key_str(key);
    return (struct rd_str){whole.ptr, whole.len - sizeof(uint64_t)};
}

uint64_t customer_open_after(
        struct store_view *view, const uint8_t digest[static 16], uint8_t kind, uint64_t after)
{
    struct row_key from = open_key(digest, kind, after + 1), all = by_key(digest, BY_KEY_OPEN);
    if (!store_may_have(view, STORE_BY_KEY, row_key_str(&all))) {
        return 0;
    }
    struct store_scan scan;
    struct rd_str key, value;
    uint64_t number = 0;
    store_scan_begin(&scan, view, STORE_BY_KEY, row_key_str(&from));
    if (store_scan_next(&scan, &key, &value) && rd_str_starts(key, open_prefix(&from))) {
        number = row_key_read_u64(key, BY_KEY_PREFIX + 1);
    }
    store_scan_end(&scan);
    return number;
}

uint64_t customer_open_before(
        struct store_view *view, const uint8_t digest[static 16], uint8_t kind, uint64_t before)
{
    struct row_key key = open_key(digest, kind, before), all = by_key(digest, BY_KEY_OPEN);
    struct rd_str found, value;
    if (!store_may_have(view, STORE_BY_KEY, row_key_str(&all)) ||
            !store_last(view, STORE_BY_KEY, open_prefix(&key),
                    before == 0 ? (struct rd_str){0} : row_key_str(&key), &found, &value)) {
        return 0;
    }
    return row_key_read_u64(found, BY_KEY_PREFIX + 1);
}

static struct row_key unit_case_key(uint32_t unit, uint64_t number)
{
    struct row_key key = {0};
    row_key_u32(&key, unit);
    row_key_u64(&key, number);
    return key;
}

void unit_case_counts(
        struct store_view *view, uint32_t unit, uint64_t ret_counts[static UNIT_CASE_KINDS])
{
    struct row_key key = unit_case_key(unit, 0);
    struct rd_str value;
    bool is_found = store_get(view, STORE_UNIT_CASES, row_key_str(&key), &value);
    for (size_t i = 0; i < UNIT_CASE_KINDS; i++) {
        ret_counts[i] = is_found ? row_key_read_u64(value, i * 8) : 0;
    }
}

uint64_t unit_case_count(struct store_view *view, uint32_t unit)
{
    uint64_t counts[UNIT_CASE_KINDS], count = 0;
    unit_case_counts(view, unit, counts);
    for (size_t i = 0; i < UNIT_CASE_KINDS; i++) {
        count += counts[i];
    }
    return count;
}

/* One more or one less of a kind. */
static void change_count(struct store_view *view, uint32_t unit, uint8_t kind, bool is_more)
{
    struct row_key key = unit_case_key(unit, 0), value = {0};
    uint64_t counts[UNIT_CASE_KINDS], left = 0;
    unit_case_counts(view, unit, counts);
    RD_ASSERT(kind < UNIT_CASE_KINDS);
    if (!is_more && counts[kind] == 0) {
        RD_ASSERT(store_view_error(view) != 0);
        return;
    }
    counts[kind] += is_more ? 1 : UINT64_MAX;
    for (size_t i = 0; i < UNIT_CASE_KINDS; i++) {
        row_key_u64(&value, counts[i]);
        left += counts[i];
    }
    if (left == 0) {
        store_del(view, STORE_UNIT_CASES, row_key_str(&key));
        return;
    }
    store_put(view, STORE_UNIT_CASES, row_key_str(&key), row_key_str(&value));
}

void unit_case_put(struct store_view *view, uint32_t unit, uint64_t number, uint8_t kind)
{
    struct row_key key = unit_case_key(unit, number);
    store_put(view, STORE_UNIT_CASES, row_key_str(&key), (struct rd_str){(const char *)&kind, 1});
    change_count(view, unit, kind, true);
}

void unit_case_del(struct store_view *view, uint32_t unit, uint64_t number)
{
    struct row_key key = unit_case_key(unit, number);
    struct rd_str value;
    if (!store_get(view, STORE_UNIT_CASES, row_key_str(&key), &value)) {
        RD_ASSERT(store_view_error(view) != 0);
        return;
    }
    uint8_t kind = (uint8_t)value.ptr[0];
    store_del(view, STORE_UNIT_CASES, row_key_str(&key));
    change_count(view, unit, kind, false);
}

size_t unit_cases_after(
        struct store_view *view, uint32_t unit, uint64_t after, uint64_t *ret_numbers, size_t max)
{
    struct row_key from = unit_case_key(unit, after + 1);
    struct store_scan scan;
    struct rd_str key, value;
    size_t count = 0;
    store_scan_begin(&scan, view, STORE_UNIT_CASES, row_key_str(&from));
    while (count < max && store_scan_next(&scan, &key, &value) &&
            row_key_read_u32(key, 0) == unit) {
        ret_numbers[count++] = row_key_read_u64(key, 4);
    }
    store_scan_end(&scan);
    return count;
}

uint64_t unit_case_after(struct store_view *view, uint32_t unit, uint64_t after)
{
    struct row_key from = unit_case_key(unit, after + 1);
    struct store_scan scan;
    struct rd_str key, value;
    store_scan_begin(&scan, view, STORE_UNIT_CASES, row_key_str(&from));
    uint64_t number = 0;
    if (store_scan_next(&scan, &key, &value) && row_key_read_u32(key, 0) == unit) {
        number = row_key_read_u64(key, 4);
    }
    store_scan_end(&scan);
    return number;
}

enum { UNIT_ROW_SHORT = 12, UNIT_ROW_MAX = 64 + UNIT_RECENT_MAX * UNIT_RECENT_BYTES };

struct unit_row unit_row_get(struct store_view *view, uint32_t unit)
{
    struct row_key key = {0};
    row_key_u32(&key, unit);
    struct rd_str value;
    struct unit_row row = {.bundle_until = RD_TIME_NONE};
    if (!store_get(view, STORE_UNITS, row_key_str(&key), &value)) {
        return row;
    }
    row.last_alert = row_key_read_u64(value, 0);
    row.taken_over = row_key_read_u32(value, 8);
    if (value.len > UNIT_ROW_SHORT) {
        struct rd_get get = rd_get_of((struct rd_str){
                .ptr = value.ptr + UNIT_ROW_SHORT, .len = value.len - UNIT_ROW_SHORT});
        row.bundle_until = rd_get_i64(&get);
        row.bundle_first = rd_get_u64(&get);
        row.bundle_count = rd_get_u64(&get);
        row.bundle_severity = rd_get_u8(&get);
        row.recent = rd_get_bytes(&get, rd_get_left(&get));
        RD_ASSERT(get.error == 0 && row.recent.len % UNIT_RECENT_BYTES == 0);
    }
    return row;
}

void unit_row_put(struct store_view *view, uint32_t unit, const struct unit_row *row)
{
    struct row_key key = {0};
    row_key_u32(&key, unit);
    struct rd_buf buf;
    uint8_t room[256];
    rd_buf_init_in(&buf, room, sizeof room, UNIT_ROW_MAX);
    rd_buf_put_u64(&buf, row->last_alert);
    rd_buf_put_u32(&buf, row->taken_over);
    if (row->recent.len > 0 || row->bundle_until != RD_TIME_NONE) {
        rd_buf_put_i64(&buf, row->bundle_until);
        rd_buf_put_u64(&buf, row->bundle_first);
        rd_buf_put_u64(&buf, row->bundle_count);
        rd_buf_put_u8(&buf, row->bundle_severity);
        rd_buf_put_text(&buf, row->recent);
    }
    RD_ASSERT(buf.error == 0);
    store_put(view, STORE_UNITS, row_key_str(&key), rd_buf_str(&buf));
    rd_buf_done(&buf);
}

rd_time unit_recent_at(struct rd_str recent, size_t i)
{
    return row_key_read_time(recent, i * UNIT_RECENT_BYTES);
}

void unit_recent_write(uint8_t bytes[static UNIT_RECENT_BYTES], rd_time at)
{
    struct row_key key = {0};
    row_key_time(&key, at);
    memcpy(bytes, key.bytes, UNIT_RECENT_BYTES);
}

bool config_row_get(struct store_view *view, uint32_t id, struct rd_str *ret_tree)
{
    struct row_key key = {0};
    row_key_u32(&key, id);
    struct rd_str value;
    if (!store_get(view, STORE_CONFIGS, row_key_str(&key), &value)) {
        return false;
    }
    RD_ASSERT(value.len >= 32);
    *ret_tree = (struct rd_str){value.ptr + 32, value.len - 32};
    return true;
}

void config_row_put(
        struct store_view *view, uint32_t id, const uint8_t hash[static 32], struct rd_str tree)
{
    struct row_key key = {0};
    row_key_u32(&key, id);
    struct rd_buf buf;
    rd_buf_init(&buf, 128 * 1024 * 1024);
    rd_buf_put(&buf, hash, 32);
    rd_buf_put_text(&buf, tree);
    RD_ASSERT(buf.error == 0);
    store_put(view, STORE_CONFIGS, row_key_str(&key), rd_buf_str(&buf));
    rd_buf_done(&buf);
}
