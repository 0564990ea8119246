#include <inttypes.h>
#include <string.h>

#include "common/time/limit.h"
#include "tools/ctl/print.h"
#include "tools/ctl/timeline.h"
#include "tools/shared/file.h"
#include "tools/shared/say.h"
#include "tools/shared/table.h"

/* The desk's answer to `explain`, for people. */

enum { LABEL_WIDTH = 12, STEP_INDENT = 4, DAY_INDENT = 17, WORDS_BYTES_MAX = 64 * 1024 };

struct page {
    FILE *out;
    struct style style;
    rd_node clock;
    int32_t offset_s;
};

/* Of two words, or formats, that in the page's language. */
#define IN(page, en, zh) ((page)->style.is_zh ? zh : en)

static struct rd_str text_of(const struct page *page, const char *key)
{
    return rd_node_str(rd_node_find(page->clock, key));
}

static void time_text(const struct page *page, rd_time time, char ret_text[static RD_TIME_TEXT_MAX])
{
    rd_time second = time - ((time % RD_SECOND_US) + RD_SECOND_US) % RD_SECOND_US;
    rd_time_format_at(second, page->offset_s, ret_text);
}

/* "label   value", the value broken into lines that fit. */
static void print_line(const struct page *page, const char *label, const struct rd_buf *value)
{
    enum { INDENT = 2 };
    size_t width = width_of(rd_str_of(label));
    int pad = width < LABEL_WIDTH ? (int)(LABEL_WIDTH - width) : 0;
    (void)fprintf(page->out, "%*s%s%*s", INDENT, "", label, pad, "");
    print_wrapped(page->out, page->style, rd_buf_str(value), INDENT + LABEL_WIDTH);
}

/* A text of the answer, where the page is Chinese as word_put() tells it. */
static void put_word(struct rd_buf *buf, const struct page *page, const char *key)
{
    const struct word_place place = {.map = page->clock, .key = rd_str_of(key)};
    if (page->style.is_zh) {
        word_put(buf, &place, text_of(page, key));
    } else {
        put_text(buf, text_of(page, key));
    }
}

/* A time or a text that is there. */
static void line(const struct page *page, const char *label, const char *key)
{
    rd_node node = rd_node_find(page->clock, key);
    char text[RD_TIME_TEXT_MAX];
    struct rd_buf value;
    rd_buf_init(&value, WORDS_BYTES_MAX);
    if (rd_node_type(node) == RD_NODE_TIME) {
        time_text(page, rd_node_time(node), text);
        rd_buf_printf(&value, "%s", text);
        print_line(page, label, &value);
    } else if (rd_node_type(node) == RD_NODE_STR) {
        put_word(&value, page, key);
        print_line(page, label, &value);
    }
    rd_buf_done(&value);
}

/* "15d", "15日" */
static void put_limit(struct rd_buf *value, const struct page *page, struct rd_str text)
{
    struct rd_limit limit;
    char words[RD_LIMIT_TEXT_MAX];
    if (rd_limit_parse(text, &limit) == 0) {
        rd_limit_words(limit, page->style.is_zh, words);
        rd_buf_printf(value, "%s", words);
    } else {
        put_text(value, text);
    }
}

static void print_limit(const struct page *page)
{
    static const char *const PARTS[] = {"time", "roll", "end"};
    struct rd_str limit = text_of(page, "limit");
    struct rd_buf value;
    if (limit.len == 0) {
        return;
    }
    rd_buf_init(&value, WORDS_BYTES_MAX);
    put_limit(&value, page, limit);
    for (size_t i = 0; i < RD_COUNT(PARTS); i++) {
        if (text_of(page, PARTS[i]).len > 0) {
            rd_buf_printf(&value, "%s%s%s", IN(page, ", ", "，"), IN(page, PARTS[i], ""),
                    IN(page, " ", ""));
            put_word(&value, page, PARTS[i]);
        }
    }
    uint64_t extensions = rd_node_uint(rd_node_find(page->clock, "extensions"));
    if (extensions > 0) {
        rd_buf_printf(
                &value, IN(page, ", extension %" PRIu64, "，第%" PRIu64 "次延期"), extensions);
    }
    rd_buf_printf(&value, IN(page, ", calendar %.*s version %.*s", "，日历 %.*s，版本 %.*s"),
            RD_FMT(text_of(page, "calendar")), RD_FMT(text_of(page, "version")));
    print_line(page, IN(page, "limit", "期限"), &value);
    rd_buf_done(&value);
}

