#include "tools/ctl/print.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "common/buf.h"

enum { COLUMNS_MAX = 48, CELL_BYTES_MAX = 64 * 1024, INDENT = 2, WIDTH_MAX = 60 };

struct print_style print_style_of(FILE *out)
{
    const char *none = getenv("NO_COLOR");
    return (struct print_style){
            .has_colour = isatty(fileno(out)) == 1 && (none == NULL || none[0] == '\0')};
}

/* ---- one cell ---- */

static void put_time(struct rd_buf *cell, rd_time time)
{
    char text[RD_TIME_TEXT_MAX];
    if (time == RD_TIME_NONE) {
        return;
    }
    rd_time second = time - ((time % RD_SECOND_US) + RD_SECOND_US) % RD_SECOND_US;
    time_t unix_seconds = (time_t)(second / RD_SECOND_US);
    struct tm local = {0};
    int32_t offset = localtime_r(&unix_seconds, &local) != NULL ? (int32_t)local.tm_gmtoff : 0;
    rd_time_format_at(second, offset, text);
    rd_buf_put_text(cell, rd_str_of(text));
}

/* What a terminal would obey is shown as a question mark: texts come from strangers. */
static void put_safely(struct rd_buf *cell, struct rd_str text)
{
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.ptr[i];
        bool is_c1 = c == 0xc2 && i + 1 < text.len && (unsigned char)text.ptr[i + 1] < 0xa0;
        i += is_c1 ? 1 : 0;
        rd_buf_put_u8(cell, c == '\n' || c == '\t' ? ' ' : c < ' ' || c == 0x7f || is_c1 ? '?' : c);
    }
}

void print_safely(FILE *out, struct rd_str text)
{
    struct rd_buf safe;
    rd_buf_init(&safe, CELL_BYTES_MAX);
    put_safely(&safe, text);
    (void)fwrite(safe.ptr, 1, safe.len, out);
    rd_buf_done(&safe);
}

static void put_scalar(struct rd_buf *cell, rd_node node)
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
        put_safely(cell, rd_node_str(node));
        return;
    case RD_NODE_BIN:
        rd_buf_printf(cell, "%zu bytes", rd_node_bin(node).len);
        return;
    case RD_NODE_TIME:
        put_time(cell, rd_node_time(node));
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

/* Anything in one line: "a, b", "code=x points=5". */
static void put_inline(struct rd_buf *cell, rd_node node)
{
    enum rd_node_type type = rd_node_type(node);
    if (type != RD_NODE_ARRAY && type != RD_NODE_MAP) {
        put_scalar(cell, node);
        return;
    }
    if (rd_node_count(node) == 0) {
        rd_buf_put_u8(cell, '-');
    }
    for (uint32_t i = 0; i < rd_node_count(node); i++) {
        if (type == RD_NODE_ARRAY) {
            rd_buf_printf(cell, "%s", i == 0 ? "" : ", ");
            put_inline(cell, rd_node_at(node, i));
        } else {
            struct rd_str key;
            rd_node value = rd_node_pair(node, i, &key);
            rd_buf_printf(cell, "%s", i == 0 ? "" : " ");
            put_safely(cell, key);
            rd_buf_put_u8(cell, '=');
            put_inline(cell, value);
        }
    }
}

/* Columns on a terminal: those of Chinese, Japanese and Korean take two. */
static size_t width_of(struct rd_str text)
{
    size_t width = 0;
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.ptr[i];
        if ((c & 0xc0) == 0x80) {
            continue;
        }
        bool is_wide = c >= 0xe3 && (c <= 0xed || c == 0xef || c >= 0xf0);
        width += is_wide ? 2 : 1;
    }
    return width;
}

