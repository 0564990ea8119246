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

static const char *bool_word(bool value, bool is_zh)
{
    return is_zh ? (value ? "是" : "否") : value ? "yes" : "no";
}

static void put_scalar(struct rd_buf *text, const struct cell *cell, rd_node node)
{
    switch (rd_node_type(node)) {
    case RD_NODE_BOOL:
        rd_buf_printf(text, "%s", bool_word(rd_node_bool(node), cell->is_zh));
        return;
    case RD_NODE_UINT:
        rd_buf_printf(text, "%" PRIu64, rd_node_uint(node));
        return;
    case RD_NODE_INT:
        rd_buf_printf(text, "%" PRId64, rd_node_int(node));
        return;
    case RD_NODE_STR:
        if (cell->is_zh && !cell->is_own) {
            word_put(text, &cell->place, rd_node_str(node));
        } else {
            put_text(text, rd_node_str(node));
        }
        return;
    case RD_NODE_BIN:
        rd_buf_printf(text, cell->is_zh ? "%zu字节" : "%zu bytes", rd_node_bin(node).len);
        return;
    case RD_NODE_TIME:
        put_time(text, rd_node_time(node), cell->is_short);
        return;
    case RD_NODE_NIL:
        rd_buf_put_u8(text, '-');
        return;
    case RD_NODE_NONE:
    case RD_NODE_FLOAT:
    case RD_NODE_EXT:
    case RD_NODE_ARRAY:
    case RD_NODE_MAP:
        return;
    }
}

void put_inline(struct rd_buf *text, const struct cell *cell, rd_node node)
{
    enum rd_node_type type = rd_node_type(node);
    if (type != RD_NODE_ARRAY && type != RD_NODE_MAP) {
        put_scalar(text, cell, node);
        return;
    }
    if (rd_node_count(node) == 0) {
        rd_buf_put_u8(text, '-');
    }
    for (uint32_t i = 0; i < rd_node_count(node); i++) {
        if (type == RD_NODE_ARRAY) {
            rd_buf_printf(text, "%s", i == 0 ? "" : cell->is_zh ? "、" : ", ");
            put_inline(text, cell, rd_node_at(node, i));
        } else {
            struct cell inner = *cell;
            rd_node value = rd_node_pair(node, i, &inner.place.key);
            inner.place.map = node;
            inner.is_own = cell->is_own || rd_str_is(cell->place.key, "attributes");
            rd_buf_printf(text, "%s", i == 0 ? "" : " ");
            put_text(text, cell->is_zh && !inner.is_own ? word_of_key(node, inner.place.key)
                                                        : inner.place.key);
            rd_buf_put_u8(text, '=');
            put_inline(text, &inner, value);
        }
    }
}

const char *colour_of(rd_node value)
{
    struct rd_str text = rd_node_str(value);
    static const struct {
        const char *text, *colour;
    } table[] = {{"critical", "\033[1;31m"}, {"high", "\033[31m"}, {"breached", "\033[1;31m"},
            {"rejected", "\033[31m"}, {"warning", "\033[33m"}, {"watch", "\033[33m"},
            {"accepted", "\033[32m"}};
    for (size_t i = 0; i < RD_COUNT(table); i++) {
        if (rd_str_is(text, table[i].text)) {
            return table[i].colour;
        }
    }
    return NULL;
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