static void print_due(const struct page *page)
{
    rd_node due = rd_node_find(page->clock, "due");
    char text[RD_TIME_TEXT_MAX];
    struct rd_buf value;
    rd_buf_init(&value, WORDS_BYTES_MAX);
    bool is_due = rd_node_type(due) == RD_NODE_TIME;
    if (is_due) {
        time_text(page, rd_node_time(due), text);
    }
    rd_buf_printf(&value, "%s", is_due ? text : IN(page, "none now", "暂无"));
    struct rd_str last = text_of(page, "last_day"), raw = text_of(page, "raw_day");
    if (last.len > 0) {
        rd_buf_printf(&value, IN(page, ", last day %.*s", "，最后一日 %.*s"), RD_FMT(last));
    }
    if (last.len > 0 && !rd_str_eq(last, raw)) {
        rd_buf_printf(&value, IN(page, ", moved from %.*s", "，自 %.*s 顺延"), RD_FMT(raw));
    }
    if (rd_node_bool(rd_node_find(page->clock, "provisional"))) {
        rd_buf_printf(&value, "%s", IN(page, ", provisional", "，暂定（尚无节假日数据）"));
    }
    print_line(page, IN(page, "due", "到期"), &value);
    rd_buf_done(&value);
}

/* A text from outside, broken into lines that fit. */
static void print_words(const struct page *page, struct rd_str text, size_t indent)
{
    struct rd_buf safe;
    rd_buf_init(&safe, WORDS_BYTES_MAX);
    put_text(&safe, text);
    print_wrapped(page->out, page->style, rd_buf_str(&safe), indent);
    rd_buf_done(&safe);
}

static void print_rows(const struct page *page)
{
    rd_node steps = rd_node_find(page->clock, "steps"), days = rd_node_find(page->clock, "days");
    for (uint32_t i = 0; i < rd_node_count(steps); i++) {
        char text[RD_TIME_TEXT_MAX];
        time_text(page, rd_node_time(rd_node_find(rd_node_at(steps, i), "time")), text);
        (void)fprintf(page->out, "  %s  ", text);
        print_words(page, rd_node_str(rd_node_find(rd_node_at(steps, i), "what")),
                STEP_INDENT + strlen(text));
    }
    for (uint32_t i = 0; i < rd_node_count(days); i++) {
        rd_node day = rd_node_at(days, i);
        bool is_counted = rd_node_bool(rd_node_find(day, "counted"));
        (void)fprintf(page->out, "%s    %.*s %s ", i == 0 ? "\n" : "",
                RD_FMT(rd_node_str(rd_node_find(day, "date"))), is_counted ? "+" : " ");
        print_words(page, rd_node_str(rd_node_find(day, "why")), DAY_INDENT);
    }
}

static void print_clock(struct page *page, rd_node clock)
{
    struct rd_buf head;
    page->clock = clock;
    page->offset_s = (int32_t)rd_node_int(rd_node_find(clock, "offset"));
    rd_buf_init(&head, WORDS_BYTES_MAX);
    put_text(&head, text_of(page, IN(page, "clock", "clock_name")));
    rd_buf_printf(&head, "%s", IN(page, ": ", "："));
    put_word(&head, page, "class");
    rd_buf_printf(&head, "%s", IN(page, ", ", "，"));
    put_word(&head, page, "state");
    (void)fputc('\n', page->out);
    print_wrapped(page->out, page->style, rd_buf_str(&head), 0);
    rd_buf_done(&head);
    line(page, IN(page, "source", "依据"), "source");
    line(page, IN(page, "starts on", "起算条件"), "starts_on");
    line(page, IN(page, "start", "起算时间"), "start");
    print_limit(page);
    line(page, IN(page, "due by", "期限来自"), "due_by");
    print_due(page);
    line(page, IN(page, "if resumed", "现在恢复则"), "due_if_resumed");
    print_rows(page);
}

