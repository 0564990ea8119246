#include "daemon/store/rows/index_row.h"

#include "common/buf.h"
#include "daemon/store/rows/key.h"

uint64_t subject_find(struct store_view *view, struct rd_str subject)
{
    struct rd_str value;
    return store_get(view, STORE_SUBJECTS, subject, &value) ? row_key_read_u64(value, 0) : 0;
}

void subject_put(struct store_view *view, struct rd_str subject, uint64_t case_number)
{
    struct row_key value = {0};
    row_key_u64(&value, case_number);
    store_put(view, STORE_SUBJECTS, subject, row_key_str(&value));
}

static struct row_key customer_key(const uint8_t digest[static 16], uint64_t number)
{
    struct row_key key = {0};
    row_key_bytes(&key, digest, 16);
    row_key_u64(&key, number);
    return key;
}

void customer_case_put(
        struct store_view *view, const uint8_t digest[static 16], uint64_t number, uint8_t kind)
{
    struct row_key key = customer_key(digest, number);
    store_put(
            view, STORE_CUSTOMER_CASES, row_key_str(&key), (struct rd_str){(const char *)&kind, 1});
}

void customer_case_del(struct store_view *view, const uint8_t digest[static 16], uint64_t number)
{
    struct row_key key = customer_key(digest, number);
    store_del(view, STORE_CUSTOMER_CASES, row_key_str(&key));
}

uint64_t customer_case_before(struct store_view *view, const uint8_t digest[static 16],
        uint64_t before, uint8_t *ret_kind)
{
    struct row_key key = customer_key(digest, before);
    struct rd_str prefix = {(const char *)digest, 16}, found, value;
    if (!store_last(view, STORE_CUSTOMER_CASES, prefix,
                before == 0 ? (struct rd_str){0} : row_key_str(&key), &found, &value)) {
        return 0;
    }
    *ret_kind = (uint8_t)value.ptr[0];
    return row_key_read_u64(found, 16);
}

static struct row_key unit_case_key(uint32_t unit, uint64_t number)
{
    struct row_key key = {0};
    row_key_u32(&key, unit);
    row_key_u64(&key, number);
    return key;
}

void unit_case_put(struct store_view *view, uint32_t unit, uint64_t number, uint8_t kind)
{
    struct row_key key = unit_case_key(unit, number);
    store_put(view, STORE_UNIT_CASES, row_key_str(&key), (struct rd_str){(const char *)&kind, 1});
}

void unit_case_del(struct store_view *view, uint32_t unit, uint64_t number)
{
    struct row_key key = unit_case_key(unit, number);
    store_del(view, STORE_UNIT_CASES, row_key_str(&key));
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

struct unit_row unit_row_get(struct store_view *view, uint32_t unit)
{
    struct row_key key = {0};
    row_key_u32(&key, unit);
    struct rd_str value;
    if (!store_get(view, STORE_UNITS, row_key_str(&key), &value)) {
        return (struct unit_row){0};
    }
    return (struct unit_row){
            .last_alert = row_key_read_u64(value, 0), .taken_over = row_key_read_u32(value, 8)};
}

void unit_row_put(struct store_view *view, uint32_t unit, const struct unit_row *row)
{
    struct row_key key = {0}, value = {0};
    row_key_u32(&key, unit);
    row_key_u64(&value, row->last_alert);
    row_key_u32(&value, row->taken_over);
    store_put(view, STORE_UNITS, row_key_str(&key), row_key_str(&value));
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
