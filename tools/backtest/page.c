#include "tools/shared/page.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "tools/backtest/cell.h"
#include "tools/backtest/report.h"

/* The report as one page: what stands out as charts, then every table. */

enum { TEN_THOUSAND = 10000, TITLE_MAX = 512 };

/* What the tables say, in Chinese; what is not here is a name of the configuration's. */
static const struct {
    const char *en, *zh;
} WORDS[] = {
        {"Run", "运行"},
        {"Events refused, by error", "被拒绝的事件(按错误)"},
        {"Cases, as they stand at the end", "案件终态"},
        {"Warnings, by level", "预警(按级别)"},
        {"Outcome as the file tells it, by level (shares: that level and above)",
                "文件所载结果,按级别(比率含更高级别)"},
        {"Outcome as the file tells it, by reason", "文件所载结果,按原因"},
        {"What became of first contacts, by level (shares: that complained although somebody "
         "acted, although nobody did)",
                "首问去向,按级别(比率:有人处理仍投诉、无人处理而投诉)"},
        {"Contacts that complained or were pre-empted, by level (shares: that level and above)",
                "转投诉或前置化解的首问,按级别(比率含更高级别)"},
        {"Contacts that complained or were pre-empted, by reason", "转投诉或前置化解的首问,按原因"},
        {"Complaints disputed, escalated or breached, by level (shares: that level and above)",
                "有争议、升级或超时的投诉,按级别(比率含更高级别)"},
        {"Complaints disputed, escalated or breached, by reason",
                "有争议、升级或超时的投诉,按原因"},
        {"Alerts, by type", "告警(按类型)"},
        {"Alerts, by unit", "告警(按机构)"},
        {"Alerts of the ladder, by rung", "升级梯告警(按级)"},
        {"Clocks, as they stand at the end (late and breached were breached), and their alerts",
                "时钟终态(迟停与超时均已超时)及其告警"},
        {"Workload, by the hour of the unit's day", "工作量(按机构当地小时)"},
        {"count", "数量"},
        {"rows", "行"},
        {"bad rows", "坏行"},
        {"events after --until", "截止后的事件"},
        {"events", "事件"},
        {"accepted", "已接受"},
        {"rejected", "被拒绝"},
        {"duplicate", "重复"},
        {"timers fired", "触发的定时"},
        {"alerts", "告警"},
        {"opened", "立案"},
        {"open", "未了"},
        {"closed", "已结"},
        {"grown", "转投诉"},
        {"defused", "已化解"},
        {"relapsed", "化解后复投"},
        {"contact", "首问"},
        {"complaint", "投诉"},
        {"duty", "任务"},
        {"contacts", "首问"},
        {"complaints", "投诉"},
        {"want_ack", "需确认"},
        {"warnings", "预警"},
        {"rungs", "升级"},
        {"reminders", "提醒"},
        {"breaches", "超时"},
        {"fired", "触发"},
        {"renotified", "再通知"},
        {"in_time", "按时"},
        {"late", "迟停"},
        {"breached", "超时"},
        {"running", "运行中"},
        {"waiting", "未开始"},
        {"in_time_share", "按时率"},
        {"breach_alerts", "超时告警"},
        {"corrected", "更正"},
        {"moved", "改期"},
        {"assessed", "评估"},
        {"true", "属实"},
        {"false", "不实"},
        {"precision", "准确率"},
        {"recall", "召回率"},
        {"lift", "提升"},
        {"complained", "转投诉"},
        {"preempted", "前置化解"},
        {"tended", "有跟进"},
        {"quiet", "无后续"},
        {"acted_on", "有人处理"},
        {"left_alone", "无人处理"},
};

static const char *word(const struct page *page, const char *en)
{
    for (size_t i = 0; page->is_zh && i < RD_COUNT(WORDS); i++) {
        if (strcmp(WORDS[i].en, en) == 0) {
            return WORDS[i].zh;
        }
    }
    enum rd_level level;
    bool is_level = page->is_zh && rd_level_parse(rd_str_of(en), &level) == 0;
    return is_level ? rd_level_zh(level) : en;
}

static void put_key(const struct page *page, struct rd_str key)
{
    char text[TITLE_MAX];
    (void)snprintf(text, sizeof text, "%.*s", RD_FMT(key));
    page_cstr(page, word(page, text));
}

static const struct report_table *table_of(const struct report *report, const char *name)
{
    for (size_t i = 0; i < report->table_count; i++) {
        if (strcmp(report->tables[i].name, name) == 0) {
            return &report->tables[i];
        }
    }
    return NULL;
}

