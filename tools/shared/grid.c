#include "tools/shared/grid.h"

#include <string.h>

#include "tools/shared/table.h"

enum {
    GRID_BYTES_MAX = 256 * 1024 * 1024,
    ROOM_FIRST = 256,
    LEFT_BYTES_MAX = 4096,
    GAP = 2,
    TEXT_WIDTH_MIN = 8,   /* narrower, a text tells nothing */
    TEXT_WIDTH_GOOD = 20, /* for less, a column that may go goes first */
};

void grid_init(struct grid *grid)
{
    memset(grid, 0, sizeof *grid);
    rd_arena_init(&grid->arena, GRID_BYTES_MAX);
}

void grid_done(struct grid *grid)
{
    rd_arena_done(&grid->arena);
}

bool grid_column(struct grid *grid, struct rd_str head, bool is_number)
{
    if (grid->column_count == GRID_COLUMNS_MAX) {
        return false;
    }
    grid->heads[grid->column_count] = rd_arena_dup(&grid->arena, head);
    grid->are_numbers[grid->column_count++] = is_number;
    return true;
}

void grid_may_go(struct grid *grid, unsigned order)
{
    grid->go[grid->column_count - 1] = order;
}

void grid_add(struct grid *grid, struct rd_str text)
{
    if (grid->count == grid->room) {
        size_t room = grid->room == 0 ? ROOM_FIRST : grid->room * 2;
        struct rd_str *more = RD_ARENA_ARRAY(&grid->arena, struct rd_str, room);
        if (grid->count > 0) {
            memcpy(more, grid->cells, grid->count * sizeof more[0]);
        }
        grid->cells = more;
        grid->room = room;
    }
    grid->cells[grid->count++] = rd_arena_dup(&grid->arena, text);
}

void grid_add_cstr(struct grid *grid, const char *text)
{
    grid_add(grid, rd_str_of(text));
}

/* ---- for a terminal ---- */

struct fit {
    const struct grid *grid;
    size_t widths[GRID_COLUMNS_MAX];
    bool are_out[GRID_COLUMNS_MAX];
    struct rd_buf left; /* the names of what was left out */
};

static struct rd_str cell_of(const struct grid *grid, size_t row, size_t c)
{
    return grid->cells[row * grid->column_count + c];
}

static size_t row_count(const struct grid *grid)
{
    return grid->count / grid->column_count;
}

static bool is_nothing(struct rd_str text)
{
    return text.len == 0 || rd_str_is(text, "–");
}

static void measure(struct fit *fit)
{
    const struct grid *grid = fit->grid;
    for (size_t c = 0; c < grid->column_count; c++) {
        fit->widths[c] = width_of(grid->heads[c]);
        for (size_t row = 0; row < row_count(grid); row++) {
            size_t width = width_of(cell_of(grid, row, c));
            fit->widths[c] = width > fit->widths[c] ? width : fit->widths[c];
        }
    }
}

static size_t total_of(const struct fit *fit)
{
    size_t total = 0;
    for (size_t c = 0; c < fit->grid->column_count; c++) {
        total += fit->are_out[c] ? 0 : fit->widths[c] + (total > 0 ? GAP : 0);
    }
    return total;
}

static bool is_empty(const struct grid *grid, size_t c)
{
    for (size_t row = 0; row < row_count(grid); row++) {
        if (!is_nothing(cell_of(grid, row, c))) {
            return false;
        }
    }
    return true;
}

/* False: none may go any more. */
static bool leave_out(struct fit *fit)
{
    const struct grid *grid = fit->grid;
    size_t first = grid->column_count;
    for (size_t c = 0; c < grid->column_count; c++) {
        bool may_go = grid->go[c] > 0 && !fit->are_out[c];
        if (may_go && (first == grid->column_count || grid->go[c] > grid->go[first])) {
            first = c;
        }
    }
    if (first == grid->column_count) {
        return false;
    }
    rd_buf_printf(&fit->left, "%s%.*s", fit->left.len > 0 ? ", " : "", RD_FMT(grid->heads[first]));
    fit->are_out[first] = true;
    return true;
}

