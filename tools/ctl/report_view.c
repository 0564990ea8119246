#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "tools/ctl/ctl.h"
#include "tools/ctl/report.h"
#include "tools/shared/grid.h"
#include "tools/shared/table.h"

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
    WORD_PLACE,
    WORD_PLACE_BEFORE,
    WORD_MARKS,
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
        [WORD_PLACE] = {"place", "考核名次"},
        [WORD_PLACE_BEFORE] = {"place before", "上期名次"},
        [WORD_MARKS] = {"marks", "标记"},
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

/* A number beside the value itself, which never goes. */
static void head_beside(struct view *view, enum word of, unsigned order)
{
    head(view, of, true);
    grid_may_go(&view->grid, order);
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

/* ---- the whole ---- */

static void fill_whole(struct view *view)
{
    rd_node figures = rd_node_find(view->result, "figures");
    bool shows_all = ctl_option(view->ctl, "all") != NULL || view->form == CELL_PLAIN ||
                     ctl_option(view->ctl, "figure") != NULL;
    head(view, WORD_FIGURE, false);
    head(view, WORD_CODE, false);
    grid_may_go(&view->grid, 10);
    head(view, WORD_VALUE, true);
    head_beside(view, WORD_BEFORE, 8);
    head_beside(view, WORD_CHANGE, 1);
    head_beside(view, WORD_YEAR_BEFORE, 9);
    head_beside(view, WORD_CHANGE_YEAR, 2);
    bool has_given[GIVEN_COUNT];
    for (size_t k = 0; k < GIVEN_COUNT; k++) {
        const struct given_column *column = &GIVEN_COLUMNS[k];
        has_given[k] = view->form == CELL_PLAIN || is_any_given(figures, column);
        if (has_given[k]) {
            (void)grid_column(&view->grid, rd_str_of(column->heads[view->is_zh ? 1 : 0]), true);
            grid_may_go(&view->grid, column->order);
        }
    }
    for (uint32_t i = 0; i < rd_node_count(figures); i++) {
        rd_node row = rd_node_at(figures, i);
        struct rd_str measure = rd_node_str(rd_node_find(row, "measure"));
        if (is_nothing_told(row) && !shows_all) {
            continue;
        }
        grid_add(&view->grid, rd_node_str(rd_node_find(row, "name")));
        grid_add(&view->grid, rd_node_str(rd_node_find(row, "figure")));
        add_value(view, measure, rd_node_find(row, "value"));
        add_value(view, measure, rd_node_find(row, "before"));
        add_change(view, measure, rd_node_find(row, "change"));
        add_value(view, measure, rd_node_find(row, "year_before"));
        add_change(view, measure, rd_node_find(row, "change_year"));
        for (size_t k = 0; k < GIVEN_COUNT; k++) {
            if (has_given[k]) {
                put_given_of(&view->cell, row, &GIVEN_COLUMNS[k], view->form, view->is_zh);
                add_cell(view);
            }
        }
    }
}

/* ---- groups ---- */

static bool is_of_units(const struct view *view)
{
    struct rd_str by = rd_node_str(rd_node_find(view->result, "by"));
    return rd_str_is(by, "unit") || rd_str_is(by, "respondent");
}

/* The answer tells of the figures that were asked for: each a column. */
static void fill_groups(struct view *view)
{
    rd_node figures = rd_node_find(view->result, "figures");
    rd_node rows = rd_node_find(view->result, "rows");
    head(view, WORD_GROUP, false);
    head(view, WORD_NAME, false);
    grid_may_go(&view->grid, 1);
    for (uint32_t k = 0; k < rd_node_count(figures); k++) {
        rd_node figure = rd_node_at(figures, k);
        (void)grid_column(&view->grid, rd_node_str(rd_node_find(figure, "name")), true);
    }
    size_t shown = view->grid.column_count - 2;
    bool has_marks = is_of_units(view);
    if (has_marks) {
        head_beside(view, WORD_PLACE, 2);
        head_beside(view, WORD_PLACE_BEFORE, 3);
        head(view, WORD_MARKS, false);
    }
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
        if (has_marks) {
            add_value(view, RD_STR("count"), rd_node_find(row, "rank"));
            add_value(view, RD_STR("count"), rd_node_find(row, "rank_before"));
            put_marks(&view->cell, row, figures, view->is_zh);
            add_cell(view);
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
        grid_may_go(&view->grid, count - i); /* the oldest first: the trend has it still */
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
    rd_node as_of = rd_node_find(view->result, "as_of"), time = rd_node_find(as_of, "time");
    struct rd_str so_far = rd_node_str(rd_node_find(view->result, "so_far"));
    char told[LOCAL_TEXT_MAX];
    struct rd_buf text;
    local_time(rd_node_time(time), told);
    rd_buf_init(&text, CELL_BYTES_MAX);
    put_text(&text, rd_node_str(rd_node_find(view->result, "unit")));
    rd_buf_printf(&text, view->is_zh ? "  %.*s 至 %.*s" : ", %.*s to %.*s",
            RD_FMT(rd_node_str(rd_node_find(view->result, "from"))),
            RD_FMT(rd_node_str(rd_node_find(view->result, "to"))));
    if (rd_node_uint(rd_node_find(as_of, "seq")) == 0) {
        rd_buf_printf(&text, "%s",
                view->is_zh ? "  尚无任何内容:首个检查点之后才有(--min-seq 可等待)"
                            : ", nothing is there yet: the newest events come with the next "
                              "checkpoint (--min-seq waits for one)");
    } else {
        rd_buf_printf(&text,
                view->is_zh ? "  截至 %s(最近检查点)" : ", as of %s (the last checkpoint)", told);
    }
    if (so_far.len > 0) {
        rd_buf_printf(&text,
                view->is_zh ? ";期间未结束,截至 %.*s,与同期比较"
                            : "; not over: so far to %.*s, beside as much of the others",
                RD_FMT(so_far));
    }
    if (rd_node_bool(rd_node_find(view->result, "not_begun"))) {
        rd_buf_printf(&text, "%s", view->is_zh ? ";期间尚未开始" : "; not begun yet");
    }
    print_wrapped(stdout, style_of(stdout), rd_buf_str(&text), 0);
    (void)fputc('\n', stdout);
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

static void fill_cases(struct view *view, bool is_money)
{
    static const char *const KEYS[][2] = {{"case", "案件"}, {"subject", "编号"}, {"unit", "机构"},
            {"date", "日期"}, {"count", "件数"}, {"amount", "金额"}, {"currency", "币种"}};
    rd_node rows = rd_node_find(view->result, "rows");
    for (size_t k = 0; k < RD_COUNT(KEYS); k++) {
        if (k < 4 || (k > 4) == is_money) {
            (void)grid_column(&view->grid, rd_str_of(KEYS[k][view->is_zh ? 1 : 0]),
                    k == 0 || k == 4 || k == 5);
        }
    }
    for (uint32_t i = 0; i < rd_node_count(rows); i++) {
        rd_node row = rd_node_at(rows, i);
        rd_buf_printf(&view->cell, "%" PRIu64, rd_node_uint(rd_node_find(row, "case")));
        add_cell(view);
        for (size_t k = 1; k < 4; k++) {
            grid_add(&view->grid, rd_node_str(rd_node_find(row, KEYS[k][0])));
        }
        if (is_money) {
            grid_add(&view->grid, rd_node_str(rd_node_find(row, "amount")));
            grid_add(&view->grid, rd_node_str(rd_node_find(row, "currency")));
        } else {
            rd_buf_printf(&view->cell, "%" PRId64, rd_node_int(rd_node_find(row, "count")));
            add_cell(view);
        }
    }
}

static void view_begin(struct view *view)
{
    rd_node first = rd_node_at(rd_node_find(view->result, "rows"), 0);
    grid_init(&view->grid);
    rd_buf_init(&view->cell, CELL_BYTES_MAX);
    fill_cases(view, rd_node_type(rd_node_find(first, "amount")) != RD_NODE_NONE);
}

void report_print_cases(struct ctl *ctl, rd_node result, bool is_zh)
{
    struct view view = {.ctl = ctl, .result = result, .is_zh = is_zh};
    uint64_t next = rd_node_uint(rd_node_find(result, "next"));
    view_begin(&view);
    grid_print_text(&view.grid, stdout, style_of(stdout));
    if (next != 0) {
        ctl_say_more(ctl, next);
    }
    rd_buf_done(&view.cell);
    grid_done(&view.grid);
}

void report_print_cases_csv(struct ctl *ctl, rd_node result, bool is_first, bool is_zh)
{
    struct view view = {.ctl = ctl, .result = result, .is_zh = is_zh};
    view_begin(&view);
    grid_print_csv_part(&view.grid, stdout, is_first && ctl_option(ctl, "bom") != NULL, is_first);
    rd_buf_done(&view.cell);
    grid_done(&view.grid);
}
