#include "daemon/store/rows/timer_row.h"

#include "daemon/store/rows/key.h"

enum { KEY_BYTES = 20 };

static enum store_table table_of(bool is_steady)
{
    return is_steady ? STORE_TIMERS_STEADY : STORE_TIMERS_WALL;
}

/* An approval stands behind the duties that are due then, and before the sources: kind of a duty,
 * class 2. */
enum { CLASS_STATUTORY, CLASS_SERVICE, CLASS_APPROVAL };

static uint8_t kind_of(const struct timer_row *row)
{
    return (uint8_t)(row->kind == TIMER_APPROVAL ? TIMER_DUTY : row->kind);
}

static uint8_t class_of(const struct timer_row *row)
{
    if (row->kind == TIMER_APPROVAL) {
        return CLASS_APPROVAL;
    }
    return row->is_service ? CLASS_SERVICE : CLASS_STATUTORY;
}

static struct row_key key_of(const struct timer_row *row)
{
    struct row_key key = {0};
    uint8_t slot[2] = {(uint8_t)(row->slot >> 8), (uint8_t)row->slot};
    row_key_time(&key, row->due);
    row_key_u8(&key, kind_of(row));
    row_key_u8(&key, class_of(row));
    row_key_u64(&key, row->owner);
    row_key_bytes(&key, slot, sizeof slot);
    return key;
}

void timer_row_put(struct store_view *view, const struct timer_row *row)
{
    RD_ASSERT(row->due != RD_TIME_NONE);
    struct row_key key = key_of(row);
    store_put(view, table_of(row->is_steady), row_key_str(&key), (struct rd_str){0});
}

void timer_row_del(struct store_view *view, const struct timer_row *row)
{
    struct row_key key = key_of(row);
    store_del(view, table_of(row->is_steady), row_key_str(&key));
}

bool timer_row_first(struct store_view *view, bool is_steady, const struct timer_row *from,
        struct timer_row *ret_row)
{
    struct row_key begin = {0};
    if (from != NULL) {
        begin = key_of(from);
    }
    struct store_scan scan;
    struct rd_str key, value;
    store_scan_begin(&scan, view, table_of(is_steady), row_key_str(&begin));
    bool is_found = store_scan_next(&scan, &key, &value);
    if (is_found) {
        RD_ASSERT(key.len == KEY_BYTES);
        const uint8_t *bytes = (const uint8_t *)key.ptr;
        *ret_row = (struct timer_row){.due = row_key_read_time(key, 0),
                .is_steady = is_steady,
                .kind = bytes[9] == CLASS_APPROVAL ? TIMER_APPROVAL : (enum timer_kind)bytes[8],
                .is_service = bytes[9] != CLASS_STATUTORY,
                .owner = row_key_read_u64(key, 10),
                .slot = (uint16_t)(bytes[18] << 8 | bytes[19])};
    }
    store_scan_end(&scan);
    return is_found;
}

int timer_row_cmp(
        const struct timer_row *a, rd_time due_a, const struct timer_row *b, rd_time due_b)
{
    if (due_a != due_b) {
        return due_a < due_b ? -1 : 1;
    }
    if (kind_of(a) != kind_of(b)) {
        return kind_of(a) < kind_of(b) ? -1 : 1;
    }
    if (class_of(a) != class_of(b)) {
        return class_of(a) < class_of(b) ? -1 : 1;
    }
    if (a->owner != b->owner) {
        return a->owner < b->owner ? -1 : 1;
    }
    return (a->slot > b->slot) - (a->slot < b->slot);
}
