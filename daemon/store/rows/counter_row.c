#include "daemon/store/rows/counter_row.h"

#include "common/base/buf.h"
#include "common/base/num.h"
#include "daemon/store/rows/key.h"

enum { ROW_VERSION = 1, ROW_KIND = 1, KEY_LEN = 1 + 1 + 1 + 4 + 4 + 8, ROW_BYTES_MAX = 16 << 20 };
#define SIGN UINT32_C(0x80000000)

static void key_put(struct row_key *key, const struct counter_key *of)
{
    row_key_u8(key, ROW_KIND);
    row_key_u8(key, (uint8_t)of->grain);
    row_key_u8(key, (uint8_t)of->dim);
    row_key_u32(key, (uint32_t)of->period ^ SIGN);
    row_key_u32(key, of->unit);
    row_key_u64(key, of->value);
}

static bool get_cell(struct rd_get *get, struct counter_cell *ret_cell)
{
    if (rd_get_left(get) == 0) {
        return false;
    }
    ret_cell->counter = (uint32_t)rd_get_uint_max(get, UINT32_MAX);
    ret_cell->sub = rd_get_uint(get);
    ret_cell->sum = rd_get_int(get);
    RD_ASSERT(get->error == 0);
    return true;
}

static void put_cell(struct rd_buf *buf, const struct counter_cell *cell)
{
    if (cell->sum != 0) {
        rd_buf_put_uint(buf, cell->counter);
        rd_buf_put_uint(buf, cell->sub);
        rd_buf_put_int(buf, cell->sum);
    }
}

static int compare(const struct counter_cell *a, const struct counter_cell *b)
{
    if (a->counter != b->counter) {
        return a->counter < b->counter ? -1 : 1;
    }
    return a->sub == b->sub ? 0 : a->sub < b->sub ? -1 : 1;
}

/* Both in order: as two sorted lists are merged. */
static void merge(
        struct rd_buf *buf, struct rd_get *old, const struct counter_cell *cells, size_t count)
{
    struct counter_cell cell;
    bool has_cell = get_cell(old, &cell);
    size_t i = 0;
    while (has_cell || i < count) {
        int order = !has_cell ? 1 : i == count ? -1 : compare(&cell, &cells[i]);
        if (order == 0) {
            cell.sum = rd_sum(cell.sum, cells[i++].sum);
        }
        put_cell(buf, order <= 0 ? &cell : &cells[i]);
        if (order > 0) {
            i++;
        } else {
            has_cell = get_cell(old, &cell);
        }
    }
}

void counter_row_add(struct store_view *view, const struct counter_key *of,
        const struct counter_cell *cells, size_t count)
{
    struct row_key key = {0};
    struct rd_str value;
    struct rd_get old = {0};
    struct rd_buf buf;
    key_put(&key, of);
    if (store_get(view, STORE_FIGURES, row_key_str(&key), &value)) {
        old = rd_get_of(value);
        RD_ASSERT(rd_get_u8(&old) == ROW_VERSION);
    }
    rd_buf_init(&buf, ROW_BYTES_MAX);
    rd_buf_put_u8(&buf, ROW_VERSION);
    merge(&buf, &old, cells, count);
    RD_ASSERT(buf.error == 0);
    if (buf.len > 1) {
        store_put(view, STORE_FIGURES, row_key_str(&key), rd_buf_str(&buf));
    } else {
        store_del(view, STORE_FIGURES, row_key_str(&key));
    }
    rd_buf_done(&buf);
}

/* ---- scans ---- */

void counter_scan_begin(struct counter_scan *scan, struct store_view *view,
        enum counter_grain grain, enum rd_dim dim, int32_t first, int32_t last)
{
    *scan = (struct counter_scan){
            .key = {.grain = grain, .dim = dim, .period = first}, .last = last};
    struct row_key from = {0};
    key_put(&from, &scan->key);
    store_scan_begin(&scan->scan, view, STORE_FIGURES, row_key_str(&from));
}

/* False: the stretch is at its end. */
static bool next_row(struct counter_scan *scan)
{
    struct rd_str key;
    if (!store_scan_next(&scan->scan, &key, &scan->value)) {
        return false;
    }
    bool is_of_it = key.len == KEY_LEN && key.ptr[0] == ROW_KIND &&
                    (uint8_t)key.ptr[1] == (uint8_t)scan->key.grain &&
                    (uint8_t)key.ptr[2] == (uint8_t)scan->key.dim;
    int32_t period = is_of_it ? (int32_t)(row_key_read_u32(key, 3) ^ SIGN) : 0;
    if (!is_of_it || period > scan->last) {
        store_scan_end(&scan->scan);
        return false;
    }
    scan->key.period = period;
    scan->key.unit = row_key_read_u32(key, 7);
    scan->key.value = row_key_read_u64(key, 11);
    RD_ASSERT(scan->value.len > 0 && (uint8_t)scan->value.ptr[0] == ROW_VERSION);
    scan->at = 1;
    scan->has_row = true;
    return true;
}

bool counter_scan_next(struct counter_scan *scan, struct counter_cell *ret_cell)
{
    while (!scan->has_row || scan->at == scan->value.len) {
        if (!next_row(scan)) {
            return false;
        }
    }
    struct rd_get get =
            rd_get_of((struct rd_str){scan->value.ptr + scan->at, scan->value.len - scan->at});
    bool has_cell = get_cell(&get, ret_cell);
    RD_ASSERT(has_cell);
    scan->at = scan->value.len - rd_get_left(&get);
    return true;
}

void counter_scan_end(struct counter_scan *scan)
{
    store_scan_end(&scan->scan);
}
