/* tools/shared/grid.h — a table of texts, printed for a terminal, as CSV or as HTML.
 *
 * One shape for all three: columns with headings, rows of cells, each cell a text; a column of
 * numbers stands to the right. On a terminal nothing is wider than it: of the columns that may go
 * those without a value go first, then the others in their order, which are told on standard
 * error; then texts are cut with "…"; where even that is too wide each row is a block of lines, a
 * column a line (two where a heading leaves no room for its value), and nothing is left out.
 * Elsewhere nothing is cut. */
#pragma once

#include "common/base/arena.h"
#include "common/base/buf.h"
#include "tools/shared/text.h"

enum { GRID_COLUMNS_MAX = 512 };

struct grid {
    struct rd_arena arena;
    struct rd_str heads[GRID_COLUMNS_MAX];
    bool are_numbers[GRID_COLUMNS_MAX];
    unsigned go[GRID_COLUMNS_MAX]; /* which goes first for want of room: the greatest; 0: none */
    size_t column_count;
    struct rd_str *cells; /* by row */
    size_t count, room;   /* of cells */
};

void grid_init(struct grid *grid);
void grid_done(struct grid *grid);
/* False: there are GRID_COLUMNS_MAX already. Before the first cell. */
bool grid_column(struct grid *grid, struct rd_str head, bool is_number);
/* The newest column may go for want of room. */
void grid_may_go(struct grid *grid, unsigned order);
/* The next cell, row by row; copied. */
void grid_add(struct grid *grid, struct rd_str text);
void grid_add_cstr(struct grid *grid, const char *text);
void grid_print_text(const struct grid *grid, FILE *out, struct style style);
/* RFC 4180, UTF-8; `has_bom`: for a spreadsheet that takes it for another encoding without. */
void grid_print_csv(const struct grid *grid, FILE *out, bool has_bom);
/* The same in parts: the headings stand above the first. */
void grid_print_csv_part(const struct grid *grid, FILE *out, bool has_bom, bool has_heads);
