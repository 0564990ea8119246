#include "tools/ctl/report_page.h"

#include <inttypes.h>
#include <string.h>

#include "tools/ctl/report.h"
#include "tools/shared/text.h"

enum { CELL_BYTES_MAX = 1024 * 1024, CARDS_MAX = 8, CHART_HEIGHT = 120, BAR_WIDTH = 40 };

/* What stands large at the top, and what has a chart of its months. */
static const char *const CARDS[CARDS_MAX] = {"complaints", "complaints_valid", "decided_in_time",
        "decide_median", "mediated", "accommodations", "preempted_net", "sanctioned"};
static const char *const CHARTS[] = {"complaints", "decided", "mediated", "preempted_net"};

/* Narrow pages show each row as a card, so that nothing is cut off. */
static const char STYLE[] =
        "*{box-sizing:border-box}body{font:15px/1.5 system-ui,'Noto Sans CJK SC',sans-serif;"
        "color:#1d2530;margin:0 auto;padding:1.2rem;max-width:1180px;overflow-wrap:anywhere}"
        "h1{font-size:1.5rem;margin:0}h2{font-size:1.1rem;margin:2rem 0 .6rem}"
        ".note{color:#5a6675;margin:.2rem 0 1rem}"
        ".cards{display:grid;grid-template-columns:repeat(auto-fit,minmax(8.5rem,1fr));gap:.7rem}"
        ".card{border:1px solid #d5dbe3;border-radius:8px;padding:.6rem .8rem}"
        ".card b{display:block;font-size:1.35rem}.card i{font-style:normal;color:#5a6675}"
        ".charts{display:grid;grid-template-columns:repeat(auto-fit,minmax(15rem,1fr));gap:1rem}"
        "figure{margin:0}svg{width:100%;height:auto}rect{fill:#2f6db5}text{font-size:11px;"
        "fill:#5a6675}table{border-collapse:collapse;width:100%}th,td{padding:.3rem .5rem;"
        "border-bottom:1px solid #e3e8ee;text-align:left;vertical-align:top}"
        "td.n,th.n{text-align:right;font-variant-numeric:tabular-nums}"
        "@media(max-width:760px){thead{display:none}tr,td,td.n{display:block;text-align:left}"
        "tr{border-bottom:1px solid #aab4c0;padding:.4rem 0}td{border:0;padding:.05rem 0}"
        "td:before{content:attr(data-h) ' ';color:#5a6675}td:first-child{font-weight:600}"
        "td:first-child:before{content:''}}"
        "@media print{body{max-width:none;padding:0}tr{break-inside:avoid}}";

struct printer {
    FILE *out;
    const struct report_page *page;
    struct rd_buf cell;
};

static const char *of(const struct printer *printer, const char *en, const char *zh)
{
    return printer->page->is_zh ? zh : en;
}

static void put_html(FILE *out, struct rd_str text)
{
    for (size_t i = 0; i < text.len; i++) {
        switch (text.ptr[i]) {
        case '&':
            (void)fputs("&amp;", out);
            break;
        case '<':
            (void)fputs("&lt;", out);
            break;
        case '>':
            (void)fputs("&gt;", out);
            break;
        case '"':
            (void)fputs("&quot;", out);
            break;
        default:
            (void)fputc((unsigned char)text.ptr[i] < ' ' ? ' ' : text.ptr[i], out);
        }
    }
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
    put_html(printer->out, rd_buf_str(&printer->cell));
    rd_buf_reset(&printer->cell);
}

static void value(struct printer *printer, struct rd_str measure, rd_node node)
{
    put_figure(&printer->cell, measure, node, CELL_FOR_PEOPLE, printer->page->is_zh);
    flush(printer);
}

/* ---- cards and charts ---- */

static void print_cards(struct printer *printer)
{
    (void)fputs("<div class=cards>\n", printer->out);
    for (size_t i = 0; i < CARDS_MAX; i++) {
        rd_node row = figure_of(printer->page->whole, CARDS[i]);
        struct rd_str measure = text_of(row, "measure");
        (void)fputs("<div class=card>", printer->out);
        put_html(printer->out, text_of(row, "name"));
        (void)fputs("<b>", printer->out);
        value(printer, measure, rd_node_find(row, "value"));
        (void)fputs("</b>", printer->out);
        if (rd_node_type(rd_node_find(row, "change")) != RD_NODE_NIL) {
            (void)fputs("<i>", printer->out);
            put_change(&printer->cell, measure, rd_node_find(row, "change"), CELL_FOR_PEOPLE);
            flush(printer);
            (void)fprintf(printer->out, " %s</i>", of(printer, "on the span before", "环比"));
        }
        (void)fputs("</div>\n", printer->out);
    }
    (void)fputs("</div>\n", printer->out);
}

