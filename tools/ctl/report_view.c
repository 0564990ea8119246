#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "tools/ctl/ctl.h"
#include "tools/ctl/report.h"
#include "tools/ctl/report_money.h"
#include "tools/shared/grid.h"
#include "tools/shared/say.h"
#include "tools/shared/table.h"

/* A report's answer as a table: for a terminal, or as CSV. */

/* COLUMNS_AFTER: places and marks, which stand last. */
enum { CELL_BYTES_MAX = 1024 * 1024, MONTHS_MAX = 1200, COLUMNS_AFTER = 3 };

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
    WORD_CURRENCY,
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
        [WORD_CURRENCY] = {"currency", "币种"},
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

static struct rd_str measure_of(rd_node figure)
{
    return rd_node_str(rd_node_find(figure, "measure"));
}

/* A spreadsheet adds up plain numbers alone: money stands there by currency. */
static bool is_by_currency(const struct view *view, rd_node figure)
{
    return view->form == CELL_PLAIN && rd_str_is(measure_of(figure), "money");
}

/* ---- the whole ---- */

static void head_whole(struct view *view, rd_node figures, bool ret_has_given[static GIVEN_COUNT])
{
    head(view, WORD_FIGURE, false);
    head(view, WORD_CODE, false);
    grid_may_go(&view->grid, 10);
    head(view, WORD_VALUE, true);
    head_beside(view, WORD_BEFORE, 8);
    head_beside(view, WORD_CHANGE, 1);
    head_beside(view, WORD_YEAR_BEFORE, 9);
    head_beside(view, WORD_CHANGE_YEAR, 2);
    for (size_t k = 0; k < GIVEN_COUNT; k++) {
        const struct given_column *column = &GIVEN_COLUMNS[k];
        ret_has_given[k] = view->form == CELL_PLAIN || is_any_given(figures, column);
        if (ret_has_given[k]) {
            (void)grid_column(&view->grid, rd_str_of(column->heads[view->is_zh ? 1 : 0]), true);
            grid_may_go(&view->grid, column->order);
        }
    }
    if (view->form == CELL_PLAIN) {
        head(view, WORD_CURRENCY, false);
    }
}

/* Changes, and what was given, are of the figure: beside the first of its currencies. */
static void add_figure(struct view *view, rd_node row, const bool has_given[static GIVEN_COUNT],
        const struct currencies *currencies, size_t index)
{
    static const char *const VALUES[][2] = {
            {"value", NULL}, {"before", "change"}, {"year_before", "change_year"}};
    bool is_first = index == 0;
    grid_add(&view->grid, rd_node_str(rd_node_find(row, "name")));
    grid_add(&view->grid, rd_node_str(rd_node_find(row, "figure")));
    for (size_t i = 0; i < RD_COUNT(VALUES); i++) {
        if (currencies != NULL) {
            put_amount_of_row(&view->cell, row, VALUES[i][0], currencies, index);
            add_cell(view);
        } else {
            add_value(view, measure_of(row), rd_node_find(row, VALUES[i][0]));
        }
        if (VALUES[i][1] != NULL) {
            add_change(view, measure_of(row), is_first ? rd_node_find(row, VALUES[i][1]) : NULL);
        }
    }
    for (size_t k = 0; k < GIVEN_COUNT; k++) {
        if (has_given[k] && is_first) {
            put_given_of(&view->cell, row, &GIVEN_COLUMNS[k], view->form, view->is_zh);
        }
        if (has_given[k]) {
            add_cell(view);
        }
    }
    if (view->form == CELL_PLAIN) {
        grid_add(&view->grid, currencies != NULL ? currencies->at[index] : (struct rd_str){0});
    }
}

static void fill_whole(struct view *view)
{
    rd_node figures = rd_node_find(view->result, "figures");
    bool shows_all = ctl_option(view->ctl, "all") != NULL || view->form == CELL_PLAIN ||
                     ctl_option(view->ctl, "figure") != NULL;
    bool has_given[GIVEN_COUNT];
    head_whole(view, figures, has_given);
    for (uint32_t i = 0; i < rd_node_count(figures); i++) {
        rd_node row = rd_node_at(figures, i);
        struct currencies currencies = {.count = 0};
        if (is_nothing_told(row) && !shows_all) {
            continue;
        }
        if (!is_by_currency(view, row)) {
            add_figure(view, row, has_given, NULL, 0);
            continue;
        }
        currencies_of_row(&currencies, row);
        for (size_t k = 0; k < currencies.count; k++) {
            add_figure(view, row, has_given, &currencies, k);
        }
    }
}

/* ---- groups ---- */