/* Takes from the widest texts, as long as they are wider than `floor`. */
static void shrink(struct fit *fit, size_t width, size_t floor)
{
    while (total_of(fit) > width) {
        size_t widest = fit->grid->column_count;
        for (size_t c = 0; c < fit->grid->column_count; c++) {
            bool can = !fit->grid->are_numbers[c] && !fit->are_out[c] && fit->widths[c] > floor;
            if (can &&
                    (widest == fit->grid->column_count || fit->widths[c] > fit->widths[widest])) {
                widest = c;
            }
        }
        if (widest == fit->grid->column_count) {
            return;
        }
        fit->widths[widest]--;
    }
}

static size_t shrinkable(const struct fit *fit, size_t floor)
{
    size_t room = 0;
    for (size_t c = 0; c < fit->grid->column_count; c++) {
        bool can = !fit->grid->are_numbers[c] && !fit->are_out[c] && fit->widths[c] > floor;
        room += can ? fit->widths[c] - floor : 0;
    }
    return room;
}

/* False: too narrow for what must stay. */
static bool make_room(struct fit *fit, size_t width)
{
    for (size_t c = fit->grid->column_count; c > 0 && total_of(fit) > width; c--) {
        fit->are_out[c - 1] = fit->grid->go[c - 1] > 0 && is_empty(fit->grid, c - 1);
    }
    while (total_of(fit) > width + shrinkable(fit, TEXT_WIDTH_GOOD) && leave_out(fit)) {
    }
    shrink(fit, width, TEXT_WIDTH_GOOD);
    shrink(fit, width, TEXT_WIDTH_MIN);
    return total_of(fit) <= width;
}

static void pad(FILE *out, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        (void)fputc(' ', out);
    }
}

static void print_cell(const struct fit *fit, FILE *out, size_t c, struct rd_str text)
{
    size_t width = fit->widths[c], own = width_of(text);
    bool is_right = fit->grid->are_numbers[c], is_cut = own > width, is_last = true;
    if (is_cut) {
        text.len = fit_into(text, width - 1);
        own = width_of(text) + 1;
    }
    for (size_t next = c + 1; next < fit->grid->column_count; next++) {
        is_last = is_last && fit->are_out[next];
    }
    pad(out, is_right ? width - own : 0);
    print_text(out, text);
    (void)fputs(is_cut ? "…" : "", out);
    pad(out, is_right || is_last ? 0 : width - own);
    (void)fputs(is_last ? "\n" : "  ", out);
}

static void print_lines(const struct fit *fit, FILE *out)
{
    const struct grid *grid = fit->grid;
    for (size_t row = 0; row <= row_count(grid); row++) {
        for (size_t c = 0; c < grid->column_count; c++) {
            if (!fit->are_out[c]) {
                print_cell(fit, out, c, row == 0 ? grid->heads[c] : cell_of(grid, row - 1, c));
            }
        }
    }
}

/* What has no value has no line. */
static void print_blocks(const struct grid *grid, FILE *out, struct style style)
{
    size_t widest = 0;
    for (size_t c = 0; c < grid->column_count; c++) {
        size_t width = width_of(grid->heads[c]);
        widest = width > widest ? width : widest;
    }
    bool is_narrow =
            widest + GAP + TEXT_WIDTH_MIN > style.width; /* then each stands below its head */
    for (size_t row = 0; row < row_count(grid); row++) {
        (void)fputs(row > 0 ? "\n" : "", out);
        for (size_t c = 0; c < grid->column_count; c++) {
            struct rd_str text = cell_of(grid, row, c);
            if (c > 0 && is_nothing(text)) {
                continue;
            }
            if (is_narrow) {
                print_wrapped(out, style, grid->heads[c], 0);
                pad(out, GAP);
                print_wrapped(out, style, text, GAP);
                continue;
            }
            print_text(out, grid->heads[c]);
            pad(out, widest - width_of(grid->heads[c]) + GAP);
            print_wrapped(out, style, text, widest + GAP);
        }
    }
}