static int64_t month_value(rd_node months, uint32_t index, const char *code)
{
    return rd_node_int(rd_node_find(rd_node_find(rd_node_at(months, index), "values"), code));
}

static void print_chart(struct printer *printer, const char *code)
{
    rd_node months = rd_node_find(printer->page->months, "rows");
    uint32_t count = rd_node_count(months);
    int64_t most = 1;
    for (uint32_t i = 0; i < count; i++) {
        int64_t number = month_value(months, i, code);
        most = number > most ? number : most;
    }
    (void)fputs("<figure><figcaption>", printer->out);
    put_html(printer->out, text_of(figure_of(printer->page->whole, code), "name"));
    (void)fprintf(printer->out, "</figcaption><svg viewBox=\"0 0 %" PRIu32 " %d\" role=img>",
            count * BAR_WIDTH + 4, CHART_HEIGHT + 34);
    for (uint32_t i = 0; i < count; i++) {
        int64_t number = month_value(months, i, code);
        int64_t height = number > 0 ? number * CHART_HEIGHT / most : 0;
        int64_t top = CHART_HEIGHT - height + 14;
        struct rd_str month = text_of(rd_node_at(months, i), "group");
        uint32_t left = i * BAR_WIDTH + 4;
        (void)fprintf(printer->out,
                "<rect x=\"%" PRIu32 "\" y=\"%" PRId64 "\" width=\"%d\" height=\"%" PRId64
                "\"/><text x=\"%" PRIu32 "\" y=\"%" PRId64 "\">%" PRId64 "</text><text x=\"%" PRIu32
                "\" y=\"%d\">%.*s</text>",
                left, top, BAR_WIDTH - 8, height, left, top - 3, number, left, CHART_HEIGHT + 28,
                month.len > 5 ? (int)(month.len - 5) : 0, month.len > 5 ? month.ptr + 5 : "");
    }
    (void)fputs("</svg></figure>\n", printer->out);
}

/* ---- tables ---- */

static void head(struct printer *printer, const char *text, bool is_number)
{
    (void)fprintf(printer->out, "<th%s>%s</th>", is_number ? " class=n" : "", text);
}

static void open_cell(struct printer *printer, const char *text)
{
    (void)fprintf(printer->out, "<td class=n data-h=\"%s\">", text);
}

static bool is_something(rd_node node)
{
    enum rd_node_type type = rd_node_type(node);
    return type == RD_NODE_MAP ? rd_node_count(node) > 0 : rd_node_int(node) != 0;
}

static bool is_empty(rd_node row)
{
    return !is_something(rd_node_find(row, "value")) &&
           !is_something(rd_node_find(row, "year_before")) && text_of(row, "rank").len == 0;
}

static void print_whole(struct printer *printer)
{
    rd_node figures = rd_node_find(printer->page->whole, "figures");
    const char *names[] = {of(printer, "value", "本期"), of(printer, "before", "上期"),
            of(printer, "change", "环比"), of(printer, "year before", "上年同期"),
            of(printer, "change on the year", "同比"), of(printer, "rank", "排名")};
    (void)fputs("<table><thead><tr>", printer->out);
    head(printer, of(printer, "figure", "指标"), false);
    for (size_t k = 0; k < RD_COUNT(names); k++) {
        head(printer, names[k], true);
    }
    (void)fputs("</tr></thead><tbody>\n", printer->out);
    for (uint32_t i = 0; i < rd_node_count(figures); i++) {
        static const char *const KEYS[] = {
                "value", "before", "change", "year_before", "change_year"};
        rd_node row = rd_node_at(figures, i);
        struct rd_str measure = text_of(row, "measure"), rank = text_of(row, "rank");
        if (is_empty(row)) {
            continue;
        }
        (void)fputs("<tr><td>", printer->out);
        put_html(printer->out, text_of(row, "name"));
        (void)fputs("</td>", printer->out);
        for (size_t k = 0; k < RD_COUNT(KEYS); k++) {
            open_cell(printer, names[k]);
            if (k == 2 || k == 4) {
                put_change(&printer->cell, measure, rd_node_find(row, KEYS[k]), CELL_FOR_PEOPLE);
                flush(printer);
            } else {
                value(printer, measure, rd_node_find(row, KEYS[k]));
            }
            (void)fputs("</td>", printer->out);
        }
        open_cell(printer, names[5]);
        put_html(printer->out, rank.len > 0 ? rank : RD_STR("–"));
        (void)fputs("</td></tr>\n", printer->out);
    }
    (void)fputs("</tbody></table>\n", printer->out);
}

