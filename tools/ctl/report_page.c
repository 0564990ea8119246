#include "tools/ctl/report_page.h"

#include <string.h>

#include "tools/ctl/report.h"
#include "tools/shared/page.h"
#include "tools/shared/text.h"

enum { CELL_BYTES_MAX = 1024 * 1024, CARDS_MAX = 8, MONTHS_MAX = 1200, YEAR_TEXT = 5 };

/* What stands large at the top, and what has a chart of its months. */
static const char *const CARDS[CARDS_MAX] = {"complaints", "complaints_valid", "decided_in_time",
        "decide_median", "mediated", "accommodations", "preempted_net", "sanctioned"};
static const char *const CHARTS[] = {"complaints", "decided", "mediated", "preempted_net"};

struct printer {
    struct page page;
    const struct report_page *report;
    struct rd_buf cell;
};

static const char *of(const struct printer *printer, const char *en, const char *zh)
{
    return page_word(&printer->page, en, zh);
}

static struct rd_str text_of(rd_node row, const char *key)
{
    return rd_node_str(rd_node_find(row, key));
}

static rd_node figure_of(rd_node answer, const char *code)
{
    rd_node figures = rd_node_find(answer, "figures");
    for (uint32_t i = 0; i < rd_node_count(figures); i++) {
        if (rd_str_is(text_of(rd_node_at(figures, i), "figure"), code)) {
            return rd_node_at(figures, i);
        }
    }
    return NULL;
}

static void flush(struct printer *printer)
{
    page_text(&printer->page, rd_buf_str(&printer->cell));
    rd_buf_reset(&printer->cell);
}

static void value(struct printer *printer, struct rd_str measure, rd_node node)
{
    put_figure(&printer->cell, measure, node, CELL_FOR_PEOPLE, printer->page.is_zh);
    flush(printer);
}

/* ---- cards and charts ---- */

static void print_cards(struct printer *printer)
{
    FILE *out = printer->page.out;
    (void)fputs("<div class=cards>\n", out);
    for (size_t i = 0; i < CARDS_MAX; i++) {
        rd_node row = figure_of(printer->report->whole, CARDS[i]);
        struct rd_str measure = text_of(row, "measure");
        (void)fputs("<div class=card>", out);
        page_text(&printer->page, text_of(row, "name"));
        (void)fputs("<b>", out);
        value(printer, measure, rd_node_find(row, "value"));
        (void)fputs("</b>", out);
        if (rd_node_type(rd_node_find(row, "change")) != RD_NODE_NIL) {
            (void)fputs("<i>", out);
            put_change(&printer->cell, measure, rd_node_find(row, "change"), CELL_FOR_PEOPLE);
            flush(printer);
            (void)fprintf(out, " %s</i>", of(printer, "on the span before", "环比"));
        }
        (void)fputs("</div>\n", out);
    }
    (void)fputs("</div>\n", out);
}

/* The months of the span by their two digits. */
static void print_chart(struct printer *printer, const char *code)
{
    rd_node months = rd_node_find(printer->report->months, "rows");
    uint32_t count = rd_node_count(months);
    struct page_column columns[MONTHS_MAX];
    count = count > MONTHS_MAX ? MONTHS_MAX : count;
    for (uint32_t i = 0; i < count; i++) {
        rd_node month = rd_node_at(months, i);
        struct rd_str name = text_of(month, "group");
        columns[i] = (struct page_column){
                .label = name.len > YEAR_TEXT
                                 ? (struct rd_str){name.ptr + YEAR_TEXT, name.len - YEAR_TEXT}
                                 : RD_STR(""),
                .value = rd_node_int(rd_node_find(rd_node_find(month, "values"), code))};
    }
    struct rd_str title = text_of(figure_of(printer->report->whole, code), "name");
    page_columns(&printer->page, title, columns, count);
}

/* ---- tables ---- */

static const char *const SPANS[][3] = {{"value", "value", "本期"}, {"before", "before", "上期"},
        {"change", "change", "环比"}, {"year_before", "year before", "上年同期"},
        {"change_year", "change on the year", "同比"}};

static const char *head_given(const struct printer *printer, const struct given_column *column)
{
    return of(printer, column->heads[0], column->heads[1]);
}

static void print_figure(struct printer *printer, rd_node row, const bool has_given[GIVEN_COUNT])
{
    struct rd_str measure = text_of(row, "measure");
    (void)fputs("<tr><td>", printer->page.out);
    page_text(&printer->page, text_of(row, "name"));
    (void)fputs("</td>", printer->page.out);
    for (size_t k = 0; k < RD_COUNT(SPANS); k++) {
        page_cell(&printer->page, rd_str_of(of(printer, SPANS[k][1], SPANS[k][2])));
        rd_node node = rd_node_find(row, SPANS[k][0]);
        if (strncmp(SPANS[k][0], "change", strlen("change")) == 0) {
            put_change(&printer->cell, measure, node, CELL_FOR_PEOPLE);
            flush(printer);
        } else {
            value(printer, measure, node);
        }
        page_cell_end(&printer->page);
    }
    for (size_t k = 0; k < GIVEN_COUNT; k++) {
        if (has_given[k]) {
            page_cell(&printer->page, rd_str_of(head_given(printer, &GIVEN_COLUMNS[k])));
            put_given_of(
                    &printer->cell, row, &GIVEN_COLUMNS[k], CELL_FOR_PEOPLE, printer->page.is_zh);
            flush(printer);
            page_cell_end(&printer->page);
        }
    }
    (void)fputs("</tr>\n", printer->page.out);
}

