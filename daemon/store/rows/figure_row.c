#include "daemon/store/rows/figure_row.h"

#include "common/base/buf.h"
#include "daemon/store/rows/key.h"

enum { ROW_VERSION = 1 };

static struct rd_str key_of(
        struct rd_buf *key, uint8_t room[static STORE_KEY_MAX], const struct figure_key *of)
{
    const struct rd_str texts[] = {of->figure, of->period, of->as};
    rd_buf_init_in(key, room, STORE_KEY_MAX, STORE_KEY_MAX);
    for (size_t i = 0; i < RD_COUNT(texts); i++) {
        rd_buf_put_text(key, texts[i]);
        rd_buf_put_u8(key, 0);
    }
    struct row_key rest = {0}; /* big-endian, so that the newest stands last */
    row_key_u32(&rest, of->unit);
    row_key_u64(&rest, of->seq);
    rd_buf_put_text(key, row_key_str(&rest));
    RD_ASSERT(key->error == 0); /* the event's limits are far below */
    return rd_buf_str(key);
}

void figure_row_put(
        struct store_view *view, const struct figure_key *of, int64_t value, rd_time time)
{
    uint8_t room[STORE_KEY_MAX];
    struct rd_buf key;
    struct row_key row = {0};
    row_key_u8(&row, ROW_VERSION);
    row_key_time(&row, value);
    row_key_time(&row, time);
    store_put(view, STORE_FIGURES_GIVEN, key_of(&key, room, of), row_key_str(&row));
}

bool figure_row_get(
        struct store_view *view, const struct figure_key *of, int64_t *ret_value, rd_time *ret_time)
{
    uint8_t room[STORE_KEY_MAX];
    struct rd_buf key;
    struct rd_str value;
    if (!store_get(view, STORE_FIGURES_GIVEN, key_of(&key, room, of), &value)) {
        return false;
    }
    RD_ASSERT(value.len == 17 && (uint8_t)value.ptr[0] == ROW_VERSION);
    *ret_value = row_key_read_time(value, 1);
    *ret_time = row_key_read_time(value, 9);
    return true;
}
