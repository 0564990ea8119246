#include "daemon/store/rows/history_row.h"

#include "common/base/buf.h"
#include "common/base/sizes.h"
#include "daemon/store/rows/key.h"

enum { ROW_VERSION = 3, ROW_BYTES_MAX = RD_TEXT_BYTES_MAX + 1024, ROW_BYTES_USUAL = 512 };

static struct rd_str key_of(struct row_key *key, uint64_t number)
{
    row_key_u64(key, number);
    return row_key_str(key);
}

void history_row_put(struct store_view *view, uint64_t number, const struct history_row *row)
{
    RD_ASSERT(row->before < number);
    struct rd_buf buf;
    uint8_t room[ROW_BYTES_USUAL];
    rd_buf_init_in(&buf, room, sizeof room, ROW_BYTES_MAX);
    rd_buf_put_u8(&buf, ROW_VERSION);
    rd_buf_put_u8(&buf, (uint8_t)row->what);
    rd_buf_put_uint(&buf, row->code);
    rd_buf_put_int(&buf, row->time);
    rd_buf_put_int(&buf, row->taken);
    rd_buf_put_uint(&buf, row->seq);
    rd_buf_put_str(&buf, row->by);
    rd_buf_put_str(&buf, row->sender);
    rd_buf_put_str(&buf, row->note);
    rd_buf_put_uint(&buf, row->before != 0 ? number - row->before : 0);
    RD_ASSERT(buf.error == 0);
    struct row_key key = {0};
    store_put(view, STORE_HISTORY, key_of(&key, number), rd_buf_str(&buf));
    rd_buf_done(&buf);
}

bool history_row_get(struct store_view *view, uint64_t number, struct history_row *ret_row)
{
    struct row_key key = {0};
    struct rd_str value;
    if (!store_get(view, STORE_HISTORY, key_of(&key, number), &value)) {
        return false;
    }
    struct rd_get get = rd_get_of(value);
    uint8_t version = rd_get_u8(&get);
    struct history_row row = {.what = (enum history_what)rd_get_u8(&get)};
    row.code = (uint32_t)rd_get_uint_max(&get, UINT32_MAX);
    row.time = rd_get_int(&get);
    row.taken = rd_get_int(&get);
    row.seq = rd_get_uint(&get);
    row.by = rd_get_str(&get);
    row.sender = rd_get_str(&get);
    row.note = rd_get_str(&get);
    uint64_t back = rd_get_uint(&get);
    row.before = back != 0 ? number - back : 0;
    int r = rd_get_end(&get);
    RD_ASSERT(version == ROW_VERSION && r == 0 && back < number);
    *ret_row = row;
    return true;
}

size_t history_row_chain(struct store_view *view, uint64_t newest, size_t max,
        struct rd_arena *arena, uint64_t **ret_numbers)
{
    struct history_row row;
    size_t count = 0;
    for (uint64_t at = newest; at != 0 && count < max && history_row_get(view, at, &row);
            at = row.before) {
        count++;
    }
    uint64_t *numbers = rd_arena_alloc(arena, (count + 1) * sizeof *numbers);
    uint64_t at = newest;
    for (size_t i = count; i > 0; i--) {
        bool is_there = history_row_get(view, at, &row);
        RD_ASSERT(is_there);
        numbers[i - 1] = at;
        at = row.before;
    }
    *ret_numbers = numbers;
    return count;
}

void history_row_del(struct store_view *view, uint64_t number)
{
    struct row_key key = {0};
    store_del(view, STORE_HISTORY, key_of(&key, number));
}
