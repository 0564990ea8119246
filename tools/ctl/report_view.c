#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "tools/ctl/ctl.h"
#include "tools/ctl/report.h"
#include "tools/shared/grid.h"

/* A report's answer as a table: for a terminal, or as CSV. */

enum { CELL_BYTES_MAX = 1024 * 1024, MONTHS_MAX = 1200 };

/* Words of the tables in both languages. */
enum word {
    WORD_FIGURE,
    WORD_CODE,
    WORD_VALUE,
    WORD_BEFORE,
    WORD_CHANGE,
    WORD_YEAR_BEFORE,
    WORD_CHANGE_YEAR,
    WORD_TARGET,
    WORD_RANK,
    WORD_RANK_BEFORE,
    WORD_GROUP,
    WORD_NAME,
    WORD_NOTE,
    WORD_TREND,
    WORD_TOTAL,
};
static const char *const WORDS[][2] = {
        [WORD_FIGURE] = {"figure", "指标"},
        [WORD_CODE] = {"code", "代码"},
        [WORD_VALUE] = {"value", "本期"},
        [WORD_BEFORE] = {"before", "上期"},
        [WORD_CHANGE] = {"change", "环比"},
        [WORD_YEAR_BEFORE] = {"year before", "上年同期"},
        [WORD_CHANGE_YEAR] = {"change on the year", "同比"},
        [WORD_TARGET] = {"target", "目标"},
        [WORD_RANK] = {"rank", "排名"},
        [WORD_RANK_BEFORE] = {"rank before", "上期排名"},
        [WORD_GROUP] = {"group", "分组"},
        [WORD_NAME] = {"name", "名称"},
        [WORD_NOTE] = {"note", "备注"},
        [WORD_TREND] = {"trend", "趋势"},
        [WORD_TOTAL] = {"total", "合计"},
};

struct view { /* of one answer */
    struct ctl *ctl;
    rd_node result;
    bool is_zh;
    enum cell_form form;
    struct grid grid;
    struct rd_buf cell;
};

static const char *word(const struct view *view, enum word of)
{
    return WORDS[of][view->is_zh ? 1 : 0];
}

static void head(struct view *view, enum word of, bool is_number)
{
    (void)grid_column(&view->grid, rd_str_of(word(view, of)), is_number);
}

static void add_cell(struct view *view)
{
    grid_add(&view->grid, rd_buf_str(&view->cell));
    rd_buf_reset(&view->cell);
}

static void add_value(struct view *view, struct rd_str measure, rd_node value)
{
    put_figure(&view->cell, measure, value, view->form, view->is_zh);
    add_cell(view);
}

static void add_change(struct view *view, struct rd_str measure, rd_node value)
{
    put_change(&view->cell, measure, value, view->form);
    add_cell(view);
}

/* What was given is hundredths as text: whole numbers lose ".00". */
static void add_given(struct view *view, rd_node value)
{
    struct rd_str text = rd_node_str(value);
    if (text.len > 3 && memcmp(text.ptr + text.len - 3, ".00", 3) == 0) {
        text.len -= 3;
    }
    grid_add(&view->grid, text.len > 0               ? text
                          : view->form == CELL_PLAIN ? RD_STR("")
                                                     : RD_STR("–"));
}

/* ---- the whole ---- */

static bool is_nothing(rd_node value)
{
    enum rd_node_type type = rd_node_type(value);
    return type == RD_NODE_NIL || type == RD_NODE_NONE ||
           (type == RD_NODE_MAP && rd_node_count(value) == 0) ||
           (type == RD_NODE_UINT && rd_node_uint(value) == 0);
}

/* Nothing was counted, before neither, and nothing was given. */
static bool is_empty(rd_node row)
{
    static const char *const KEYS[] = {"value", "before", "year_before", "target", "rank",
            "rank_before", "base", "denominator"};
    for (size_t i = 0; i < RD_COUNT(KEYS); i++) {
        if (!is_nothing(rd_node_find(row, KEYS[i]))) {
            return false;
        }
    }
    return true;
}

