#include "daemon/engine/digest_masked.h"

#include "common/wire/alert.h"
#include "common/wire/pack.h"
#include "daemon/store/rows/attribute_row.h"

enum { ROW_BYTES_MAX = 64 * RD_ALERT_BYTES_MAX };

static void put_subject(struct store_view *view, struct rd_buf *buf, uint64_t case_number,
        struct rd_str subject, unsigned what)
{
    RD_CLEANUP(rd_arena_done)
    struct rd_arena arena; /* of this case alone: its attributes may be long */
    rd_arena_init(&arena, ROW_BYTES_MAX);
    struct attribute_row attributes;
    if (!attribute_row_get(view, case_number, &arena, &attributes)) {
        rd_pack_str(buf, rd_mask_customer(RD_MASK_LAST4, (struct rd_str){0}, subject, &arena));
        return;
    }
    const struct rd_hidden hidden = rd_hidden_of(what, attributes.values);
    rd_pack_str(buf, rd_mask_code(subject, &hidden, &arena));
}

static void put_row(struct store_view *view, struct rd_buf *buf, rd_node row, unsigned what)
{
    uint64_t case_number = rd_node_uint(rd_node_find(row, "case"));
    struct rd_str key;
    rd_pack_map(buf, rd_node_count(row));
    for (uint32_t i = 0; i < rd_node_count(row); i++) {
        rd_node value = rd_node_pair(row, i, &key);
        rd_pack_str(buf, key);
        if (rd_str_is(key, "subject")) {
            put_subject(view, buf, case_number, rd_node_str(value), what);
        } else {
            rd_pack_node(buf, value);
        }
    }
}

static void put_digest(struct store_view *view, struct rd_buf *buf, rd_node digest, unsigned what)
{
    struct rd_str key;
    rd_pack_map(buf, rd_node_count(digest));
    for (uint32_t i = 0; i < rd_node_count(digest); i++) {
        rd_node value = rd_node_pair(digest, i, &key);
        rd_pack_str(buf, key);
        if (!rd_str_is(key, "worst")) {
            rd_pack_node(buf, value);
            continue;
        }
        rd_pack_array(buf, rd_node_count(value));
        for (uint32_t row = 0; row < rd_node_count(value); row++) {
            put_row(view, buf, rd_node_at(value, row), what);
        }
    }
}

struct rd_str digest_masked(
        struct store_view *view, struct rd_str digest, unsigned what, struct rd_arena *arena)
{
    RD_CLEANUP(rd_tree_freep)
    struct rd_tree *tree = rd_tree_new();
    rd_node root;
    if (digest.len == 0 || (what & RD_HIDE_VALUES) == 0 ||
            rd_tree_read(tree, digest, &root, NULL) != 0) {
        return digest;
    }
    struct rd_buf buf;
    rd_buf_init(&buf, 2 * RD_ALERT_BYTES_MAX); /* a mask may be longer than what it hides */
    put_digest(view, &buf, root, what);
    struct rd_str masked =
            buf.error == 0 ? rd_arena_dup(arena, rd_buf_str(&buf)) : (struct rd_str){0};
    rd_buf_done(&buf);
    return masked;
}
