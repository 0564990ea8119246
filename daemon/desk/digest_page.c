#include "daemon/desk/digest_page.h"

#include <inttypes.h>

#include "daemon/engine/title_words.h"

struct page {
    struct rd_buf *buf;
    rd_node digest;
    const struct rd_plan *plan;
    bool is_zh;
};

static const char *in(const struct page *page, const char *en, const char *zh)
{
    return page->is_zh ? zh : en;
}

static void say(const struct page *page, const char *en, const char *zh)
{
    rd_buf_put_text(page->buf, rd_str_of(in(page, en, zh)));
}

static void put_number(const struct page *page, uint64_t number)
{
    rd_buf_printf(page->buf, "%" PRIu64, number);
}

static struct rd_str text_of(rd_node map, const char *key)
{
    return rd_node_str(rd_node_find(map, key));
}

static uint64_t number_of(rd_node map, const char *key)
{
    return rd_node_uint(rd_node_find(map, key));
}

/* One line, whatever was written. */
static void put_text(const struct page *page, struct rd_str text)
{
    for (size_t i = 0; i < text.len; i++) {
        uint8_t c = (uint8_t)text.ptr[i];
        rd_buf_put_u8(page->buf, c < 0x20 || c == 0x7f ? ' ' : c);
    }
}

/* Where others bear its name, with the unit above it. */
static void put_unit(const struct page *page, rd_node row)
{
    int32_t unit = rd_plan_unit_find(page->plan, text_of(row, "unit"));
    put_text(page, unit != RD_NO_INDEX ? page->plan->units[unit].label : text_of(row, "unit_name"));
}

/* ---- the head ---- */

static void put_span(const struct page *page, struct rd_str first, struct rd_str last)
{
    rd_buf_printf(page->buf, "%.*s", RD_FMT(first));
    if (!rd_str_eq(first, last)) {
        rd_buf_printf(page->buf, " … %.*s", RD_FMT(last));
    }
}

static const char *every_of(const struct page *page)
{
    struct rd_str every = text_of(page->digest, "every");
    return rd_str_is(every, "week")    ? in(page, "The week of", "周报")
           : rd_str_is(every, "month") ? in(page, "The month of", "月报")
                                       : in(page, "The day of", "日报");
}

static void put_head(const struct page *page)
{
    struct rd_str to = text_of(page->digest, "to");
    if (page->is_zh) {
        put_unit(page, page->digest);
        rd_buf_printf(page->buf, "%s %.*s\n", every_of(page), RD_FMT(to));
    } else {
        rd_buf_printf(page->buf, "%s ", every_of(page));
        put_unit(page, page->digest);
        rd_buf_printf(page->buf, ", %.*s\n", RD_FMT(to));
    }
    rd_node missed = rd_node_find(page->digest, "missed");
    if (missed != NULL) {
        say(page, "No digest was made of ", "未生成：");
        put_span(page, text_of(missed, "first"), text_of(missed, "last"));
        say(page, " (", "（");
        put_number(page, number_of(missed, "count"));
        say(page, ")\n", "期）\n");
    }
}

/* ---- numbers ---- */

struct line {
    const char *key, *en, *zh;
};

static const struct line HAPPENED[] = {
        {"opened", "opened", "新增"},
        {"closed", "closed", "办结"},
        {"recontacts", "came again", "客户再次来联系"},
        {"chases", "questions put", "督办提问"},
        {"acted", "first contacts taken in hand", "首问已采取措施"},
        {"preempted", "first contacts settled", "前置化解"},
};
static const struct line STANDS[] = {
        {"open", "open", "在办"},
        {"duties", "duties open", "未完成任务"},
        {"overdue", "overdue", "逾期"},
        {"due_today", "due today", "今日到期"},
        {"due_next", "due until the next digest", "下期前到期"},
        {"unacknowledged", "alerts not acknowledged", "预警待确认"},
        {"answers_owed", "answers owed in its cases, whoever was asked",
                "本单位案件中的督办待答复"},
        {"notices_owed", "notices owed", "待告知"},
        {"pauses_long", "paused for long", "暂停较久"},
        {"reports_missing", "daily reports missing", "日报缺报"},
        {"reports_differ", "daily reports that differ", "日报与系统不符"},
};

static void put_lines(const struct page *page, const struct line *lines, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        rd_buf_printf(page->buf, "%8" PRIu64 "  %s\n", number_of(page->digest, lines[i].key),
                in(page, lines[i].en, lines[i].zh));
    }
}

/* "high 3", "高风险3" */
static void put_level(const struct page *page, enum rd_level level, uint64_t number)
{
    say(page, rd_level_name(level), rd_level_zh(level));
    say(page, " ", "");
    put_number(page, number);
}

static void put_warnings(const struct page *page)
{
    rd_node warnings = rd_node_find(page->digest, "warnings");
    uint64_t watch = number_of(warnings, "watch"), high = number_of(warnings, "high");
    uint64_t critical = number_of(warnings, "critical");
    rd_buf_printf(page->buf, "%8" PRIu64 "  ", watch + high + critical);
    say(page, "first contacts at risk (", "首问预警（");
    put_level(page, RD_LEVEL_WATCH, watch);
    say(page, ", ", "，");
    put_level(page, RD_LEVEL_HIGH, high);
    say(page, ", ", "，");
    put_level(page, RD_LEVEL_CRITICAL, critical);
    say(page, ")\n", "）\n");
}

