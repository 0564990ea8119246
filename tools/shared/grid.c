#include "tools/shared/grid.h"

#include <string.h>

enum { GRID_BYTES_MAX = 256 * 1024 * 1024, ROOM_FIRST = 256, GAP = 2 };

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

static void measure(const struct grid *grid, size_t widths[static GRID_COLUMNS_MAX])
{
    for (size_t c = 0; c < grid->column_count; c++) {
        widths[c] = width_of(grid->heads[c]);
    }
    for (size_t i = 0; i < grid->count; i++) {
        size_t width = width_of(grid->cells[i]), c = i % grid->column_count;
        widths[c] = width > widths[c] ? width : widths[c];
    }
}

/* How many columns fit. */
static size_t fitting(const struct grid *grid, const size_t *widths, size_t room)
{
    size_t used = 0, count = 0;
    while (count < grid->column_count) {
        used += widths[count] + (count > 0 ? GAP : 0);
        if (room != 0 && used > room && count > 0) {
            break;
        }
        count++;
    }
    return count;
}

static void pad(FILE *out, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        (void)fputc(' ', out);
    }
}

static void print_cell(FILE *out, struct rd_str text, size_t width, bool is_right, bool is_last)
{
    size_t own = width_of(text), left = width > own ? width - own : 0;
    pad(out, is_right ? left : 0);
    print_text(out, text);
    pad(out, is_right || is_last ? 0 : left);
}

void grid_print_text(const struct grid *grid, FILE *out, struct style style)
{
    size_t widths[GRID_COLUMNS_MAX];
    if (grid->column_count == 0) {
        return;
    }
    measure(grid, widths);
    size_t columns = fitting(grid, widths, style.width);
    for (size_t i = 0; i < grid->column_count + grid->count; i++) {
        size_t c = i % grid->column_count;
        struct rd_str text =
                i < grid->column_count ? grid->heads[c] : grid->cells[i - grid->column_count];
        if (c < columns) {
            pad(out, c > 0 ? GAP : 0);
            print_cell(out, text, widths[c], grid->are_numbers[c], c + 1 == columns);
        }
        if (c + 1 == grid->column_count) {
            (void)fputc('\n', out);
        }
    }
    if (columns < grid->column_count) {
        (void)fprintf(stderr,
                "%zu columns do not fit: a wider terminal, --csv or --json has them\n",
                grid->column_count - columns);
    }
}

/* ---- CSV ---- */

static void put_quoted(FILE *out, struct rd_str text)
{
    bool needs = text.len == 0;
    for (size_t i = 0; i < text.len; i++) {
        needs = needs || strchr(",\"\r\n", text.ptr[i]) != NULL;
    }
    /* What a spreadsheet would take for a formula is no formula of ours. */
    bool is_formula = text.len > 0 && strchr("=+@\t", text.ptr[0]) != NULL;
    if (!needs && !is_formula) {
        (void)fwrite(text.ptr, 1, text.len, out);
        return;
    }
    (void)fputs(is_formula ? "\"'" : text.len > 0 ? "\"" : "", out);
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] == '"') {
            (void)fputc('"', out);
        }
        (void)fputc(text.ptr[i], out);
    }
    (void)fputs(text.len > 0 ? "\"" : "", out);
}

void grid_print_csv(const struct grid *grid, FILE *out, bool has_bom)
{
    (void)fputs(has_bom ? "\xef\xbb\xbf" : "", out);
    for (size_t i = 0; i < grid->column_count + grid->count; i++) {
        size_t c = i % grid->column_count;
        put_quoted(
                out, i < grid->column_count ? grid->heads[c] : grid->cells[i - grid->column_count]);
        (void)fputs(c + 1 == grid->column_count ? "\r\n" : ",", out);
    }
}