static void print_units(struct printer *printer)
{
    rd_node figures = rd_node_find(printer->page->units, "figures");
    rd_node rows = rd_node_find(printer->page->units, "rows");
    (void)fputs("<table><thead><tr>", printer->out);
    head(printer, of(printer, "unit", "机构"), false);
    for (uint32_t k = 0; k < rd_node_count(figures); k++) {
        (void)fputs("<th class=n>", printer->out);
        put_html(printer->out, text_of(rd_node_at(figures, k), "name"));
        (void)fputs("</th>", printer->out);
    }
    head(printer, of(printer, "rank", "排名"), true);
    (void)fputs("</tr></thead><tbody>\n", printer->out);
    for (uint32_t i = 0; i < rd_node_count(rows); i++) {
        rd_node row = rd_node_at(rows, i), values = rd_node_find(row, "values");
        struct rd_str name = text_of(row, "name");
        (void)fputs("<tr><td>", printer->out);
        put_html(printer->out, name.len > 0 ? name : text_of(row, "group"));
        (void)fputs("</td>", printer->out);
        for (uint32_t k = 0; k < rd_node_count(figures); k++) {
            rd_node figure = rd_node_at(figures, k);
            char code[64];
            struct rd_str text = text_of(figure, "figure");
            (void)snprintf(code, sizeof code, "%.*s", RD_FMT(text));
            (void)fputs("<td class=n data-h=\"", printer->out);
            put_html(printer->out, text_of(figure, "name"));
            (void)fputs("\">", printer->out);
            value(printer, text_of(figure, "measure"), rd_node_find(values, code));
            (void)fputs("</td>", printer->out);
        }
        open_cell(printer, of(printer, "rank", "排名"));
        value(printer, RD_STR("count"), rd_node_find(row, "rank"));
        (void)fputs("</td></tr>\n", printer->out);
    }
    (void)fputs("</tbody></table>\n", printer->out);
}

void report_page_print(FILE *out, const struct report_page *page)
{
    struct printer printer = {.out = out, .page = page};
    rd_buf_init(&printer.cell, CELL_BYTES_MAX);
    char as_of[LOCAL_TEXT_MAX];
    local_time(rd_node_time(rd_node_find(rd_node_find(page->whole, "as_of"), "time")), as_of);
    (void)fprintf(out,
            "<!doctype html>\n<html lang=\"%s\"><head><meta charset=\"utf-8\"><meta "
            "name=\"viewport\" content=\"width=device-width,initial-scale=1\"><title>%s</title>"
            "<style>%s</style></head><body>\n<h1>",
            page->is_zh ? "zh-CN" : "en", of(&printer, "Complaints report", "投诉管理报告"), STYLE);
    put_html(out, text_of(page->whole, "unit"));
    (void)fputs(" · ", out);
    put_html(out, text_of(page->whole, "period"));
    (void)fprintf(out, "</h1><p class=note>%s %s</p>\n", of(&printer, "as of", "截至"), as_of);
    print_cards(&printer);
    (void)fprintf(out, "<h2>%s</h2><div class=charts>\n", of(&printer, "By month", "按月"));
    for (size_t i = 0; i < RD_COUNT(CHARTS); i++) {
        print_chart(&printer, CHARTS[i]);
    }
    (void)fprintf(out, "</div><h2>%s</h2>\n", of(&printer, "By unit", "按机构"));
    print_units(&printer);
    (void)fprintf(out, "<h2>%s</h2>\n", of(&printer, "All figures", "全部指标"));
    print_whole(&printer);
    (void)fprintf(out, "<p class=note>%s</p></body></html>\n",
            of(&printer, "Definitions: redressctl figures, redress-figures(7).",
                    "指标口径:redressctl figures --lang zh-CN"));
    rd_buf_done(&printer.cell);
}
