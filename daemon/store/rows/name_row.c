#include "daemon/store/rows/name_row.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>

#include "common/base/buf.h"
#include "common/base/digest.h"
#include "daemon/store/rows/key.h"

enum { SHORT_BYTES_MAX = 480 };

static_assert((int)SHORT_BYTES_MAX < (int)STORE_KEY_MAX, "a byte stands before the text");
static_assert((int)RD_HASH_BYTES < (int)STORE_KEY_MAX, "a byte stands before the hash");

/* 02 hash: of a text that is too long for a key, or hidden */
static struct rd_str hash_key(struct rd_str text, uint8_t room[static STORE_KEY_MAX])
{
    room[0] = 2;
    rd_hash(text, room + 1);
    return (struct rd_str){.ptr = (const char *)room, .len = 1 + RD_HASH_BYTES};
}

/* 00 text, where it is short enough */
static struct rd_str forth_key(struct rd_str text, uint8_t room[static STORE_KEY_MAX])
{
    RD_ASSERT(text.len > 0);
    if (text.len > SHORT_BYTES_MAX) {
        return hash_key(text, room);
    }
    room[0] = 0;
    memcpy(room + 1, text.ptr, text.len);
    return (struct rd_str){.ptr = (const char *)room, .len = 1 + text.len};
}

/* 01 number */
static struct row_key back_key(uint32_t number)
{
    struct row_key key = {0};
    row_key_u8(&key, 1);
    row_key_u32(&key, number);
    return key;
}

/* 03 number */
static struct row_key marks_key(uint32_t number)
{
    struct row_key key = {0};
    row_key_u8(&key, 3);
    row_key_u32(&key, number);
    return key;
}

uint32_t name_find(struct store_view *view, struct rd_str text)
{
    uint8_t room[STORE_KEY_MAX];
    struct rd_str value;
    bool is_found =
            text.len > 0 && (store_get(view, STORE_NAMES, forth_key(text, room), &value) ||
                                    store_get(view, STORE_NAMES, hash_key(text, room), &value));
    return is_found ? row_key_read_u32(value, 0) : 0;
}

uint32_t name_of(struct store_view *view, struct rd_str text, uint32_t *last)
{
    uint32_t number = name_find(view, text);
    if (number != 0) {
        return number;
    }
    number = ++*last;
    uint8_t room[STORE_KEY_MAX];
    struct row_key back = back_key(number), value = {0};
    row_key_u32(&value, number);
    store_put(view, STORE_NAMES, forth_key(text, room), row_key_str(&value));
    store_put(view, STORE_NAMES, row_key_str(&back), text);
    return number;
}

struct rd_str name_text(struct store_view *view, uint32_t number)
{
    struct rd_str text = {0};
    if (number == 0) {
        return text;
    }
    struct row_key key = back_key(number);
    bool is_found = store_get(view, STORE_NAMES, row_key_str(&key), &text);
    RD_ASSERT(is_found || store_view_error(view) != 0);
    return text;
}

void name_hide(struct store_view *view, uint32_t number)
{
    char shown[32];
    uint8_t room[STORE_KEY_MAX], hash_room[STORE_KEY_MAX];
    struct rd_str was = name_text(view, number);
    struct row_key back = back_key(number), value = {0};
    (void)snprintf(shown, sizeof shown, "forgotten-%" PRIu32, number);
    if (rd_str_is(was, shown)) {
        return;
    }
    /* Both keys first: the puts take the old row away. Of a long text they are the same. */
    struct rd_str forth = forth_key(was, room), hash = hash_key(was, hash_room);
    row_key_u32(&value, number);
    store_del(view, STORE_NAMES, forth);
    store_put(view, STORE_NAMES, hash, row_key_str(&value));
    store_put(view, STORE_NAMES, forth_key(rd_str_of(shown), room), row_key_str(&value));
    store_put(view, STORE_NAMES, row_key_str(&back), rd_str_of(shown));
}

unsigned name_marks(struct store_view *view, uint32_t number)
{
    struct row_key key = marks_key(number);
    struct rd_str value;
    bool is_there = store_get(view, STORE_NAMES, row_key_str(&key), &value) && value.len > 0;
    return is_there ? (uint8_t)value.ptr[0] : 0;
}

void name_mark(struct store_view *view, uint32_t number, unsigned marks)
{
    struct row_key key = marks_key(number), value = {0};
    unsigned before = name_marks(view, number);
    if ((before | marks) != before) {
        row_key_u8(&value, (uint8_t)(before | marks));
        store_put(view, STORE_NAMES, row_key_str(&key), row_key_str(&value));
    }
}