/* "answer", or of two configurations "answer · A". */
static struct rd_str title_of(const struct report *report, struct rd_str key, size_t side,
        char ret_text[static TITLE_MAX])
{
    static const char *const SIDES[REPORT_SIDES_MAX] = {" · A", " · B"};
    (void)snprintf(
            ret_text, TITLE_MAX, "%.*s%s", RD_FMT(key), report->side_count > 1 ? SIDES[side] : "");
    return rd_str_of(ret_text);
}

/* ---- what stands out ---- */

static void print_card(const struct report *report, const struct page *page, const char *table_name,
        const char *key, size_t column)
{
    const struct report_table *table = table_of(report, table_name);
    for (size_t i = 0; table != NULL && i < table->row_count; i++) {
        if (!rd_str_is(table->rows[i].key, key)) {
            continue;
        }
        (void)fputs("<div class=card>", page->out);
        page_cstr(page, word(page, table->column_count > 1 ? table->columns[column] : key));
        for (size_t s = 0; s < report->side_count; s++) {
            char text[CELL_TEXT_MAX];
            cell_text(table->columns[column], table->rows[i].cells[s][column], text);
            (void)fprintf(page->out, "<b>%s%s</b>",
                    report->side_count == 1 ? ""
                    : s == 0                ? "A "
                                            : "B ",
                    text);
        }
        (void)fputs("</div>\n", page->out);
    }
}

static void print_cards(const struct report *report, const struct page *page)
{
    (void)fputs("<div class=cards>\n", page->out);
    print_card(report, page, "run", "accepted", 0);
    print_card(report, page, "run", "rejected", 0);
    print_card(report, page, "cases", "complaint", 0);
    print_card(report, page, "run", "alerts", 0);
    print_card(report, page, "run", "timers fired", 0);
    (void)fputs("</div>\n", page->out);
}

static void print_clocks(const struct report *report, const struct page *page)
{
    enum { STATES = 5 };
    const struct report_table *table = table_of(report, "clocks");
    page_heading(page, page_word(page, "How clocks ended", "时钟结果"));
    for (size_t i = 0; table != NULL && i < table->row_count; i++) {
        for (size_t s = 0; s < report->side_count; s++) {
            const int64_t *cells = table->rows[i].cells[s];
            struct page_part parts[STATES];
            char text[TITLE_MAX];
            for (size_t c = 0; c < STATES; c++) {
                parts[c] = (struct page_part){.name = word(page, table->columns[c]),
                        .value = cells[c] == CELL_NONE ? 0 : cells[c]};
            }
            page_stack(page, title_of(report, table->rows[i].key, s, text), parts, STATES);
        }
    }
}

static void print_week(const struct report *report, const struct page *page)
{
    static const char *const SIDES[][2] = {{"Events", "事件"}, {"Alerts", "告警"}};
    page_heading(page, page_word(page, "Workload, by day of the week and hour", "工作量(周 × 时)"));
    (void)fputs("<div class=wide>\n", page->out);
    for (size_t s = 0; s < report->side_count; s++) {
        for (size_t what = 0; what < RD_COUNT(SIDES); what++) {
            char text[TITLE_MAX];
            struct rd_str name = rd_str_of(SIDES[what][page->is_zh ? 1 : 0]);
            page_heat(page, title_of(report, name, s, text),
                    what == 0 ? report->week_events[s] : report->week_alerts[s]);
        }
    }
    (void)fputs("</div>\n", page->out);
}

/* ---- precision, with what chance leaves open ---- */

/* Wilson's interval at 95 %: right also where there are few, or all or none of them. */
static struct page_share wilson(int64_t hits, int64_t known)
{
    const double z = 1.959964, n = (double)known, p = (double)hits / n;
    double middle = (p + z * z / (2 * n)) / (1 + z * z / n);
    double half = z / (1 + z * z / n) * sqrt(p * (1 - p) / n + z * z / (4 * n * n));
    struct page_share share = {.value = (hits * TEN_THOUSAND + known / 2) / known,
            .low = lround((middle - half) * TEN_THOUSAND),
            .high = lround((middle + half) * TEN_THOUSAND)};
    share.low = share.low < 0 ? 0 : share.low;
    share.high = share.high > TEN_THOUSAND ? TEN_THOUSAND : share.high;
    return share;
}

