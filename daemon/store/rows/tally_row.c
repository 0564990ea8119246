#include "daemon/store/rows/tally_row.h"

#include "common/base/buf.h"
#include "daemon/store/rows/key.h"

enum { ROW_VERSION = 1, ROW_BYTES_MAX = 256, OF_DAY = 1, OF_DIGEST = 2 };

static void put_day(struct row_key *key, rd_day day)
{
    row_key_u32(key, (uint32_t)day ^ 0x80000000U);
}

static rd_day read_day(struct rd_str key)
{
    return (rd_day)(row_key_read_u32(key, key.len - 4) ^ 0x80000000U);
}

static struct row_key key_of_unit(uint32_t unit)
{
    struct row_key key = {0};
    row_key_u8(&key, OF_DAY);
    row_key_u32(&key, unit);
    return key;
}

static struct row_key key_of_day(uint32_t unit, rd_day day)
{
    struct row_key key = key_of_unit(unit);
    put_day(&key, day);
    return key;
}

static void decode(struct rd_str value, uint64_t ret_counts[TALLY_COUNT])
{
    struct rd_get get = rd_get_of(value);
    uint8_t version = rd_get_u8(&get);
    for (int i = 0; i < TALLY_COUNT; i++) {
        ret_counts[i] = rd_get_uint(&get);
    }
    int r = rd_get_end(&get);
    RD_ASSERT(version == ROW_VERSION && r == 0);
}

void tally_row_add(
        struct store_view *view, uint32_t unit, rd_day day, const uint64_t counts[TALLY_COUNT])
{
    struct row_key key = key_of_day(unit, day);
    struct rd_str value;
    struct rd_buf buf;
    uint8_t room[ROW_BYTES_MAX];
    uint64_t sums[TALLY_COUNT] = {0};
    if (store_get(view, STORE_TALLIES, row_key_str(&key), &value)) {
        decode(value, sums);
    }
    rd_buf_init_in(&buf, room, sizeof room, ROW_BYTES_MAX);
    rd_buf_put_u8(&buf, ROW_VERSION);
    for (int i = 0; i < TALLY_COUNT; i++) {
        rd_buf_put_uint(&buf, sums[i] + counts[i]);
    }
    RD_ASSERT(buf.error == 0);
    store_put(view, STORE_TALLIES, row_key_str(&key), rd_buf_str(&buf));
    rd_buf_done(&buf);
}

bool tally_row_next(struct store_view *view, uint32_t unit, rd_day from, rd_day *ret_day,
        uint64_t ret_counts[TALLY_COUNT])
{
    struct row_key first = key_of_day(unit, from), of_unit = key_of_unit(unit);
    struct rd_str key, value;
    struct store_scan scan;
    store_scan_begin(&scan, view, STORE_TALLIES, row_key_str(&first));
    bool is_found =
            store_scan_next(&scan, &key, &value) && rd_str_starts(key, row_key_str(&of_unit));
    if (is_found) {
        *ret_day = read_day(key);
        decode(value, ret_counts);
    }
    store_scan_end(&scan);
    return is_found;
}

size_t tally_rows_sum(struct store_view *view, uint32_t unit, rd_day first, rd_day last,
        uint64_t sums[TALLY_COUNT])
{
    struct row_key from = key_of_day(unit, first), of_unit = key_of_unit(unit);
    struct rd_str key, value;
    struct store_scan scan;
    size_t count = 0;
    store_scan_begin(&scan, view, STORE_TALLIES, row_key_str(&from));
    while (store_scan_next(&scan, &key, &value) && rd_str_starts(key, row_key_str(&of_unit)) &&
            read_day(key) <= last) {
        uint64_t counts[TALLY_COUNT];
        decode(value, counts);
        for (int i = 0; i < TALLY_COUNT; i++) {
            sums[i] += counts[i];
        }
        count++;
    }
    store_scan_end(&scan);
    return count;
}

void tally_row_del(struct store_view *view, uint32_t unit, rd_day day)
{
    struct row_key key = key_of_day(unit, day);
    store_del(view, STORE_TALLIES, row_key_str(&key));
}

/* ---- which alert a digest was ---- */

static struct row_key key_of_digests(uint32_t unit, uint8_t every)
{
    struct row_key key = {0};
    row_key_u8(&key, OF_DIGEST);
    row_key_u32(&key, unit);
    row_key_u8(&key, every);
    return key;
}

static struct row_key key_of_digest(uint32_t unit, uint8_t every, rd_day day)
{
    struct row_key key = key_of_digests(unit, every);
    put_day(&key, day);
    return key;
}

void digest_row_put(struct store_view *view, uint32_t unit, uint8_t every, rd_day day, uint64_t seq)
{
    struct row_key key = key_of_digest(unit, every, day), value = {0};
    row_key_u64(&value, seq);
    store_put(view, STORE_TALLIES, row_key_str(&key), row_key_str(&value));
}

bool digest_row_get(
        struct store_view *view, uint32_t unit, uint8_t every, rd_day day, uint64_t *ret_seq)
{
    struct row_key key = key_of_digest(unit, every, day);
    struct rd_str value;
    if (!store_get(view, STORE_TALLIES, row_key_str(&key), &value)) {
        return false;
    }
    *ret_seq = row_key_read_u64(value, 0);
    return true;
}

bool digest_row_oldest(struct store_view *view, uint32_t unit, uint8_t every, rd_day *ret_day)
{
    struct row_key from = key_of_digests(unit, every);
    struct rd_str key, value;
    struct store_scan scan;
    store_scan_begin(&scan, view, STORE_TALLIES, row_key_str(&from));
    bool is_found = store_scan_next(&scan, &key, &value) && rd_str_starts(key, row_key_str(&from));
    if (is_found) {
        *ret_day = read_day(key);
    }
    store_scan_end(&scan);
    return is_found;
}

bool digest_row_newest(struct store_view *view, uint32_t unit, uint8_t every, rd_day *ret_day)
{
    struct row_key prefix = key_of_digests(unit, every);
    struct rd_str key, value;
    bool is_found =
            store_last(view, STORE_TALLIES, row_key_str(&prefix), (struct rd_str){0}, &key, &value);
    if (is_found) {
        *ret_day = read_day(key);
    }
    return is_found;
}

void digest_row_del(struct store_view *view, uint32_t unit, uint8_t every, rd_day day)
{
    struct row_key key = key_of_digest(unit, every, day);
    store_del(view, STORE_TALLIES, row_key_str(&key));
}
