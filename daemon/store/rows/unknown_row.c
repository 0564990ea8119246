#include "daemon/store/rows/unknown_row.h"

#include <string.h>

#include "common/base/buf.h"
#include "daemon/store/rows/key.h"

enum { ROW_VERSION = 1, ROW_BYTES = 33 };

static struct rd_str key_of(struct rd_buf *key, uint8_t room[static STORE_KEY_MAX],
        struct rd_str attribute, struct rd_str value)
{
    rd_buf_init_in(key, room, STORE_KEY_MAX, STORE_KEY_MAX);
    rd_buf_put_text(key, attribute);
    rd_buf_put_u8(key, 0);
    rd_buf_put_text(key, value);
    RD_ASSERT(key->error == 0); /* the event's limits are far below */
    return rd_buf_str(key);
}

static void read_row(struct rd_str value, struct unknown_row *ret_row)
{
    RD_ASSERT(value.len == ROW_BYTES && (uint8_t)value.ptr[0] == ROW_VERSION);
    *ret_row = (struct unknown_row){.count = row_key_read_u64(value, 1),
            .first = row_key_read_time(value, 9),
            .last = row_key_read_time(value, 17),
            .seq = row_key_read_u64(value, 25)};
}

bool unknown_row_get(struct store_view *view, struct rd_str attribute, struct rd_str value,
        struct unknown_row *ret_row)
{
    uint8_t room[STORE_KEY_MAX];
    struct rd_buf key;
    struct rd_str found;
    if (!store_get(view, STORE_UNKNOWN_CODES, key_of(&key, room, attribute, value), &found)) {
        return false;
    }
    read_row(found, ret_row);
    return true;
}

void unknown_row_put(struct store_view *view, struct rd_str attribute, struct rd_str value,
        const struct unknown_row *row)
{
    uint8_t room[STORE_KEY_MAX];
    struct rd_buf key;
    struct row_key packed = {0};
    row_key_u8(&packed, ROW_VERSION);
    row_key_u64(&packed, row->count);
    row_key_time(&packed, row->first);
    row_key_time(&packed, row->last);
    row_key_u64(&packed, row->seq);
    store_put(
            view, STORE_UNKNOWN_CODES, key_of(&key, room, attribute, value), row_key_str(&packed));
}

void unknown_row_parse(struct rd_str key, struct rd_str value, struct rd_str *ret_attribute,
        struct rd_str *ret_value, struct unknown_row *ret_row)
{
    const char *nul = memchr(key.ptr, 0, key.len);
    RD_ASSERT(nul != NULL);
    *ret_attribute = (struct rd_str){key.ptr, (size_t)(nul - key.ptr)};
    *ret_value = (struct rd_str){nul + 1, key.len - ret_attribute->len - 1};
    read_row(value, ret_row);
}

void unknown_row_del(struct store_view *view, struct rd_str attribute, struct rd_str value)
{
    uint8_t room[STORE_KEY_MAX];
    struct rd_buf key;
    store_del(view, STORE_UNKNOWN_CODES, key_of(&key, room, attribute, value));
}