static bool is_of_units(const struct view *view)
{
    struct rd_str by = rd_node_str(rd_node_find(view->result, "by"));
    return rd_str_is(by, "unit") || rd_str_is(by, "respondent");
}

static rd_node value_in(rd_node values, rd_node figure)
{
    char code[64];
    (void)snprintf(code, sizeof code, "%.*s", RD_FMT(rd_node_str(rd_node_find(figure, "figure"))));
    return rd_node_find(values, code);
}

/* What a column of the groups holds. */
struct group_column {
    rd_node figure;
    struct rd_str currency; /* of money by currency */
    bool is_by_currency;
};
struct group_columns {
    struct group_column at[GRID_COLUMNS_MAX];
    size_t count, left; /* left: for which there was no room */
};

static void add_column(struct view *view, struct group_columns *columns, struct group_column column)
{
    struct rd_str name = rd_node_str(rd_node_find(column.figure, "name"));
    rd_buf_printf(&view->cell, "%.*s", RD_FMT(name));
    if (column.currency.len > 0) {
        rd_buf_printf(&view->cell, " %.*s", RD_FMT(column.currency));
    }
    bool has_room = view->grid.column_count + COLUMNS_AFTER < GRID_COLUMNS_MAX;
    if (has_room && grid_column(&view->grid, rd_buf_str(&view->cell), true)) {
        columns->at[columns->count++] = column;
    } else {
        columns->left++;
    }
    rd_buf_reset(&view->cell);
}

/* The answer tells of the figures that were asked for: each a column, of money one a currency. */
static void add_columns(struct view *view, struct group_columns *columns)
{
    rd_node figures = rd_node_find(view->result, "figures");
    rd_node rows = rd_node_find(view->result, "rows");
    for (uint32_t k = 0; k < rd_node_count(figures); k++) {
        struct group_column column = {.figure = rd_node_at(figures, k)};
        struct currencies currencies = {.count = 0};
        column.is_by_currency = is_by_currency(view, column.figure);
        for (uint32_t i = 0; column.is_by_currency && i < rd_node_count(rows); i++) {
            rd_node values = rd_node_find(rd_node_at(rows, i), "values");
            currencies_add(&currencies, value_in(values, column.figure));
        }
        for (size_t i = 0; i < currencies.count; i++) {
            column.currency = currencies.at[i];
            add_column(view, columns, column);
        }
        if (currencies.count == 0) {
            add_column(view, columns, column);
        }
    }
    if (columns->left > 0) {
        say_error("%zu more columns have no room: name fewer figures by --figure", columns->left);
    }
}

static void add_group(struct view *view, rd_node row, const struct group_columns *columns)
{
    rd_node values = rd_node_find(row, "values");
    struct rd_str group = rd_node_str(rd_node_find(row, "group"));
    struct rd_str nameless = view->form == CELL_PLAIN ? (struct rd_str){0} : RD_STR("–");
    grid_add(&view->grid, group.len > 0 ? group : nameless);
    grid_add(&view->grid, rd_node_str(rd_node_find(row, "name")));
    for (size_t k = 0; k < columns->count; k++) {
        const struct group_column *column = &columns->at[k];
        rd_node value = value_in(values, column->figure);
        if (column->is_by_currency) {
            put_amount(&view->cell, value, column->currency);
            add_cell(view);
        } else {
            add_value(view, measure_of(column->figure), value);
        }
    }
}

static void fill_groups(struct view *view)
{
    rd_node figures = rd_node_find(view->result, "figures");
    rd_node rows = rd_node_find(view->result, "rows");
    struct group_columns columns = {.count = 0};
    head(view, WORD_GROUP, false);
    head(view, WORD_NAME, false);
    grid_may_go(&view->grid, 1);
    add_columns(view, &columns);
    bool has_marks = is_of_units(view);
    if (has_marks) {
        head_beside(view, WORD_PLACE, 2);
        head_beside(view, WORD_PLACE_BEFORE, 3);
        head(view, WORD_MARKS, false);
    }
    for (uint32_t i = 0; i < rd_node_count(rows); i++) {
        rd_node row = rd_node_at(rows, i);
        add_group(view, row, &columns);
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
        struct rd_str measure = measure_of(figure);
        for (uint32_t i = 0; i < count; i++) {
            values[i] = value_in(rd_node_find(rd_node_at(rows, i), "values"), figure);
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
    bool is_past = ctl_option(view->ctl, "as-of") != NULL;
    if (rd_node_uint(rd_node_find(as_of, "seq")) == 0 && is_past) {
        rd_buf_printf(
                &text, "%s", view->is_zh ? "  当时尚无任何内容" : ", nothing had come by then");
    } else if (rd_node_uint(rd_node_find(as_of, "seq")) == 0) {
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