static void print_precision(const struct report *report, const struct page *page,
        const struct report_row *row, size_t side)
{
    enum { TRUE_COLUMN = 2, FALSE_COLUMN = 3, HUNDRED = 100 };
    const int64_t *cells = row->cells[side];
    int64_t hits = cells[TRUE_COLUMN] == CELL_NONE ? 0 : cells[TRUE_COLUMN];
    int64_t known = hits + (cells[FALSE_COLUMN] == CELL_NONE ? 0 : cells[FALSE_COLUMN]);
    char title[TITLE_MAX], words[TITLE_MAX];
    if (known == 0) {
        return; /* nothing is known of it: it has no precision */
    }
    struct page_share share = wilson(hits, known);
    (void)snprintf(words, sizeof words,
            "%" PRId64 ".%02" PRId64 " %% (%" PRId64 "–%" PRId64 " %%), %" PRId64 "/%" PRId64,
            share.value / HUNDRED, share.value % HUNDRED, share.low / HUNDRED,
            (share.high + HUNDRED - 1) / HUNDRED, hits, known);
    page_interval(page, title_of(report, row->key, side, title), &share, rd_str_of(words));
}

static void print_rules(const struct report *report, const struct page *page, const char *name)
{
    const struct report_table *table = table_of(report, name);
    if (table == NULL || table->row_count == 0) {
        return;
    }
    page_heading(page, word(page, table->title));
    page_note(page, page_word(page, "Precision, and where it lies with 95 in 100.",
                            "准确率及其 95 % 置信区间。"));
    for (size_t i = 0; i < table->row_count; i++) {
        for (size_t s = 0; s < report->side_count; s++) {
            print_precision(report, page, &table->rows[i], s);
        }
    }
}

/* ---- every table ---- */

static void print_table(
        const struct report *report, const struct page *page, const struct report_table *table)
{
    page_heading(page, word(page, table->title));
    (void)fputs("<table><thead><tr>", page->out);
    page_head(page, "", false);
    for (size_t c = 0; c < table->column_count; c++) {
        page_head(page, word(page, cell_name(table->columns[c])), true);
    }
    (void)fputs("</tr></thead><tbody>\n", page->out);
    for (size_t i = 0; i < table->row_count; i++) {
        (void)fputs("<tr><td>", page->out);
        put_key(page, table->rows[i].key);
        (void)fputs("</td>", page->out);
        for (size_t c = 0; c < table->column_count; c++) {
            page_cell(page, rd_str_of(word(page, cell_name(table->columns[c]))));
            for (size_t s = 0; s < report->side_count; s++) {
                char text[CELL_TEXT_MAX];
                cell_text(table->columns[c], table->rows[i].cells[s][c], text);
                (void)fprintf(page->out, "%s%s", s > 0 ? " | " : "", text);
            }
            page_cell_end(page);
        }
        (void)fputs("</tr>\n", page->out);
    }
    (void)fputs("</tbody></table>\n", page->out);
}

static void print_title(const struct report *report, const struct page *page)
{
    char from[RD_TIME_TEXT_MAX] = "–", to[RD_TIME_TEXT_MAX] = "–";
    if (report->from != RD_TIME_NONE) {
        rd_time_format(report->from, from);
        rd_time_format(report->to, to);
    }
    (void)fprintf(page->out, "<h1>%s</h1>\n", page_word(page, "Back-test", "规则回测"));
    for (size_t s = 0; s < report->side_count; s++) {
        (void)fprintf(page->out, "<p class=note>%s",
                report->side_count == 1 ? ""
                : s == 0                ? "A: "
                                        : "B: ");
        page_cstr(page, report->names[s]);
        (void)fputs("</p>\n", page->out);
    }
    (void)fprintf(page->out, "<p class=note>%s – %s</p>\n", from, to);
}

void report_print_page(const struct report *report, FILE *out, bool is_zh)
{
    static const char *const RULES[] = {"outcome_codes", "contact_codes", "complaint_codes"};
    const struct page page = {.out = out, .is_zh = is_zh};
    page_begin(&page, page_word(&page, "Back-test", "规则回测"));
    print_title(report, &page);
    print_cards(report, &page);
    print_clocks(report, &page);
    print_week(report, &page);
    for (size_t i = 0; i < RD_COUNT(RULES); i++) {
        print_rules(report, &page, RULES[i]);
    }
    for (size_t i = 0; i < report->table_count; i++) {
        if (report->tables[i].row_count > 0) {
            print_table(report, &page, &report->tables[i]);
        }
    }
    page_end(&page);
}
