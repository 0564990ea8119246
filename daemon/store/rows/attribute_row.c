#include "daemon/store/rows/attribute_row.h"

#include <assert.h>

#include "common/base/sizes.h"
#include "common/wire/event_table.h"
#include "daemon/store/rows/key.h"

enum { ROW_VERSION = 2, ROW_BYTES_MAX = 2 * 1024 * 1024, ROW_BYTES_USUAL = 2048 };

/* The most that a key's value takes, with the heads of MessagePack and of this row. */
enum { PAIR_BYTES = RD_NAME_BYTES_MAX + RD_ITEM_BYTES_MAX + 10 };
#define BYTES_STR(limit)   (limit)
#define BYTES_CODE(limit)  (limit)
#define BYTES_STRS(limit)  ((limit) * (RD_ITEM_BYTES_MAX + 5))
#define BYTES_ATTRS(limit) ((limit)*PAIR_BYTES)
#define BYTES_MATCH(limit) 0 /* no case has it */
#define BYTES_UINT(limit)  10
#define BYTES_BOOL(limit)  10
#define BYTES_TIME(limit)  10
#define BYTES_DUE(limit)   10
#define BYTES_DATE(limit)  10
#define BYTES_MONEY(limit) 10

#define X(suffix, wire, kind, limit, attribute, personal, note) +BYTES_##kind(limit) + 16
static_assert(RD_WARNING_BYTES_MAX + 2 * RD_ID_BYTES_MAX + 80 RD_EVENT_KEYS(X) <= ROW_BYTES_MAX,
        "a case with all attributes there are, each as long as it may be");
#undef X

static bool is_bytes(enum rd_value_type type)
{
    return type == RD_VALUE_STR || type == RD_VALUE_LIST || type == RD_VALUE_MAP;
}

static struct rd_str key_of(struct row_key *key, uint64_t number)
{
    row_key_u64(key, number);
    return row_key_str(key);
}

bool attribute_row_get(struct store_view *view, uint64_t number, struct rd_arena *arena,
        struct attribute_row *ret_row)
{
    struct row_key key = {0};
    struct rd_str value;
    if (!store_get(view, STORE_ATTRIBUTES, key_of(&key, number), &value)) {
        return false;
    }
    struct rd_get get = rd_get_of(rd_arena_dup(arena, value));
    uint8_t version = rd_get_u8(&get);
    RD_ASSERT(version == ROW_VERSION);
    *ret_row = (struct attribute_row){0};
    ret_row->subject = rd_get_str(&get);
    ret_row->warning = rd_get_str(&get);
    ret_row->contacted_by = rd_get_str(&get);
    ret_row->contacted = ret_row->contacted_by.len > 0 ? rd_get_int(&get) : RD_TIME_NONE;
    uint64_t count = rd_get_uint_max(&get, RD_EVENT_KEY_COUNT);
    for (uint64_t i = 0; i < count; i++) {
        uint64_t name = rd_get_uint_max(&get, RD_EVENT_KEY_COUNT - 1);
        struct rd_value *at = &ret_row->values[name];
        at->type = (enum rd_value_type)rd_get_u8(&get);
        if (is_bytes(at->type)) {
            at->bytes = rd_get_str(&get);
        } else {
            at->integer = rd_get_int(&get);
        }
    }
    int r = rd_get_end(&get);
    RD_ASSERT(r == 0);
    return true;
}

void attribute_row_put(struct store_view *view, uint64_t number, const struct attribute_row *row)
{
    struct rd_buf buf;
    uint8_t room[ROW_BYTES_USUAL];
    rd_buf_init_in(&buf, room, sizeof room, ROW_BYTES_MAX);
    rd_buf_put_u8(&buf, ROW_VERSION);
    rd_buf_put_str(&buf, row->subject);
    rd_buf_put_str(&buf, row->warning);
    rd_buf_put_str(&buf, row->contacted_by);
    if (row->contacted_by.len > 0) {
        rd_buf_put_int(&buf, row->contacted);
    }
    uint8_t filled[RD_EVENT_KEY_COUNT]; /* the keys that the row has a value of */
    size_t count = 0;
    for (unsigned i = 0; i < RD_EVENT_KEY_COUNT; i++) {
        filled[count] = (uint8_t)i;
        count += row->values[i].type != RD_NIL ? 1 : 0;
    }
    rd_buf_put_uint(&buf, count);
    for (size_t i = 0; i < count; i++) {
        const struct rd_value *at = &row->values[filled[i]];
        rd_buf_put_uint(&buf, filled[i]);
        rd_buf_put_u8(&buf, (uint8_t)at->type);
        if (is_bytes(at->type)) {
            rd_buf_put_str(&buf, at->bytes);
        } else {
            rd_buf_put_int(&buf, at->integer);
        }
    }
    RD_ASSERT(buf.error == 0);
    struct row_key key = {0};
    store_put(view, STORE_ATTRIBUTES, key_of(&key, number), rd_buf_str(&buf));
    rd_buf_done(&buf);
}

void attribute_row_del(struct store_view *view, uint64_t number)
{
    struct row_key key = {0};
    store_del(view, STORE_ATTRIBUTES, key_of(&key, number));
}
