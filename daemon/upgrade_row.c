#include "daemon/upgrade_row.h"

#include <errno.h>
#include <string.h>

#include "common/base/digest.h"
#include "daemon/config/complete.h"

int upgrade_take_room(struct upgrade_row *row)
{
    row->value = rd_buf_str(&row->room);
    return row->room.error;
}

/* A hash of the tree, then the tree. */
int upgrade_config(struct upgrade_row *row)
{
    enum { HASH = 32 };
    struct rd_buf tree;
    if (row->value.len < HASH) {
        return -EBADMSG;
    }
    rd_buf_init(&tree, row->room.limit_bytes);
    int r = config_complete(
            (struct rd_str){row->value.ptr + HASH, row->value.len - HASH}, &tree, row->what);
    if (r == 0) {
        uint8_t hash[HASH];
        rd_hash(rd_buf_str(&tree), hash);
        rd_buf_put(&row->room, hash, HASH);
        rd_buf_put_text(&row->room, rd_buf_str(&tree));
        r = upgrade_take_room(row);
    }
    rd_buf_done(&tree);
    return r;
}

int upgrade_rules_row(struct upgrade_row *row)
{
    return strcmp(row->table, "configs") == 0 ? upgrade_config(row) : 0;
}

/* Version u8, then eleven varints before the number: alike in every version (store/numbers.h). */
int upgrade_counters(struct upgrade_row *row, uint32_t engine)
{
    enum { BEFORE = 11 };
    struct rd_get get = rd_get_of(row->value);
    (void)rd_get_u8(&get);
    for (int i = 0; i < BEFORE; i++) {
        (void)rd_get_uint(&get);
    }
    size_t before = row->value.len - rd_get_left(&get);
    (void)rd_get_uint(&get);
    size_t left = rd_get_left(&get);
    if (get.error != 0) {
        return -EBADMSG;
    }
    struct rd_str value = row->value;
    struct rd_buf made;
    rd_buf_init(&made, value.len + 16);
    rd_buf_put(&made, value.ptr, before);
    rd_buf_put_uint(&made, engine);
    rd_buf_put(&made, value.ptr + value.len - left, left);
    rd_buf_reset(&row->room);
    rd_buf_put(&row->room, made.ptr, made.len);
    rd_buf_done(&made);
    row->value = rd_buf_str(&row->room);
    return row->room.error;
}