static void fill_whole(struct view *view)
{
    rd_node figures = rd_node_find(view->result, "figures");
    bool shows_all = ctl_option(view->ctl, "all") != NULL || view->form == CELL_PLAIN ||
                     ctl_option(view->ctl, "figure") != NULL;
    head(view, WORD_FIGURE, false);
    head(view, WORD_CODE, false);
    head(view, WORD_VALUE, true);
    head(view, WORD_BEFORE, true);
    head(view, WORD_CHANGE, true);
    head(view, WORD_YEAR_BEFORE, true);
    head(view, WORD_CHANGE_YEAR, true);
    head(view, WORD_TARGET, true);
    head(view, WORD_RANK, true);
    head(view, WORD_RANK_BEFORE, true);
    for (uint32_t i = 0; i < rd_node_count(figures); i++) {
        rd_node row = rd_node_at(figures, i);
        struct rd_str measure = rd_node_str(rd_node_find(row, "measure"));
        if (is_empty(row) && !shows_all) {
            continue;
        }
        grid_add(&view->grid, rd_node_str(rd_node_find(row, "name")));
        grid_add(&view->grid, rd_node_str(rd_node_find(row, "figure")));
        add_value(view, measure, rd_node_find(row, "value"));
        add_value(view, measure, rd_node_find(row, "before"));
        add_change(view, measure, rd_node_find(row, "change"));
        add_value(view, measure, rd_node_find(row, "year_before"));
        add_change(view, measure, rd_node_find(row, "change_year"));
        add_given(view, rd_node_find(row, "target"));
        add_given(view, rd_node_find(row, "rank"));
        add_given(view, rd_node_find(row, "rank_before"));
    }
}

/* ---- groups ---- */

/* The answer tells of the figures that were asked for: each a column. */
static void fill_groups(struct view *view)
{
    rd_node figures = rd_node_find(view->result, "figures");
    rd_node rows = rd_node_find(view->result, "rows");
    head(view, WORD_GROUP, false);
    head(view, WORD_NAME, false);
    for (uint32_t k = 0; k < rd_node_count(figures); k++) {
        rd_node figure = rd_node_at(figures, k);
        (void)grid_column(&view->grid, rd_node_str(rd_node_find(figure, "name")), true);
    }
    size_t shown = view->grid.column_count - 2;
    head(view, WORD_RANK, true);
    head(view, WORD_RANK_BEFORE, true);
    size_t ranks = view->grid.column_count - 2 - shown;
    for (uint32_t i = 0; i < rd_node_count(rows); i++) {
        rd_node row = rd_node_at(rows, i), values = rd_node_find(row, "values");
        struct rd_str group = rd_node_str(rd_node_find(row, "group"));
        grid_add(&view->grid, group.len > 0 ? group : RD_STR("–"));
        grid_add(&view->grid, rd_node_str(rd_node_find(row, "name")));
        for (uint32_t k = 0; k < shown; k++) {
            rd_node figure = rd_node_at(figures, k);
            char code[64];
            (void)snprintf(
                    code, sizeof code, "%.*s", RD_FMT(rd_node_str(rd_node_find(figure, "figure"))));
            add_value(
                    view, rd_node_str(rd_node_find(figure, "measure")), rd_node_find(values, code));
        }
        for (size_t k = 0; k < ranks; k++) {
            add_value(view, RD_STR("count"), rd_node_find(row, k == 0 ? "rank" : "rank_before"));
        }
    }
}

/* Months beside each other: a line a figure, with its course. */
static void fill_months(struct view *view)
{
    rd_node figures = rd_node_find(view->result, "figures");
    rd_node rows = rd_node_find(view->result, "rows");
    uint32_t count = rd_node_count(rows);
    rd_node values[MONTHS_MAX];
    count = count > MONTHS_MAX ? MONTHS_MAX : count;
    head(view, WORD_FIGURE, false);
    head(view, WORD_TREND, false);
    head(view, WORD_TOTAL, true);
    for (uint32_t i = 0; i < count; i++) {
        rd_node month = rd_node_find(rd_node_at(rows, i), "group");
        (void)grid_column(&view->grid, rd_node_str(month), true);
    }
    uint32_t shown = (uint32_t)view->grid.column_count - 3;
    for (uint32_t k = 0; k < rd_node_count(figures); k++) {
        rd_node figure = rd_node_at(figures, k);
        struct rd_str measure = rd_node_str(rd_node_find(figure, "measure"));
        char code[64];
        (void)snprintf(
                code, sizeof code, "%.*s", RD_FMT(rd_node_str(rd_node_find(figure, "figure"))));
        for (uint32_t i = 0; i < count; i++) {
            values[i] = rd_node_find(rd_node_find(rd_node_at(rows, i), "values"), code);
        }
        grid_add(&view->grid, rd_node_str(rd_node_find(figure, "name")));
        put_sparkline(&view->cell, values, count);
        add_cell(view);
        add_value(view, measure, rd_node_find(figure, "value"));
        for (uint32_t i = 0; i < shown; i++) {
            add_value(view, measure, values[i]);
        }
    }
}

