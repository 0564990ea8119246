#include "tools/shared/table.h"

#include <string.h>

enum {
    COLUMNS_MAX = 48,
    CELL_BYTES_MAX = 64 * 1024,
    INDENT = 2,
    GAP = 2,
    CELL_WIDTH_MAX = 60,  /* of a last column's width in a pipe nothing depends */
    TEXT_WIDTH_MIN = 8,   /* narrower, a text tells nothing */
    TEXT_WIDTH_GOOD = 20, /* for less, a column beside it is left out first, if it may be */
};

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

/* ---- columns ---- */

struct column {
    struct rd_str key;
    size_t width;
    bool is_number, is_text, is_time, is_optional;
};

struct grid {
    FILE *out;
    struct style style;
    rd_node rows;
    size_t indent, count;
    bool is_short; /* times to the minute */
    struct rd_buf cell, other;
    struct column columns[COLUMNS_MAX];
};

static bool is_nested(rd_node node)
{
    enum rd_node_type type = rd_node_type(node);
    if (type == RD_NODE_MAP) {
        return true;
    }
    return type == RD_NODE_ARRAY && rd_node_type(rd_node_at(node, 0)) == RD_NODE_MAP;
}

static void add_column(struct grid *grid, struct rd_str key, bool is_optional)
{
    for (size_t i = 0; i < grid->count; i++) {
        if (rd_str_eq(grid->columns[i].key, key)) {
            return;
        }
    }
    if (grid->count < COLUMNS_MAX) {
        grid->columns[grid->count++] = (struct column){.key = key, .is_optional = is_optional};
    }
}

static void name_columns(struct grid *grid, const char *names)
{
    for (const char *at = names; *at != '\0';) {
        size_t len = strcspn(at, " ");
        bool is_optional = *at == '?';
        size_t skipped = is_optional ? 1 : 0;
        add_column(grid, (struct rd_str){.ptr = at + skipped, .len = len - skipped}, is_optional);
        at += len + (at[len] == ' ' ? 1 : 0);
    }
}

/* Without a choice of columns the first one stays whatever the width, and so does `by`. */
static bool may_go(const struct grid *grid, struct rd_str key)
{
    return grid->count > 0 && !rd_str_is(key, "by") && !rd_str_is(key, "title");
}

