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

/* ---- columns ---- */

struct column {
    struct rd_str key;
    size_t width;
    bool is_number, is_text, is_time, is_optional;
};

struct grid {
    FILE *out;
    struct style style;
    rd_node answer, rows; /* rows: of the answer, or the whole of it */
    const char *names;    /* the choice of columns; NULL: none was made */
    size_t indent, count;
    bool is_short; /* times to the minute */
    bool is_own;   /* what is told are a firm's own attributes */
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

/* `map`: that the key is of, or a list whose rows it is of. */
static struct rd_str head_in(const struct grid *grid, rd_node map, struct rd_str key)
{
    rd_node row = rd_node_type(map) == RD_NODE_ARRAY ? rd_node_at(map, 0) : map;
    if (!grid->style.is_zh || grid->is_own) {
        return key;
    }
    return row == NULL && grid->names != NULL ? word_of_column(grid->names, key)
                                              : word_of_key(row, key);
}

static struct rd_str head_of(const struct grid *grid, struct rd_str key)
{
    return head_in(grid, grid->rows, key);
}

static void add_column(struct grid *grid, struct rd_str key, bool is_optional)
{
    key = grid->style.is_zh ? word_column(key) : key;
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

static rd_node value_of(rd_node row, struct rd_str key)
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

/* A name that a row has not: its code. */
static rd_node cell_of(rd_node row, struct rd_str key)
{
    rd_node value = value_of(row, key);
    return value != NULL ? value : value_of(row, word_code_of(key));
}

static void put_cell(struct rd_buf *text, const struct grid *grid, rd_node row, struct rd_str key)
{
    const struct cell cell = {.place = {.answer = grid->answer, .map = row, .key = key},
            .is_short = grid->is_short,
            .is_zh = grid->style.is_zh,
            .is_own = grid->is_own};
    put_inline(text, &cell, cell_of(row, key));
}

static void measure(struct grid *grid)
{
    for (size_t c = 0; c < grid->count; c++) {
        struct column *column = &grid->columns[c];
        column->width = width_of(head_of(grid, column->key));
        for (uint32_t i = 0; i < rd_node_count(grid->rows); i++) {
            rd_node row = rd_node_at(grid->rows, i);
            enum rd_node_type type = rd_node_type(cell_of(row, column->key));
            rd_buf_reset(&grid->cell);
            put_cell(&grid->cell, grid, row, column->key);
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
        put_cell(&grid->cell, grid, row, one->key);
        put_cell(&grid->other, grid, row, other->key);
        is_alike = rd_str_eq(rd_buf_str(&grid->cell), rd_buf_str(&grid->other));
    }
    return is_alike;
}

static void put_left(const struct grid *grid, struct rd_buf *left, struct rd_str head)
{
    const char *between = grid->style.is_zh ? "、" : ", ";
    rd_buf_printf(left, "%s%.*s", left->len > 0 ? between : "", RD_FMT(head));
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
            struct rd_str head = head_of(grid, column->key);
            struct rd_str same = head_of(grid, grid->columns[like].key);
            put_left(grid, left, head);
            rd_buf_printf(left, grid->style.is_zh ? "（同%.*s）" : " (as %.*s)", RD_FMT(same));
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
            put_left(grid, left, head_of(grid, column->key));
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
        (void)fprintf(stderr, "%s%.*s\n",
                grid->style.is_zh ? "因宽度不足未显示：" : "left out for want of room: ",
                RD_FMT(rd_buf_str(&left)));
    }
    rd_buf_done(&left);
    return is_wide_enough;
}

/* ---- rows ---- */

static void print_text_in_colour(
        const struct grid *grid, rd_node value, struct rd_str text, bool is_cut)
{
    const char *colour = grid->style.has_colour ? colour_of(value) : NULL;
    (void)fprintf(grid->out, "%s%.*s%s%s", colour != NULL ? colour : "", RD_FMT(text),
            is_cut ? "…" : "", colour != NULL ? "\033[0m" : "");
}

/* `value`: what the text is of; NULL: a heading. */
static void print_cell(
        const struct grid *grid, const struct column *column, rd_node value, struct rd_str text)
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
    print_text_in_colour(grid, value, text, is_cut);
    if (!column->is_number && !is_last) {
        (void)fprintf(grid->out, "%*s", pad, "");
    }
    (void)fputs(is_last ? "\n" : "  ", grid->out);
}

static void print_lines(struct grid *grid)
{
    for (uint32_t i = 0; i <= rd_node_count(grid->rows); i++) {
        (void)fprintf(grid->out, "%*s", (int)grid->indent, "");
        rd_node row = i > 0 ? rd_node_at(grid->rows, i - 1) : NULL;
        for (size_t c = 0; c < grid->count; c++) {
            struct rd_str key = grid->columns[c].key;
            rd_buf_reset(&grid->cell);
            if (row == NULL) {
                rd_buf_put_text(&grid->cell, head_of(grid, key));
            } else {
                put_cell(&grid->cell, grid, row, key);
            }
            print_cell(grid, &grid->columns[c], cell_of(row, key), rd_buf_str(&grid->cell));
        }
    }
}

/* A line a column, an empty line between rows. */
static void print_blocks(struct grid *grid)
{
    size_t widest = 0;
    for (size_t c = 0; c < grid->count; c++) {
        size_t width = width_of(head_of(grid, grid->columns[c].key));
        widest = width > widest ? width : widest;
    }
    for (uint32_t i = 0; i < rd_node_count(grid->rows); i++) {
        if (i > 0) {
            (void)fputc('\n', grid->out);
        }
        for (size_t c = 0; c < grid->count; c++) {
            struct rd_str key = grid->columns[c].key;
            rd_node row = rd_node_at(grid->rows, i), value = cell_of(row, key);
            if (value == NULL || rd_node_type(value) == RD_NODE_NIL) {
                continue;
            }
            struct rd_str head = head_of(grid, key);
            rd_buf_reset(&grid->cell);
            put_cell(&grid->cell, grid, row, key);
            (void)fprintf(grid->out, "%*s%.*s%*s", (int)grid->indent, "", RD_FMT(head),
                    (int)(widest - width_of(head) + GAP), "");
            print_wrapped(
                    grid->out, grid->style, rd_buf_str(&grid->cell), grid->indent + widest + GAP);
        }
    }
}

static void print_rows(struct grid *form, rd_node rows, const char *names, size_t indent)
{
    struct grid grid = *form;
    grid.rows = rows;
    grid.names = names;
    grid.indent = indent;
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
        whole.is_short = true;
        print_blocks(&whole);
        grid.cell = whole.cell;
    }
    rd_buf_done(&grid.cell);
    rd_buf_done(&grid.other);
}

