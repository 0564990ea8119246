#include "daemon/store/rows/counted_row.h"

#include "common/base/buf.h"
#include "daemon/store/rows/key.h"

enum { ROW_VERSION = 1, ROW_KIND = 0, ROW_BYTES_MAX = 1 << 20 };

static struct rd_str key_of(struct row_key *key, uint64_t number)
{
    row_key_u8(key, ROW_KIND);
    row_key_u64(key, number);
    return row_key_str(key);
}

struct counted_row *counted_row_new(struct rd_arena *arena)
{
    struct counted_row *row = RD_ARENA_ARRAY(arena, struct counted_row, 1);
    row->facts = RD_ARENA_ARRAY(arena, struct fact, COUNTED_FACTS_NEW);
    return row;
}

static void put_facts(struct rd_buf *buf, const struct counted_row *row)
{
    rd_buf_put_uint(buf, row->fact_count);
    for (size_t i = 0; i < row->fact_count; i++) {
        const struct fact *fact = &row->facts[i];
        rd_buf_put_u8(buf, (uint8_t)fact->what);
        rd_buf_put_int(buf, fact->time);
        rd_buf_put_uint(buf, fact->code);
        rd_buf_put_int(buf, fact->amount);
        rd_buf_put_uint(buf, fact->sub);
    }
}

static void put_counted(struct rd_buf *buf, const struct counted_row *row)
{
    rd_buf_put_uint(buf, row->counted_count);
    for (size_t i = 0; i < row->counted_count; i++) {
        const struct counted *counted = &row->counted[i];
        rd_buf_put_uint(buf, counted->counter);
        rd_buf_put_uint(buf, counted->sub);
        rd_buf_put_int(buf, counted->day);
        rd_buf_put_int(buf, counted->sum);
        rd_buf_put_u8(buf, (uint8_t)counted->extra);
        if (counted->extra != RD_DIM_ALL) {
            rd_buf_put_uint(buf, counted->extra_value);
        }
    }
}

void counted_row_put(struct store_view *view, uint64_t number, const struct counted_row *row)
{
    struct row_key key = {0};
    struct rd_buf buf;
    rd_buf_init(&buf, ROW_BYTES_MAX);
    rd_buf_put_u8(&buf, ROW_VERSION);
    rd_buf_put_uint(&buf, row->unit);
    for (int dim = RD_DIM_CASE_FIRST; dim <= RD_DIM_CASE_LAST; dim++) {
        rd_buf_put_uint(&buf, row->values[dim]);
    }
    rd_buf_put_uint(&buf, row->config);
    rd_buf_put_uint(&buf, row->policy);
    rd_buf_put_u8(&buf, row->flags);
    put_facts(&buf, row);
    put_counted(&buf, row);
    RD_ASSERT(buf.error == 0);
    store_put(view, STORE_FIGURES, key_of(&key, number), rd_buf_str(&buf));
    rd_buf_done(&buf);
}

static void get_facts(struct rd_get *get, struct rd_arena *arena, struct counted_row *row)
{
    row->fact_count = (size_t)rd_get_uint_max(get, COUNTED_FACTS_MAX);
    row->facts = RD_ARENA_ARRAY(arena, struct fact, row->fact_count + COUNTED_FACTS_NEW);
    for (size_t i = 0; i < row->fact_count; i++) {
        struct fact *fact = &row->facts[i];
        fact->what = (enum fact_what)rd_get_u8(get);
        fact->time = rd_get_int(get);
        fact->code = (uint32_t)rd_get_uint_max(get, UINT32_MAX);
        fact->amount = rd_get_int(get);
        fact->sub = rd_get_uint(get);
    }
}

static void get_counted(struct rd_get *get, struct rd_arena *arena, struct counted_row *row)
{
    row->counted_count = (size_t)rd_get_uint_max(get, COUNTED_MAX);
    struct counted *all = RD_ARENA_ARRAY(arena, struct counted, row->counted_count);
    row->counted = all;
    for (size_t i = 0; i < row->counted_count; i++) {
        struct counted *counted = &all[i];
        counted->counter = (uint32_t)rd_get_uint_max(get, RD_COUNTER_COUNT - 1);
        counted->sub = rd_get_uint(get);
        counted->day = (rd_day)rd_get_int(get);
        counted->sum = rd_get_int(get);
        counted->extra = (enum rd_dim)rd_get_u8(get);
        counted->extra_value = counted->extra != RD_DIM_ALL ? rd_get_uint(get) : 0;
    }
}

bool counted_row_get(struct store_view *view, uint64_t number, struct rd_arena *arena,
        struct counted_row **ret_row)
{
    struct row_key key = {0};
    struct rd_str value;
    if (!store_get(view, STORE_FIGURES, key_of(&key, number), &value)) {
        return false;
    }
    struct counted_row *row = RD_ARENA_ARRAY(arena, struct counted_row, 1);
    struct rd_get get = rd_get_of(value);
    uint8_t version = rd_get_u8(&get);
    row->unit = (uint32_t)rd_get_uint_max(&get, UINT32_MAX);
    for (int dim = RD_DIM_CASE_FIRST; dim <= RD_DIM_CASE_LAST; dim++) {
        row->values[dim] = (uint32_t)rd_get_uint_max(&get, UINT32_MAX);
    }
    row->config = (uint32_t)rd_get_uint_max(&get, UINT32_MAX);
    row->policy = (uint32_t)rd_get_uint_max(&get, UINT32_MAX);
    row->flags = rd_get_u8(&get);
    get_facts(&get, arena, row);
    get_counted(&get, arena, row);
    int r = rd_get_end(&get);
    RD_ASSERT(version == ROW_VERSION && r == 0);
    *ret_row = row;
    return true;
}

uint64_t counted_row_after(struct store_view *view, uint64_t after)
{
    struct row_key from = {0};
    struct store_scan scan;
    struct rd_str key, value;
    store_scan_begin(&scan, view, STORE_FIGURES, key_of(&from, after + 1));
    bool is_found = store_scan_next(&scan, &key, &value) && key.ptr[0] == ROW_KIND;
    uint64_t number = is_found ? row_key_read_u64(key, 1) : 0;
    store_scan_end(&scan);
    return number;
}

void counted_row_del(struct store_view *view, uint64_t number)
{
    struct row_key key = {0};
    store_del(view, STORE_FIGURES, key_of(&key, number));
}
