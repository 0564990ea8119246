#include <inttypes.h>

#include "tools/ctl/ctl.h"
#include "tools/ctl/report.h"
#include "tools/shared/grid.h"
#include "tools/shared/table.h"

/* The desk's answer to `restated`: the figures that changed, then the cases that moved them. */

enum { CELL_BYTES_MAX = 64 * 1024 };

struct page {
    struct ctl *ctl;
    rd_node result;
    bool is_zh;
    enum cell_form form;
    struct rd_buf cell;
};

static const char *of(const struct page *page, const char *en, const char *zh)
{
    return page->is_zh ? zh : en;
}

static void add_cell(struct page *page, struct grid *grid)
{
    grid_add(grid, rd_buf_str(&page->cell));
    rd_buf_reset(&page->cell);
}

static void head(struct grid *grid, const char *name, bool is_number)
{
    (void)grid_column(grid, rd_str_of(name), is_number);
}

static void fill_figures(struct page *page, struct grid *grid)
{
    rd_node figures = rd_node_find(page->result, "figures");
    head(grid, of(page, "figure", "指标"), false);
    head(grid, of(page, "code", "代码"), false);
    grid_may_go(grid, 2);
    head(grid, of(page, "told", "当时"), true);
    head(grid, of(page, "now", "现在"), true);
    head(grid, of(page, "change", "变化"), true);
    grid_may_go(grid, 1);
    for (uint32_t i = 0; i < rd_node_count(figures); i++) {
        rd_node row = rd_node_at(figures, i);
        struct rd_str measure = rd_node_str(rd_node_find(row, "measure"));
        grid_add(grid, rd_node_str(rd_node_find(row, "name")));
        grid_add(grid, rd_node_str(rd_node_find(row, "figure")));
        put_figure(&page->cell, measure, rd_node_find(row, "told"), page->form, page->is_zh);
        add_cell(page, grid);
        put_figure(&page->cell, measure, rd_node_find(row, "value"), page->form, page->is_zh);
        add_cell(page, grid);
        put_change(&page->cell, measure, rd_node_find(row, "change"), page->form);
        add_cell(page, grid);
    }
}

/* "1", "29730000.00"; of a share "0 of 1": what of the case stands above and below. */
static void add_part(struct page *page, struct grid *grid, rd_node part, const char *const keys[2])
{
    rd_node value = rd_node_find(part, keys[0]), whole = rd_node_find(part, keys[1]);
    if (rd_node_type(value) == RD_NODE_STR) {
        rd_buf_put_text(&page->cell, rd_node_str(value));
    } else {
        rd_buf_printf(&page->cell, "%" PRId64, rd_node_int(value));
    }
    if (rd_node_type(whole) != RD_NODE_NONE) {
        rd_buf_printf(&page->cell, "/%" PRId64, rd_node_int(whole));
    }
    add_cell(page, grid);
}

static void fill_cases(struct page *page, struct grid *grid)
{
    static const char *const TOLD[] = {"told", "told_of"}, *const NOW[] = {"now", "now_of"};
    rd_node rows = rd_node_find(page->result, "rows");
    bool shows_all = ctl_option(page->ctl, "figure") != NULL;
    head(grid, of(page, "case", "案件"), true);
    head(grid, of(page, "subject", "编号"), false);
    head(grid, of(page, "unit", "机构"), false);
    head(grid, of(page, "code", "代码"), false);
    head(grid, of(page, "told", "当时"), true);
    head(grid, of(page, "now", "现在"), true);
    for (uint32_t i = 0; i < rd_node_count(rows); i++) {
        rd_node row = rd_node_at(rows, i), parts = rd_node_find(row, "figures");
        for (uint32_t k = 0; k < rd_node_count(parts); k++) {
            rd_node part = rd_node_at(parts, k);
            struct rd_str code = rd_node_str(rd_node_find(part, "figure"));
            bool is_part = rd_node_type(rd_node_find(part, "told_of")) != RD_NODE_NONE;
            if (!shows_all && is_part) {
                continue; /* a share's parts are figures too, or are asked for */
            }
            rd_buf_printf(&page->cell, "%" PRIu64, rd_node_uint(rd_node_find(row, "case")));
            add_cell(page, grid);
            grid_add(grid, rd_node_str(rd_node_find(row, "subject")));
            grid_add(grid, rd_node_str(rd_node_find(row, "unit")));
            grid_add(grid, code);
            add_part(page, grid, part, TOLD);
            add_part(page, grid, part, NOW);
        }
    }
}

static void print_head(const struct page *page)
{
    char told[LOCAL_TEXT_MAX], now[LOCAL_TEXT_MAX];
    local_time(rd_node_time(rd_node_find(page->result, "told")), told);
    local_time(rd_node_time(rd_node_find(rd_node_find(page->result, "as_of"), "time")), now);
    struct rd_str period = rd_node_str(rd_node_find(page->result, "period"));
    struct rd_buf text;
    rd_buf_init(&text, CELL_BYTES_MAX);
    put_text(&text, rd_node_str(rd_node_find(page->result, "unit")));
    rd_buf_printf(&text,
            page->is_zh ? "  %.*s  当时 %s  现在 %s" : ", %.*s, as told at %s, and as of %s",
            RD_FMT(period), told, now);
    print_wrapped(stdout, style_of(stdout), rd_buf_str(&text), 0);
    (void)fputc('\n', stdout);
    rd_buf_done(&text);
}

void restated_print(struct ctl *ctl, rd_node result, bool is_zh)
{
    struct page page = {.ctl = ctl, .result = result, .is_zh = is_zh};
    bool is_csv = ctl_option(ctl, "csv") != NULL;
    struct grid figures, cases;
    page.form = is_csv ? CELL_PLAIN : CELL_FOR_PEOPLE;
    grid_init(&figures);
    grid_init(&cases);
    rd_buf_init(&page.cell, CELL_BYTES_MAX);
    fill_figures(&page, &figures);
    fill_cases(&page, &cases);
    if (is_csv) {
        grid_print_csv(&cases, stdout, ctl_option(ctl, "bom") != NULL);
    } else if (rd_node_count(rd_node_find(result, "figures")) +
                       rd_node_count(rd_node_find(result, "rows")) ==
               0) {
        print_head(&page);
        (void)printf("%s\n", of(&page, "nothing has changed since", "此后没有变化"));
    } else {
        print_head(&page);
        grid_print_text(&figures, stdout, style_of(stdout));
        (void)fputc('\n', stdout);
        grid_print_text(&cases, stdout, style_of(stdout));
    }
    uint64_t next = rd_node_uint(rd_node_find(result, "next"));
    if (next != 0) {
        ctl_say_more(ctl, next);
    }
    rd_buf_done(&page.cell);
    grid_done(&figures);
    grid_done(&cases);
}
