#include "daemon/store/rows/source_row.h"

#include "common/base/buf.h"
#include "daemon/store/rows/key.h"

enum { ROW_VERSION = 3, ROW_BYTES_MAX = 4096, ROW_BYTES_USUAL = 256 };

bool source_row_get(struct store_view *view, struct rd_str name, struct source_row *ret_row)
{
    struct rd_str value;
    if (!store_get(view, STORE_SOURCES, name, &value)) {
        return false;
    }
    struct rd_get get = rd_get_of(value);
    uint8_t version = rd_get_u8(&get);
    RD_ASSERT(version == ROW_VERSION);
    ret_row->number = rd_get_u32(&get);
    ret_row->highest = rd_get_uint(&get);
    ret_row->lowest = rd_get_uint(&get);
    ret_row->ignored = rd_get_uint(&get);
    ret_row->gap_armed = rd_get_i64(&get);
    ret_row->last_taken = rd_get_i64(&get);
    ret_row->last_steady = rd_get_i64(&get);
    ret_row->silent_armed = rd_get_i64(&get);
    uint8_t flags = rd_get_u8(&get);
    ret_row->is_silent_steady = (flags & 1U) != 0;
    ret_row->is_silent = (flags & 2U) != 0;
    ret_row->skewed_day = (int32_t)rd_get_uint_max(&get, INT32_MAX);
    ret_row->range_count = (uint32_t)rd_get_uint_max(&get, SOURCE_RANGES_MAX);
    for (uint32_t i = 0; i < ret_row->range_count; i++) {
        ret_row->ranges[i].first = rd_get_uint(&get);
        ret_row->ranges[i].last = rd_get_uint(&get);
        ret_row->ranges[i].since = rd_get_i64(&get);
    }
    int r = rd_get_end(&get);
    RD_ASSERT(r == 0);
    return true;
}

void source_row_put(struct store_view *view, struct rd_str name, const struct source_row *row)
{
    struct rd_buf buf;
    uint8_t room[ROW_BYTES_USUAL];
    rd_buf_init_in(&buf, room, sizeof room, ROW_BYTES_MAX);
    rd_buf_put_u8(&buf, ROW_VERSION);
    rd_buf_put_u32(&buf, row->number);
    rd_buf_put_uint(&buf, row->highest);
    rd_buf_put_uint(&buf, row->lowest);
    rd_buf_put_uint(&buf, row->ignored);
    rd_buf_put_i64(&buf, row->gap_armed);
    rd_buf_put_i64(&buf, row->last_taken);
    rd_buf_put_i64(&buf, row->last_steady);
    rd_buf_put_i64(&buf, row->silent_armed);
    rd_buf_put_u8(&buf, (uint8_t)((row->is_silent_steady ? 1U : 0) | (row->is_silent ? 2U : 0)));
    rd_buf_put_uint(&buf, (uint64_t)row->skewed_day);
    rd_buf_put_uint(&buf, row->range_count);
    for (uint32_t i = 0; i < row->range_count; i++) {
        rd_buf_put_uint(&buf, row->ranges[i].first);
        rd_buf_put_uint(&buf, row->ranges[i].last);
        rd_buf_put_i64(&buf, row->ranges[i].since);
    }
    RD_ASSERT(buf.error == 0);
    store_put(view, STORE_SOURCES, name, rd_buf_str(&buf));
    rd_buf_done(&buf);
}

enum { FIRST_BYTES = 25 };

static void put_first(struct row_key *value, const struct source_first *first)
{
    row_key_u64(value, first->seq);
    row_key_u64(value, first->case_number);
    row_key_u64(value, first->content);
    row_key_u8(value, first->type);
}

static struct source_first read_first(struct rd_str value, size_t at)
{
    RD_ASSERT(value.len == at + FIRST_BYTES);
    return (struct source_first){.seq = row_key_read_u64(value, at),
            .case_number = row_key_read_u64(value, at + 8),
            .content = row_key_read_u64(value, at + 16),
            .type = (uint8_t)value.ptr[at + 24]};
}

static struct row_key slot_key(uint32_t source, uint64_t sequence)
{
    struct row_key key = {0};
    uint16_t slot = (uint16_t)(sequence % SOURCE_WINDOW);
    row_key_u32(&key, source);
    row_key_u8(&key, (uint8_t)(slot >> 8));
    row_key_u8(&key, (uint8_t)slot);
    return key;
}

bool sequence_row_get(
        struct store_view *view, uint32_t source, uint64_t sequence, struct sequence_row *ret_row)
{
    struct row_key key = slot_key(source, sequence);
    struct rd_str value;
    if (!store_get(view, STORE_SEQUENCES, row_key_str(&key), &value)) {
        return false;
    }
    *ret_row = (struct sequence_row){.sequence = row_key_read_u64(value, 0),
            .id_digest = row_key_read_u64(value, 8),
            .first = read_first(value, 16)};
    return true;
}

void sequence_row_put(struct store_view *view, uint32_t source, const struct sequence_row *row)
{
    struct row_key key = slot_key(source, row->sequence), value = {0};
    row_key_u64(&value, row->sequence);
    row_key_u64(&value, row->id_digest);
    put_first(&value, &row->first);
    store_put(view, STORE_SEQUENCES, row_key_str(&key), row_key_str(&value));
}

void sequence_row_clear(struct store_view *view, uint32_t source)
{
    for (uint64_t slot = 0; slot < SOURCE_WINDOW; slot++) {
        struct sequence_row row;
        if (sequence_row_get(view, source, slot, &row)) {
            struct row_key key = slot_key(source, slot);
            store_del(view, STORE_SEQUENCES, row_key_str(&key));
        }
    }
}

bool id_row_get(
        struct store_view *view, const uint8_t digest[static 16], struct source_first *ret_first)
{
    struct rd_str key = {(const char *)digest, 16}, value;
    if (!store_get(view, STORE_IDS, key, &value)) {
        return false;
    }
    *ret_first = read_first(value, 0);
    return true;
}

void id_row_put(
        struct store_view *view, const uint8_t digest[static 16], const struct source_first *first)
{
    struct row_key value = {0};
    put_first(&value, first);
    store_put(view, STORE_IDS, (struct rd_str){(const char *)digest, 16}, row_key_str(&value));
}

void source_row_del(struct store_view *view, struct rd_str name)
{
    store_del(view, STORE_SOURCES, name);
}
