#include "daemon/store/rows/name_row.h"

#include "daemon/store/rows/key.h"

uint32_t name_find(struct store_view *view, struct rd_str text)
{
    struct row_key key = {0};
    row_key_u8(&key, 0);
    row_key_bytes(&key, text.ptr, text.len);
    struct rd_str value;
    if (!store_get(view, STORE_NAMES, row_key_str(&key), &value)) {
        return 0;
    }
    return row_key_read_u32(value, 0);
}

uint32_t name_of(struct store_view *view, struct rd_str text, uint32_t *last)
{
    RD_ASSERT(text.len > 0 && text.len <= NAME_MAX_BYTES);
    uint32_t number = name_find(view, text);
    if (number != 0) {
        return number;
    }
    number = ++*last;
    struct row_key forth = {0}, back = {0}, value = {0};
    row_key_u8(&forth, 0);
    row_key_bytes(&forth, text.ptr, text.len);
    row_key_u32(&value, number);
    row_key_u8(&back, 1);
    row_key_u32(&back, number);
    store_put(view, STORE_NAMES, row_key_str(&forth), row_key_str(&value));
    store_put(view, STORE_NAMES, row_key_str(&back), text);
    return number;
}

struct rd_str name_text(struct store_view *view, uint32_t number)
{
    struct rd_str text = {0};
    if (number == 0) {
        return text;
    }
    struct row_key key = {0};
    row_key_u8(&key, 1);
    row_key_u32(&key, number);
    bool is_found = store_get(view, STORE_NAMES, row_key_str(&key), &text);
    RD_ASSERT(is_found || store_view_error(view) != 0);
    return text;
}
