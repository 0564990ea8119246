/* daemon/config/print.c — nodes as YAML: blocks, texts in double quotes, so that each reads back as
 * what it was. */
#include "daemon/config/print.h"

#include <inttypes.h>

static void put_quoted(struct rd_buf *buf, struct rd_str text)
{
    rd_buf_put_u8(buf, '"');
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.ptr[i];
        if (c == '"' || c == '\\') {
            rd_buf_put_u8(buf, '\\');
            rd_buf_put_u8(buf, c);
        } else if (c < 0x20 || c == 0x7f) {
            rd_buf_printf(buf, "\\x%02x", c);
        } else {
            rd_buf_put_u8(buf, c);
        }
    }
    rd_buf_put_u8(buf, '"');
}

/* A text that YAML could not take for anything else. */
static bool is_word(struct rd_str text)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        bool is_inner = (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.' || c == '/';
        if (!is_letter && (i == 0 || !is_inner)) {
            return false;
        }
    }
    static const char *const TAKEN[] = {
            "null", "true", "false", "yes", "no", "on", "off", "y", "n"};
    for (size_t i = 0; i < RD_COUNT(TAKEN); i++) {
        if (rd_str_is(text, TAKEN[i])) {
            return false;
        }
    }
    return text.len > 0 && text.len <= 64;
}

static void put_text(struct rd_buf *buf, struct rd_str text)
{
    if (is_word(text)) {
        rd_buf_put_text(buf, text);
    } else {
        put_quoted(buf, text);
    }
}

static bool is_flat(const struct config_node *node)
{
    return (node->kind != CONFIG_LIST && node->kind != CONFIG_MAP) || node->count == 0;
}

static void put_flat(struct rd_buf *buf, const struct config_node *node)
{
    switch (node->kind) {
    case CONFIG_NULL:
        rd_buf_printf(buf, "null");
        break;
    case CONFIG_BOOL:
        rd_buf_printf(buf, "%s", node->integer != 0 ? "true" : "false");
        break;
    case CONFIG_INT:
        rd_buf_printf(buf, "%" PRId64, node->integer);
        break;
    case CONFIG_STR:
        put_text(buf, node->text);
        break;
    case CONFIG_LIST:
        rd_buf_printf(buf, "[]");
        break;
    case CONFIG_MAP:
        rd_buf_printf(buf, "{}");
        break;
    case CONFIG_RAW:
        RD_UNREACHABLE("what is compiled stands in the engine's tree only");
    }
}

static void put_indent(struct rd_buf *buf, unsigned depth)
{
    for (unsigned i = 0; i < depth; i++) {
        rd_buf_printf(buf, "  ");
    }
}

/* `at_start`: the first line has been begun already, by a "- ". */
static void put_block(
        struct rd_buf *buf, const struct config_node *node, unsigned depth, bool at_start)
{
    RD_ASSERT(depth <= CONFIG_DEPTH_MAX + 8);
    for (uint32_t i = 0; i < node->count; i++) {
        const struct config_node *item = node->items[i];
        if (!at_start || i > 0) {
            put_indent(buf, depth);
        }
        if (node->kind == CONFIG_LIST) {
            rd_buf_printf(buf, "- ");
            if (is_flat(item)) {
                put_flat(buf, item);
                rd_buf_printf(buf, "\n");
            } else {
                put_block(buf, item, depth + 1, true);
            }
            continue;
        }
        put_text(buf, node->keys[i]);
        if (is_flat(item)) {
            rd_buf_printf(buf, ": ");
            put_flat(buf, item);
            rd_buf_printf(buf, "\n");
        } else {
            rd_buf_printf(buf, ":\n");
            put_block(buf, item, depth + 1, false);
        }
    }
}

void config_node_print(struct rd_buf *buf, const struct config_node *root)
{
    if (is_flat(root)) {
        put_flat(buf, root);
        rd_buf_printf(buf, "\n");
    } else {
        put_block(buf, root, 0, false);
    }
}