static void print_whole(struct printer *printer)
{
    rd_node figures = rd_node_find(printer->report->whole, "figures");
    bool has_given[GIVEN_COUNT];
    (void)fputs("<table><thead><tr>", printer->page.out);
    page_head(&printer->page, of(printer, "figure", "指标"), false);
    for (size_t k = 0; k < RD_COUNT(SPANS); k++) {
        page_head(&printer->page, of(printer, SPANS[k][1], SPANS[k][2]), true);
    }
    for (size_t k = 0; k < GIVEN_COUNT; k++) {
        has_given[k] = is_any_given(figures, &GIVEN_COLUMNS[k]);
        if (has_given[k]) {
            page_head(&printer->page, head_given(printer, &GIVEN_COLUMNS[k]), true);
        }
    }
    (void)fputs("</tr></thead><tbody>\n", printer->page.out);
    for (uint32_t i = 0; i < rd_node_count(figures); i++) {
        if (!is_nothing_told(rd_node_at(figures, i))) {
            print_figure(printer, rd_node_at(figures, i), has_given);
        }
    }
    (void)fputs("</tbody></table>\n", printer->page.out);
}

static void print_unit(struct printer *printer, rd_node row)
{
    rd_node figures = rd_node_find(printer->report->units, "figures");
    rd_node values = rd_node_find(row, "values");
    struct rd_str name = text_of(row, "name");
    (void)fputs("<tr><td>", printer->page.out);
    page_text(&printer->page, name.len > 0 ? name : text_of(row, "group"));
    (void)fputs("</td>", printer->page.out);
    for (uint32_t k = 0; k < rd_node_count(figures); k++) {
        rd_node figure = rd_node_at(figures, k);
        char code[64];
        struct rd_str text = text_of(figure, "figure");
        (void)snprintf(code, sizeof code, "%.*s", RD_FMT(text));
        page_cell(&printer->page, text_of(figure, "name"));
        value(printer, text_of(figure, "measure"), rd_node_find(values, code));
        page_cell_end(&printer->page);
    }
    page_cell(&printer->page, rd_str_of(of(printer, "place", "考核名次")));
    value(printer, RD_STR("count"), rd_node_find(row, "rank"));
    page_cell_end(&printer->page);
    (void)fputs("<td data-h=\"", printer->page.out);
    page_text(&printer->page, rd_str_of(of(printer, "marks", "标记")));
    (void)fputs("\">", printer->page.out);
    put_marks(&printer->cell, row, figures, printer->page.is_zh);
    flush(printer);
    (void)fputs("</td>", printer->page.out);
    (void)fputs("</tr>\n", printer->page.out);
}

static void print_units(struct printer *printer)
{
    rd_node figures = rd_node_find(printer->report->units, "figures");
    rd_node rows = rd_node_find(printer->report->units, "rows");
    (void)fputs("<table><thead><tr>", printer->page.out);
    page_head(&printer->page, of(printer, "unit", "机构"), false);
    for (uint32_t k = 0; k < rd_node_count(figures); k++) {
        (void)fputs("<th class=n>", printer->page.out);
        page_text(&printer->page, text_of(rd_node_at(figures, k), "name"));
        (void)fputs("</th>", printer->page.out);
    }
    page_head(&printer->page, of(printer, "place", "考核名次"), true);
    page_head(&printer->page, of(printer, "marks", "标记"), false);
    (void)fputs("</tr></thead><tbody>\n", printer->page.out);
    for (uint32_t i = 0; i < rd_node_count(rows); i++) {
        print_unit(printer, rd_node_at(rows, i));
    }
    (void)fputs("</tbody></table>\n", printer->page.out);
}

void report_page_print(FILE *out, const struct report_page *report)
{
    struct printer printer = {.page = {.out = out, .is_zh = report->is_zh}, .report = report};
    char as_of[LOCAL_TEXT_MAX];
    rd_buf_init(&printer.cell, CELL_BYTES_MAX);
    local_time(rd_node_time(rd_node_find(rd_node_find(report->whole, "as_of"), "time")), as_of);
    page_begin(&printer.page, of(&printer, "Complaints report", "投诉管理报告"));
    (void)fputs("<h1>", out);
    struct rd_str name = text_of(report->whole, "unit_name");
    page_text(&printer.page, name.len > 0 ? name : text_of(report->whole, "unit"));
    (void)fputs(" · ", out);
    page_text(&printer.page, text_of(report->whole, "period"));
    (void)fprintf(out, "</h1><p class=note>%s %s</p>\n", of(&printer, "as of", "截至"), as_of);
    print_cards(&printer);
    page_heading(&printer.page, of(&printer, "By month", "按月"));
    (void)fputs("<div class=charts>\n", out);
    for (size_t i = 0; i < RD_COUNT(CHARTS); i++) {
        print_chart(&printer, CHARTS[i]);
    }
    (void)fputs("</div>\n", out);
    page_heading(&printer.page, of(&printer, "By unit", "按机构"));
    print_units(&printer);
    page_heading(&printer.page, of(&printer, "All figures", "全部指标"));
    print_whole(&printer);
    page_note(&printer.page, of(&printer, "Definitions: redressctl figures, redress-figures(7).",
                                     "指标口径:redressctl figures --lang zh-CN"));
    page_end(&printer.page);
    rd_buf_done(&printer.cell);
}