static const char *colour_of(struct rd_str text)
{
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

static void print_cell(
        FILE *out, struct print_style style, struct rd_str text, size_t pad, bool is_right)
{
    const char *colour = style.has_colour ? colour_of(text) : NULL;
    if (is_right) {
        (void)fprintf(out, "%*s", (int)pad, "");
    }
    (void)fprintf(out, "%s%.*s%s", colour != NULL ? colour : "", RD_FMT(text),
            colour != NULL ? "\033[0m" : "");
    if (!is_right) {
        (void)fprintf(out, "%*s", (int)pad, "");
    }
}

/* ---- tables ---- */

struct column {
    struct rd_str key;
    size_t width;
    bool is_number;
};

static bool is_nested(rd_node node)
{
    enum rd_node_type type = rd_node_type(node);
    if (type == RD_NODE_MAP) {
        return true;
    }
    return type == RD_NODE_ARRAY && rd_node_type(rd_node_at(node, 0)) == RD_NODE_MAP;
}

static void add_column(struct column *columns, size_t *count, struct rd_str key)
{
    for (size_t i = 0; i < *count; i++) {
        if (rd_str_eq(columns[i].key, key)) {
            return;
        }
    }
    if (*count < COLUMNS_MAX) {
        columns[(*count)++] = (struct column){.key = key};
    }
}

static size_t columns_named(struct column *columns, const char *names)
{
    size_t count = 0;
    for (const char *at = names; *at != '\0';) {
        size_t len = strcspn(at, " ");
        add_column(columns, &count, (struct rd_str){.ptr = at, .len = len});
        at += len + (at[len] == ' ' ? 1 : 0);
    }
    return count;
}

static size_t columns_found(struct column *columns, rd_node rows)
{
    size_t count = 0;
    for (uint32_t i = 0; i < rd_node_count(rows); i++) {
        rd_node row = rd_node_at(rows, i);
        for (uint32_t j = 0; j < rd_node_count(row); j++) {
            struct rd_str key;
            if (!is_nested(rd_node_pair(row, j, &key))) {
                add_column(columns, &count, key);
            }
        }
    }
    return count;
}

static rd_node cell_of(rd_node row, struct rd_str key)
{
    for (uint32_t i = 0; i < rd_node_count(row); i++) {
        struct rd_str found;
        rd_node value = rd_node_pair(row, i, &found);
        if (rd_str_eq(found, key)) {
            return value;
        }
    }
    return NULL;
}

static void measure(struct column *columns, size_t count, rd_node rows, struct rd_buf *cell)
{
    for (size_t c = 0; c < count; c++) {
        columns[c].width = width_of(columns[c].key);
        for (uint32_t i = 0; i < rd_node_count(rows); i++) {
            rd_node value = cell_of(rd_node_at(rows, i), columns[c].key);
            rd_buf_reset(cell);
            put_inline(cell, value);
            size_t width = width_of(rd_buf_str(cell));
            columns[c].width = width > columns[c].width ? width : columns[c].width;
            columns[c].is_number = columns[c].is_number || rd_node_type(value) == RD_NODE_UINT;
        }
        columns[c].width = columns[c].width > WIDTH_MAX ? WIDTH_MAX : columns[c].width;
    }
}

static void print_rows(
        FILE *out, struct print_style style, rd_node rows, const char *names, size_t indent)
{
    struct column columns[COLUMNS_MAX];
    struct rd_buf cell;
    rd_buf_init(&cell, CELL_BYTES_MAX);
    size_t count = names != NULL ? columns_named(columns, names) : columns_found(columns, rows);
    measure(columns, count, rows, &cell);
    for (uint32_t i = 0; i <= rd_node_count(rows); i++) {
        (void)fprintf(out, "%*s", (int)indent, "");
        for (size_t c = 0; c < count; c++) {
            rd_buf_reset(&cell);
            if (i == 0) {
                rd_buf_put_text(&cell, columns[c].key);
            } else {
                put_inline(&cell, cell_of(rd_node_at(rows, i - 1), columns[c].key));
            }
            struct rd_str text = rd_buf_str(&cell);
            size_t width = width_of(text);
            size_t pad = width < columns[c].width ? columns[c].width - width : 0;
            bool is_last = c + 1 == count;
            print_cell(out, style, text, is_last && !columns[c].is_number ? 0 : pad,
                    columns[c].is_number);
            (void)fputs(is_last ? "\n" : "  ", out);
        }
    }
    rd_buf_done(&cell);
}

void print_table(FILE *out, struct print_style style, rd_node rows, const char *columns)
{
    print_rows(out, style, rows, columns, 0);
}

/* ---- maps ---- */

static void print_pairs(FILE *out, struct print_style style, rd_node map, size_t indent);

static void print_nested(
        FILE *out, struct print_style style, struct rd_str key, rd_node value, size_t indent)
{
    (void)fprintf(out, "%*s%.*s\n", (int)indent, "", RD_FMT(key));
    if (rd_node_type(value) == RD_NODE_MAP) {
        print_pairs(out, style, value, indent + INDENT);
    } else {
        print_rows(out, style, value, NULL, indent + INDENT);
    }
}

static void print_pairs(FILE *out, struct print_style style, rd_node map, size_t indent)
{
    size_t widest = 0;
    struct rd_str key;
    struct rd_buf cell;
    rd_buf_init(&cell, CELL_BYTES_MAX);
    for (uint32_t i = 0; i < rd_node_count(map); i++) {
        if (!is_nested(rd_node_pair(map, i, &key))) {
            widest = key.len > widest ? key.len : widest;
        }
    }
    for (uint32_t i = 0; i < rd_node_count(map); i++) {
        rd_node value = rd_node_pair(map, i, &key);
        if (rd_str_is(key, "as_of")) {
            continue;
        }
        if (is_nested(value)) {
            print_nested(out, style, key, value, indent);
            continue;
        }
        rd_buf_reset(&cell);
        put_inline(&cell, value);
        (void)fprintf(
                out, "%*s%.*s%*s  ", (int)indent, "", RD_FMT(key), (int)(widest - key.len), "");
        print_cell(out, style, rd_buf_str(&cell), 0, false);
        (void)fputc('\n', out);
    }
    rd_buf_done(&cell);
}

void print_map(FILE *out, struct print_style style, rd_node map)
{
    print_pairs(out, style, map, 0);
}