/* ---- printing ---- */

static void print_head(const struct view *view)
{
    struct rd_str from = rd_node_str(rd_node_find(view->result, "from"));
    struct rd_str to = rd_node_str(rd_node_find(view->result, "to"));
    struct rd_str unit = rd_node_str(rd_node_find(view->result, "unit"));
    char as_of[LOCAL_TEXT_MAX];
    local_time(rd_node_time(rd_node_find(rd_node_find(view->result, "as_of"), "time")), as_of);
    struct rd_buf text;
    rd_buf_init(&text, CELL_BYTES_MAX);
    put_text(&text, unit);
    (void)printf(
            view->is_zh ? "%.*s  %.*s 至 %.*s  截至 %s\n\n" : "%.*s, %.*s to %.*s, as of %s\n\n",
            RD_FMT(rd_buf_str(&text)), RD_FMT(from), RD_FMT(to), as_of);
    rd_buf_done(&text);
}

void report_print(struct ctl *ctl, rd_node result, bool is_zh)
{
    struct view whole = {.ctl = ctl, .result = result, .is_zh = is_zh};
    struct view *view = &whole;
    struct rd_str by = rd_node_str(rd_node_find(view->result, "by"));
    bool is_csv = ctl_option(view->ctl, "csv") != NULL;
    view->form = is_csv ? CELL_PLAIN : CELL_FOR_PEOPLE;
    grid_init(&view->grid);
    rd_buf_init(&view->cell, CELL_BYTES_MAX);
    if (by.len == 0) {
        fill_whole(view);
    } else if (rd_str_is(by, "month") && !is_csv) {
        fill_months(view);
    } else {
        fill_groups(view);
    }
    if (is_csv) {
        grid_print_csv(&view->grid, stdout, ctl_option(view->ctl, "bom") != NULL);
    } else {
        print_head(view);
        grid_print_text(&view->grid, stdout, style_of(stdout));
    }
    rd_buf_done(&view->cell);
    grid_done(&view->grid);
}

void report_print_cases(struct ctl *ctl, rd_node result, bool is_zh)
{
    struct view whole = {.ctl = ctl, .result = result, .is_zh = is_zh};
    struct view *view = &whole;
    static const char *const KEYS[] = {"case", "subject", "unit", "date", "count", "amount"};
    rd_node rows = rd_node_find(view->result, "rows");
    bool is_csv = ctl_option(view->ctl, "csv") != NULL;
    bool is_money = rd_node_type(rd_node_find(rd_node_at(rows, 0), "amount")) != RD_NODE_NONE;
    grid_init(&view->grid);
    rd_buf_init(&view->cell, CELL_BYTES_MAX);
    for (size_t k = 0; k < RD_COUNT(KEYS); k++) {
        if (k < 4 || (k == 5) == is_money) {
            (void)grid_column(&view->grid, rd_str_of(KEYS[k]), k == 0 || k > 3);
        }
    }
    for (uint32_t i = 0; i < rd_node_count(rows); i++) {
        rd_node row = rd_node_at(rows, i);
        rd_buf_printf(&view->cell, "%" PRIu64, rd_node_uint(rd_node_find(row, "case")));
        add_cell(view);
        for (size_t k = 1; k < 4; k++) {
            grid_add(&view->grid, rd_node_str(rd_node_find(row, KEYS[k])));
        }
        if (is_money) {
            grid_add(&view->grid, rd_node_str(rd_node_find(row, "amount")));
        } else {
            rd_buf_printf(&view->cell, "%" PRId64, rd_node_int(rd_node_find(row, "count")));
            add_cell(view);
        }
    }
    if (is_csv) {
        grid_print_csv(&view->grid, stdout, ctl_option(view->ctl, "bom") != NULL);
    } else {
        grid_print_text(&view->grid, stdout, style_of(stdout));
    }
    uint64_t next = rd_node_uint(rd_node_find(view->result, "next"));
    if (next != 0) {
        ctl_say_more(view->ctl, next);
    }
    rd_buf_done(&view->cell);
    grid_done(&view->grid);
}