void print_explained(FILE *out, rd_node result, const char *lang)
{
    struct page page = {.out = out, .style = style_in(out, lang)};
    struct rd_buf head;
    rd_node clocks = rd_node_find(result, "clocks");
    rd_buf_init(&head, WORDS_BYTES_MAX);
    rd_buf_printf(&head, IN(&page, "case %" PRIu64 " ", "案件 %" PRIu64 " "),
            rd_node_uint(rd_node_find(result, "case")));
    put_text(&head, rd_node_str(rd_node_find(result, "subject")));
    rd_buf_printf(&head, "%s", IN(&page, ", policy ", "，适用规则 "));
    put_text(&head, rd_node_str(rd_node_find(result, IN(&page, "policy", "policy_name"))));
    print_wrapped(out, page.style, rd_buf_str(&head), 0);
    rd_buf_done(&head);
    for (uint32_t i = 0; i < rd_node_count(clocks); i++) {
        print_clock(&page, rd_node_at(clocks, i));
    }
}

/* ---- as a picture ---- */

/* `lang`: of the desk's texts; NULL: the method takes none. */
static enum exit_status ask(
        struct ctl *ctl, const char *method, const char *lang, struct ctl_answer *answer)
{
    enum { PARAMS_BYTES_MAX = 4096 };
    uint64_t number;
    struct rd_buf params;
    const char *word = ctl->words[0];
    bool is_number = ctl_is_number(word, &number);
    rd_buf_init(&params, PARAMS_BYTES_MAX);
    rd_pack_map(&params, lang != NULL ? 2 : 1);
    if (lang != NULL) {
        rd_pack_cstr(&params, "lang");
        rd_pack_cstr(&params, lang);
    }
    rd_pack_cstr(&params, is_number ? "case" : "subject");
    if (is_number) {
        rd_pack_uint(&params, number);
    } else {
        rd_pack_cstr(&params, strncmp(word, "subject:", 8) == 0 ? word + 8 : word);
    }
    enum exit_status status = ctl_ask(ctl, method, &params, answer);
    rd_buf_done(&params);
    return status;
}

enum exit_status ctl_timeline(struct ctl *ctl)
{
    RD_CLEANUP(ctl_answer_done)
    struct ctl_answer whole = {0};
    RD_CLEANUP(ctl_answer_done)
    struct ctl_answer explained = {0};
    const char *path = ctl_option(ctl, "svg"), *lang = ctl_option(ctl, "lang");
    if (ctl_option(ctl, "clock") != NULL || ctl_option(ctl, "as-of") != NULL) {
        say_error("--svg draws the whole case as it is now: neither --clock nor --as-of goes with "
                  "it");
        return STATUS_USAGE;
    }
    enum exit_status status = ask(ctl, "case.get", NULL, &whole);
    status = status == STATUS_OK ? ask(ctl, "explain", lang, &explained) : status;
    if (status != STATUS_OK) {
        return status;
    }
    FILE *file = file_to_write(path);
    if (file == NULL) {
        return STATUS_USAGE;
    }
    const struct timeline timeline = {.whole = whole.got.result,
            .explained = explained.got.result,
            .is_zh = lang != NULL && strcmp(lang, "zh-CN") == 0};
    timeline_print(file, &timeline);
    return file_written(file, path) ? STATUS_OK : STATUS_USAGE;
}