void print_table(FILE *out, struct style style, rd_node rows, const char *columns)
{
    struct grid form = {.out = out, .style = style};
    print_rows(&form, rows, columns, 0);
}

/* ---- maps ---- */

static void print_pairs(struct grid *form, rd_node map, size_t indent);

static void print_nested(struct grid *form, struct rd_str head, rd_node value, size_t indent)
{
    (void)fprintf(form->out, "%*s%.*s\n", (int)indent, "", RD_FMT(head));
    if (rd_node_type(value) == RD_NODE_MAP) {
        print_pairs(form, value, indent + INDENT);
    } else {
        print_rows(form, value, NULL, indent + INDENT);
    }
}

static void print_value(const struct grid *form, rd_node value, struct rd_str text, size_t indent)
{
    const char *colour = form->style.has_colour ? colour_of(value) : NULL;
    if (colour != NULL) {
        (void)fprintf(form->out, "%s%.*s\033[0m\n", colour, RD_FMT(text));
    } else {
        print_wrapped(form->out, form->style, text, indent);
    }
}

/* A code whose name stands beside it is not told in Chinese. */
static bool is_left(const struct grid *form, rd_node map, struct rd_str key)
{
    struct rd_str name = word_column(key);
    bool is_named = form->style.is_zh && !rd_str_eq(name, key) && value_of(map, name) != NULL;
    return is_named || rd_str_is(key, "as_of");
}

static void print_pairs(struct grid *form, rd_node map, size_t indent)
{
    size_t widest = 0;
    struct rd_str key;
    struct rd_buf cell;
    rd_buf_init(&cell, CELL_BYTES_MAX);
    for (uint32_t i = 0; i < rd_node_count(map); i++) {
        if (!is_nested(rd_node_pair(map, i, &key)) && !is_left(form, map, key)) {
            size_t width = width_of(head_in(form, map, key));
            widest = width > widest ? width : widest;
        }
    }
    for (uint32_t i = 0; i < rd_node_count(map); i++) {
        rd_node value = rd_node_pair(map, i, &key);
        if (is_left(form, map, key)) {
            continue;
        }
        struct rd_str head = head_in(form, map, key);
        if (is_nested(value)) {
            struct grid inner = *form;
            inner.is_own = map == rd_node_find(form->answer, "attributes");
            print_nested(&inner, head, value, indent);
            continue;
        }
        rd_buf_reset(&cell);
        put_cell(&cell, form, map, key);
        (void)fprintf(form->out, "%*s%.*s%*s  ", (int)indent, "", RD_FMT(head),
                (int)(widest - width_of(head)), "");
        print_value(form, value, rd_buf_str(&cell), indent + widest + GAP);
    }
    rd_buf_done(&cell);
}

void print_map(FILE *out, struct style style, rd_node map)
{
    struct grid form = {.out = out, .style = style, .answer = map};
    print_pairs(&form, map, 0);
}