/* All that hold no map. */
static void find_columns(struct grid *grid)
{
    for (uint32_t i = 0; i < rd_node_count(grid->rows); i++) {
        rd_node row = rd_node_at(grid->rows, i);
        for (uint32_t j = 0; j < rd_node_count(row); j++) {
            struct rd_str key;
            if (!is_nested(rd_node_pair(row, j, &key))) {
                add_column(grid, key, may_go(grid, key));
            }
        }
    }
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

static void measure(struct grid *grid)
{
    for (size_t c = 0; c < grid->count; c++) {
        struct column *column = &grid->columns[c];
        column->width = width_of(column->key);
        for (uint32_t i = 0; i < rd_node_count(grid->rows); i++) {
            rd_node value = cell_of(rd_node_at(grid->rows, i), column->key);
            enum rd_node_type type = rd_node_type(value);
            rd_buf_reset(&grid->cell);
            put_inline(&grid->cell, value, grid->is_short);
            size_t width = width_of(rd_buf_str(&grid->cell));
            column->width = width > column->width ? width : column->width;
            column->is_number = column->is_number || type == RD_NODE_UINT;
            column->is_time = column->is_time || type == RD_NODE_TIME;
            column->is_text = column->is_text || type == RD_NODE_STR || type == RD_NODE_ARRAY ||
                              type == RD_NODE_MAP;
        }
        bool is_last = c + 1 == grid->count && grid->style.width > 0;
        if (column->width > CELL_WIDTH_MAX && !is_last) {
            column->width = CELL_WIDTH_MAX;
        }
    }
}

/* ---- into the terminal's width ---- */

static size_t total_of(const struct grid *grid)
{
    size_t total = grid->indent + (grid->count > 0 ? GAP * (grid->count - 1) : 0);
    for (size_t c = 0; c < grid->count; c++) {
        total += grid->columns[c].width;
    }
    return total;
}

/* Takes `over` columns away from the widest texts, as long as they are wider than `floor`. */
static void shrink(struct grid *grid, size_t over, size_t floor)
{
    while (over > 0) {
        struct column *widest = NULL;
        for (size_t c = 0; c < grid->count; c++) {
            struct column *column = &grid->columns[c];
            bool can_shrink = column->is_text && column->width > floor;
            if (can_shrink && (widest == NULL || column->width > widest->width)) {
                widest = column;
            }
        }
        if (widest == NULL) {
            return;
        }
        widest->width--;
        over--;
    }
}

static size_t shrinkable(const struct grid *grid, size_t floor)
{
    size_t room = 0;
    for (size_t c = 0; c < grid->count; c++) {
        const struct column *column = &grid->columns[c];
        bool can_shrink = column->is_text && column->width > floor;
        room += can_shrink ? column->width - floor : 0;
    }
    return room;
}

static void remove_column(struct grid *grid, struct column *column)
{
    size_t at = (size_t)(column - grid->columns);
    grid->count--;
    memmove(column, column + 1, (grid->count - at) * sizeof *column);
}

/* No row says anything there. */
static bool is_empty(const struct grid *grid, const struct column *column)
{
    bool has_value = false;
    for (uint32_t i = 0; i < rd_node_count(grid->rows) && !has_value; i++) {
        rd_node value = cell_of(rd_node_at(grid->rows, i), column->key);
        enum rd_node_type type = rd_node_type(value);
        bool has_parts = type == RD_NODE_ARRAY || type == RD_NODE_MAP;
        has_value = value != NULL && type != RD_NODE_NIL &&
                    !(type == RD_NODE_STR && rd_node_str(value).len == 0) &&
                    !(has_parts && rd_node_count(value) == 0);
    }
    return !has_value;
}

/* Both are times, and printed alike in every row. (Numbers and words may be alike by chance.) */
static bool are_alike(struct grid *grid, const struct column *one, const struct column *other)
{
    bool is_alike = one->is_time && other->is_time;
    for (uint32_t i = 0; i < rd_node_count(grid->rows) && is_alike; i++) {
        rd_node row = rd_node_at(grid->rows, i);
        rd_buf_reset(&grid->cell);
        rd_buf_reset(&grid->other);
        put_inline(&grid->cell, cell_of(row, one->key), grid->is_short);
        put_inline(&grid->other, cell_of(row, other->key), grid->is_short);
        is_alike = rd_str_eq(rd_buf_str(&grid->cell), rd_buf_str(&grid->other));
    }
    return is_alike;
}

/* What tells nothing goes first: an empty column, without a word, then a time like another. */
static void leave_out_idle(struct grid *grid, struct rd_buf *left)
{
    for (size_t c = grid->count; c > 0 && total_of(grid) > grid->style.width; c--) {
        if (grid->columns[c - 1].is_optional && is_empty(grid, &grid->columns[c - 1])) {
            remove_column(grid, &grid->columns[c - 1]);
        }
    }
    for (size_t c = grid->count; c > 0; c--) {
        struct column *column = &grid->columns[c - 1];
        size_t like = 0;
        while (like < c - 1 && !are_alike(grid, &grid->columns[like], column)) {
            like++;
        }
        if (column->is_optional && like < c - 1 && total_of(grid) > grid->style.width) {
            rd_buf_printf(left, "%s%.*s (as %.*s)", left->len > 0 ? ", " : "", RD_FMT(column->key),
                    RD_FMT(grid->columns[like].key));
            remove_column(grid, column);
        }
    }
}

/* Leaves out the last column that may be. False: none may. */
static bool leave_out(struct grid *grid, struct rd_buf *left)
{
    for (size_t c = grid->count; c > 0; c--) {
        struct column *column = &grid->columns[c - 1];
        if (column->is_optional) {
            rd_buf_printf(left, "%s%.*s", left->len > 0 ? ", " : "", RD_FMT(column->key));
            remove_column(grid, column);
            return true;
        }
    }
    return false;
}

/* Into the width, as far as that goes. */
static void make_room(struct grid *grid, struct rd_buf *left)
{
    static const size_t floors[] = {TEXT_WIDTH_GOOD, TEXT_WIDTH_MIN};
    size_t width = grid->style.width;
    leave_out_idle(grid, left);
    while (total_of(grid) > width + shrinkable(grid, TEXT_WIDTH_GOOD) && leave_out(grid, left)) {
    }
    for (size_t i = 0; i < RD_COUNT(floors); i++) {
        if (total_of(grid) > width) {
            shrink(grid, total_of(grid) - width, floors[i]);
        }
    }
}

/* False: the terminal is too narrow for the columns that must stay. */
static bool fit(struct grid *grid)
{
    enum { LEFT_BYTES_MAX = 4096 };
    struct rd_buf left;
    rd_buf_init(&left, LEFT_BYTES_MAX);
    size_t width = grid->style.width;
    if (width > 0 && total_of(grid) > width) {
        grid->is_short = true;
        measure(grid);
        if (total_of(grid) > width) {
            make_room(grid, &left);
        }
    }
    bool is_wide_enough = width == 0 || total_of(grid) <= width;
    if (left.len > 0 && is_wide_enough) {
        (void)fprintf(stderr, "left out for want of room: %.*s\n", RD_FMT(rd_buf_str(&left)));
    }
    rd_buf_done(&left);
    return is_wide_enough;
}

/* ---- rows ---- */

static void print_text_in_colour(const struct grid *grid, struct rd_str text, bool is_cut)
{
    const char *colour = grid->style.has_colour ? colour_of(text) : NULL;
    (void)fprintf(grid->out, "%s%.*s%s%s", colour != NULL ? colour : "", RD_FMT(text),
            is_cut ? "…" : "", colour != NULL ? "\033[0m" : "");
}

static void print_cell(const struct grid *grid, const struct column *column, struct rd_str text)
{
    size_t width = width_of(text);
    bool is_cut = grid->style.width > 0 && width > column->width;
    if (is_cut) {
        text.len = fit_into(text, column->width - 1);
        width = width_of(text) + 1;
    }
    int pad = width < column->width ? (int)(column->width - width) : 0;
    bool is_last = column == &grid->columns[grid->count - 1];
    if (column->is_number) {
        (void)fprintf(grid->out, "%*s", pad, "");
    }
    print_text_in_colour(grid, text, is_cut);
    if (!column->is_number && !is_last) {
        (void)fprintf(grid->out, "%*s", pad, "");
    }
    (void)fputs(is_last ? "\n" : "  ", grid->out);
}

static void print_lines(struct grid *grid)
{
    for (uint32_t i = 0; i <= rd_node_count(grid->rows); i++) {
        (void)fprintf(grid->out, "%*s", (int)grid->indent, "");
        for (size_t c = 0; c < grid->count; c++) {
            rd_buf_reset(&grid->cell);
            if (i == 0) {
                rd_buf_put_text(&grid->cell, grid->columns[c].key);
            } else {
                rd_node value = cell_of(rd_node_at(grid->rows, i - 1), grid->columns[c].key);
                put_inline(&grid->cell, value, grid->is_short);
            }
            print_cell(grid, &grid->columns[c], rd_buf_str(&grid->cell));
        }
    }
}

/* A line a column, an empty line between rows. */
static void print_blocks(struct grid *grid)
{
    size_t widest = 0;
    for (size_t c = 0; c < grid->count; c++) {
        size_t width = width_of(grid->columns[c].key);
        widest = width > widest ? width : widest;
    }
    for (uint32_t i = 0; i < rd_node_count(grid->rows); i++) {
        if (i > 0) {
            (void)fputc('\n', grid->out);
        }
        for (size_t c = 0; c < grid->count; c++) {
            struct rd_str key = grid->columns[c].key;
            rd_node value = cell_of(rd_node_at(grid->rows, i), key);
            if (value == NULL || rd_node_type(value) == RD_NODE_NIL) {
                continue;
            }
            rd_buf_reset(&grid->cell);
            put_inline(&grid->cell, value, true);
            (void)fprintf(grid->out, "%*s%.*s%*s", (int)grid->indent, "", RD_FMT(key),
                    (int)(widest - width_of(key) + GAP), "");
            print_wrapped(
                    grid->out, grid->style, rd_buf_str(&grid->cell), grid->indent + widest + GAP);
        }
    }
}

static void print_rows(
        FILE *out, struct style style, rd_node rows, const char *names, size_t indent)
{
    struct grid grid = {.out = out, .style = style, .rows = rows, .indent = indent};
    rd_buf_init(&grid.cell, CELL_BYTES_MAX);
    rd_buf_init(&grid.other, CELL_BYTES_MAX);
    if (names != NULL) {
        name_columns(&grid, names);
    } else {
        find_columns(&grid);
    }
    measure(&grid);
    struct grid whole = grid;
    if (fit(&grid)) {
        print_lines(&grid);
    } else {
        whole.cell = grid.cell;
        print_blocks(&whole);
        grid.cell = whole.cell;
    }
    rd_buf_done(&grid.cell);
    rd_buf_done(&grid.other);
}

void print_table(FILE *out, struct style style, rd_node rows, const char *columns)
{
    print_rows(out, style, rows, columns, 0);
}

/* ---- maps ---- */

static void print_pairs(FILE *out, struct style style, rd_node map, size_t indent);

static void print_nested(
        FILE *out, struct style style, struct rd_str key, rd_node value, size_t indent)
{
    (void)fprintf(out, "%*s%.*s\n", (int)indent, "", RD_FMT(key));
    if (rd_node_type(value) == RD_NODE_MAP) {
        print_pairs(out, style, value, indent + INDENT);
    } else {
        print_rows(out, style, value, NULL, indent + INDENT);
    }
}

static void print_value(FILE *out, struct style style, struct rd_str text, size_t indent)
{
    const char *colour = style.has_colour ? colour_of(text) : NULL;
    if (colour != NULL) {
        (void)fprintf(out, "%s%.*s\033[0m\n", colour, RD_FMT(text));
    } else {
        print_wrapped(out, style, text, indent);
    }
}

static void print_pairs(FILE *out, struct style style, rd_node map, size_t indent)
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
        put_inline(&cell, value, false);
        (void)fprintf(
                out, "%*s%.*s%*s  ", (int)indent, "", RD_FMT(key), (int)(widest - key.len), "");
        print_value(out, style, rd_buf_str(&cell), indent + widest + GAP);
    }
    rd_buf_done(&cell);
}

void print_map(FILE *out, struct style style, rd_node map)
{
    print_pairs(out, style, map, 0);
}
