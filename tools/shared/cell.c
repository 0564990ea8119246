#include <inttypes.h>

#include "tools/shared/table.h"

/* One value as text. */

/* To the minute without an offset, or to the second with it. */
static void put_time(struct rd_buf *cell, rd_time time, bool is_short)
{
    enum { MINUTE_LEN = 16 };
    char text[RD_TIME_TEXT_MAX];
    if (time == RD_TIME_NONE) {
        return;
    }
    rd_time second = time - ((time % RD_SECOND_US) + RD_SECOND_US) % RD_SECOND_US;
    rd_time_format_at(second, local_offset(time), text);
    struct rd_str all = rd_str_of(text);
    if (is_short && all.len > MINUTE_LEN) {
        text[MINUTE_LEN - 6] = ' ';
        all.len = MINUTE_LEN;
    }
    rd_buf_put_text(cell, all);
}

static void put_scalar(struct rd_buf *cell, rd_node node, bool is_short)
{
    switch (rd_node_type(node)) {
    case RD_NODE_BOOL:
        rd_buf_printf(cell, "%s", rd_node_bool(node) ? "yes" : "no");
        return;
    case RD_NODE_UINT:
        rd_buf_printf(cell, "%" PRIu64, rd_node_uint(node));
        return;
    case RD_NODE_INT:
        rd_buf_printf(cell, "%" PRId64, rd_node_int(node));
        return;
    case RD_NODE_STR:
        put_text(cell, rd_node_str(node));
        return;
    case RD_NODE_BIN:
        rd_buf_printf(cell, "%zu bytes", rd_node_bin(node).len);
        return;
    case RD_NODE_TIME:
        put_time(cell, rd_node_time(node), is_short);
        return;
    case RD_NODE_NIL:
        rd_buf_put_u8(cell, '-');
        return;
    case RD_NODE_NONE:
    case RD_NODE_FLOAT:
    case RD_NODE_EXT:
    case RD_NODE_ARRAY:
    case RD_NODE_MAP:
        return;
    }
}

void put_inline(struct rd_buf *cell, rd_node node, bool is_short)
{
    enum rd_node_type type = rd_node_type(node);
    if (type != RD_NODE_ARRAY && type != RD_NODE_MAP) {
        put_scalar(cell, node, is_short);
        return;
    }
    if (rd_node_count(node) == 0) {
        rd_buf_put_u8(cell, '-');
    }
    for (uint32_t i = 0; i < rd_node_count(node); i++) {
        if (type == RD_NODE_ARRAY) {
            rd_buf_printf(cell, "%s", i == 0 ? "" : ", ");
            put_inline(cell, rd_node_at(node, i), is_short);
        } else {
            struct rd_str key;
            rd_node value = rd_node_pair(node, i, &key);
            rd_buf_printf(cell, "%s", i == 0 ? "" : " ");
            put_text(cell, key);
            rd_buf_put_u8(cell, '=');
            put_inline(cell, value, is_short);
        }
    }
}

/* The end of a line's text: at its last space, or in a word that is longer than the line. */
static size_t line_of(struct rd_str text, size_t width)
{
    size_t end = fit_into(text, width);
    if (end == text.len) {
        return end;
    }
    size_t space = end;
    while (space > 0 && text.ptr[space] != ' ') {
        space--;
    }
    return space > 0 ? space : end;
}

void print_wrapped(FILE *out, struct style style, struct rd_str text, size_t indent)
{
    enum { NARROWEST = 8 };
    size_t width = style.width >= indent + NARROWEST ? style.width - indent : NARROWEST;
    while (style.width > 0 && width_of(text) > width) {
        size_t len = line_of(text, width);
        (void)fprintf(out, "%.*s\n%*s", (int)len, text.ptr, (int)indent, "");
        text.ptr += len;
        text.len -= len;
        while (text.len > 0 && *text.ptr == ' ') {
            text.ptr++;
            text.len--;
        }
    }
    (void)fprintf(out, "%.*s\n", RD_FMT(text));
}