static void put_numbers(const struct page *page)
{
    say(page, "\nWhat happened, ", "\n本期（");
    put_span(page, text_of(page->digest, "from"), text_of(page->digest, "to"));
    say(page, "\n", "）\n");
    put_lines(page, HAPPENED, RD_COUNT(HAPPENED));
    put_warnings(page);
    say(page, "\nHow it stands\n", "\n目前\n");
    put_lines(page, STANDS, RD_COUNT(STANDS));
}

/* ---- lists ---- */

/* Its head, where it has rows; how many are not in it. */
static rd_node begin_list(
        const struct page *page, const char *key, const char *count, const char *head)
{
    rd_node list = rd_node_find(page->digest, key);
    uint64_t all = number_of(page->digest, count), listed = rd_node_count(list);
    if (listed > 0) {
        rd_buf_printf(page->buf, "\n%s", head);
        if (all > listed) {
            say(page, " (", "（前");
            put_number(page, listed);
            say(page, " of ", "件，共");
            put_number(page, all);
            say(page, ")", "件）");
        }
        rd_buf_put_u8(page->buf, '\n');
    }
    return list;
}

/* What people call a duty by its schedule; empty: it has no title, or is of none. */
static struct rd_str duty_title(const struct page *page, rd_node row)
{
    const struct rd_plan_supervision *supervision = &page->plan->supervision;
    struct rd_str subject = text_of(row, "subject");
    bool is_duty = rd_str_is(text_of(row, "kind"), "duty");
    for (size_t i = 0; is_duty && i < supervision->duty_count; i++) {
        struct rd_str code = supervision->duties[i].duty;
        if (subject.len > code.len && rd_str_starts(subject, code) &&
                subject.ptr[code.len] == '/') {
            return supervision->duties[i].title;
        }
    }
    return (struct rd_str){0};
}

/* The unit's; the root's, where the unit is gone. */
static const struct rd_calendar *calendar_of(const struct page *page, rd_node row)
{
    int32_t unit = rd_plan_unit_find(page->plan, text_of(row, "unit"));
    return &page->plan->calendars[page->plan->units[unit != RD_NO_INDEX ? unit : 0].calendar];
}

/* In Chinese as a title says it, "2月3日24:00": a day alone would read as if it were not part of
 * the limit. */
static void put_until(const struct page *page, rd_node row)
{
    rd_node due = rd_node_find(row, "due");
    rd_day day;
    if (page->is_zh && rd_node_type(due) == RD_NODE_TIME &&
            rd_day_parse(text_of(page->digest, "to"), &day) == 0) {
        const struct rd_calendar *calendar = calendar_of(page, row);
        title_put_moment(page->buf, TITLE_ZH, calendar, rd_node_time(due),
                rd_calendar_instant(calendar, day, 0));
    } else {
        put_text(page, text_of(row, "last_day"));
    }
}

static void put_case(const struct page *page, rd_node row)
{
    struct rd_str title = duty_title(page, row);
    rd_buf_put_text(page->buf, RD_STR("  "));
    if (title.len > 0) {
        put_text(page, title);
        say(page, " (", "（");
    }
    put_text(page, text_of(row, "subject"));
    if (title.len > 0) {
        say(page, ")", "）");
    }
    rd_buf_put_text(page->buf, RD_STR(", "));
    put_unit(page, row);
    rd_buf_put_text(page->buf, RD_STR(", "));
    put_text(page, text_of(row, "clock_name"));
    say(page, ": until ", "：应于");
    put_until(page, row);
    say(page, ", ", "前完成，已逾期");
    put_number(page, number_of(row, "days"));
    say(page, " d over\n", "天\n");
}

static void put_report(const struct page *page, rd_node row)
{
    static const struct line NUMBERS[] = {
            {"opened", "opened", "新增"}, {"closed", "closed", "办结"}, {"open", "open", "在办"}};
    rd_node reported = rd_node_find(row, "reported"), counted = rd_node_find(row, "counted");
    rd_buf_put_text(page->buf, RD_STR("  "));
    put_unit(page, row);
    rd_buf_printf(page->buf, ", %.*s", RD_FMT(text_of(row, "date")));
    for (size_t i = 0; reported != NULL && i < RD_COUNT(NUMBERS); i++) {
        say(page, ", ", "，");
        say(page, NUMBERS[i].en, NUMBERS[i].zh);
        say(page, " ", "");
        put_number(page, number_of(reported, NUMBERS[i].key));
        say(page, " (by the events ", "（系统");
        put_number(page, number_of(counted, NUMBERS[i].key));
        say(page, ")", "）");
    }
    rd_buf_put_u8(page->buf, '\n');
}

static void put_lists(const struct page *page)
{
    rd_node worst = begin_list(
            page, "worst", "overdue", in(page, "Overdue, the longest first", "逾期，最久在前"));
    for (uint32_t i = 0; i < rd_node_count(worst); i++) {
        put_case(page, rd_node_at(worst, i));
    }
    rd_node missing = begin_list(page, "missing", "reports_missing",
            in(page, "Daily reports that are missing", "缺报的日报"));
    for (uint32_t i = 0; i < rd_node_count(missing); i++) {
        put_report(page, rd_node_at(missing, i));
    }
    rd_node differ = begin_list(page, "differ", "reports_differ",
            in(page, "Daily reports that differ from the events", "与系统不符的日报"));
    for (uint32_t i = 0; i < rd_node_count(differ); i++) {
        put_report(page, rd_node_at(differ, i));
    }
}

void digest_page(struct rd_buf *buf, rd_node digest, const struct rd_plan *plan, bool is_zh)
{
    struct page page = {.buf = buf, .digest = digest, .plan = plan, .is_zh = is_zh};
    put_head(&page);
    put_numbers(&page);
    put_lists(&page);
}