static const char LEFT_OUT[] = "left out for want of room: ";

void grid_print_text(const struct grid *grid, FILE *out, struct style style)
{
    struct fit fit = {.grid = grid};
    if (grid->column_count == 0) {
        return;
    }
    rd_buf_init(&fit.left, LEFT_BYTES_MAX);
    measure(&fit);
    if (style.width > 0 && total_of(&fit) > style.width && !make_room(&fit, style.width)) {
        print_blocks(grid, out, style);
    } else {
        print_lines(&fit, out);
        if (fit.left.len > 0) {
            (void)fputs(LEFT_OUT, stderr);
            print_wrapped(stderr, style, rd_buf_str(&fit.left), sizeof LEFT_OUT - 1);
        }
    }
    rd_buf_done(&fit.left);
}

/* ---- CSV ---- */

/* What a spreadsheet passes over before it looks whether a formula begins. */
static struct rd_str past_blank(struct rd_str text)
{
    static const char *const BLANK[] = {" ", "\r", "\n", "\xef\xbb\xbf"};
    for (size_t i = 0; i < RD_COUNT(BLANK);) {
        if (rd_str_starts(text, rd_str_of(BLANK[i]))) {
            size_t len = strlen(BLANK[i]);
            text = (struct rd_str){text.ptr + len, text.len - len};
            i = 0;
        } else {
            i++;
        }
    }
    return text;
}

/* A sign alone is none of a formula. */
static bool is_negative_number(struct rd_str text)
{
    for (size_t i = 1; i < text.len; i++) {
        if (strchr("0123456789.", text.ptr[i]) == NULL || text.ptr[i] == '\0') {
            return false;
        }
    }
    return true;
}

/* What a spreadsheet would take for a formula is no formula of ours; full-width signs count. */
static bool is_formula(struct rd_str text)
{
    static const char *const SIGNS[] = {"=", "+", "@", "\t", "-", "\xef\xbc\x9d", "\xef\xbc\x8b",
            "\xef\xbc\xa0", "\xef\xbc\x8d"};
    text = past_blank(text);
    for (size_t i = 0; i < RD_COUNT(SIGNS); i++) {
        if (rd_str_starts(text, rd_str_of(SIGNS[i]))) {
            return !is_negative_number(text) || SIGNS[i][0] != '-';
        }
    }
    return false;
}

/* Control characters but those of lines and columns are shown as on a terminal. */
static void put_csv_text(FILE *out, struct rd_str text)
{
    for (size_t i = 0; i < text.len; i++) {
        char byte = text.ptr[i];
        size_t control = byte == '\t' || byte == '\r' || byte == '\n' ? 0 : control_at(text, i);
        (void)fputs(byte == '"' ? "\"" : "", out);
        (void)fputc(control > 0 ? '?' : byte, out);
        i += control > 1 ? control - 1 : 0;
    }
}

static void put_quoted(FILE *out, struct rd_str text)
{
    bool is_guarded = is_formula(text), needs = is_guarded;
    for (size_t i = 0; i < text.len; i++) {
        needs = needs || strchr(",\"\r\n", text.ptr[i]) != NULL;
    }
    (void)fputs(is_guarded ? "\"'" : needs ? "\"" : "", out);
    put_csv_text(out, text);
    (void)fputs(needs ? "\"" : "", out);
}

void grid_print_csv_part(const struct grid *grid, FILE *out, bool has_bom, bool has_heads)
{
    size_t heads = grid->column_count;
    (void)fputs(has_bom ? "\xef\xbb\xbf" : "", out);
    for (size_t i = has_heads ? 0 : heads; i < heads + grid->count; i++) {
        put_quoted(out, i < heads ? grid->heads[i] : grid->cells[i - heads]);
        (void)fputs(i % heads + 1 == heads ? "\r\n" : ",", out);
    }
}

void grid_print_csv(const struct grid *grid, FILE *out, bool has_bom)
{
    grid_print_csv_part(grid, out, has_bom, true);
}
