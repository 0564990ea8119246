#include "tools/ctl/report.h"

#include <stdio.h>
#include <string.h>

#include "tools/ctl/ctl.h"
#include "tools/ctl/report_page.h"
#include "tools/shared/file.h"
#include "tools/shared/say.h"
#include "tools/shared/table.h"

/* report, figures: what the desk counted, for people, spreadsheets and programs. */

/* So often the same is asked again: the desk takes some seconds each time to say that it is not
 * done. */
enum { PARAMS_BYTES_MAX = 64 * 1024, ASKS_MAX = 1000, ASKS_CHECKPOINT = 24 };

/* Shown of each group where no figure is asked for. */
static const char DEFAULT_FIGURES[] =
        "complaints,complaints_valid,decided_in_time,mediated,accommodations,preempted_net,"
        "sanctioned,reports_in,appraisal";

static const char CHART_FIGURES[] = "complaints,decided,mediated,preempted_net";

/* ---- asking ---- */

static uint32_t put_list(struct rd_buf *params, const char *key, const char *list)
{
    uint32_t count = 0;
    rd_pack_cstr(params, key);
    size_t mark = rd_pack_array_begin(params);
    for (const char *at = list; *at != '\0';) {
        size_t len = strcspn(at, ",");
        rd_pack_str(params, (struct rd_str){at, len});
        count++;
        at += len + (at[len] == ',' ? 1 : 0);
    }
    rd_pack_array_end(params, mark, count);
    return 1;
}

static const char *lang_of(const struct ctl *ctl)
{
    const struct ctl_option *lang = ctl_given(ctl, "lang");
    return lang != NULL ? lang->text : "en";
}

static bool is_zh(const struct ctl *ctl)
{
    return strcmp(lang_of(ctl), "zh-CN") == 0;
}

struct asking {
    const char *by; /* instead of --by, none where it is empty; NULL: what was given */
    uint64_t after; /* instead of --after; 0: what was given */
};

static uint32_t put_numbers(
        const struct ctl *ctl, struct rd_buf *params, const struct asking *asking)
{
    static const char *const NUMBERS[] = {"limit", "after", "min-seq"};
    static const char *const WIRE[] = {"limit", "after", "min_seq"};
    uint32_t pairs = 0;
    for (size_t i = 0; i < RD_COUNT(NUMBERS); i++) {
        const struct ctl_option *given = ctl_given(ctl, NUMBERS[i]);
        bool is_next = i == 1 && asking->after != 0;
        if (given != NULL || is_next) {
            rd_pack_cstr(params, WIRE[i]);
            rd_pack_uint(params, is_next ? asking->after : given->value.number);
            pairs++;
        }
    }
    return pairs;
}

static void put_params(const struct ctl *ctl, struct rd_buf *params, const struct asking *asking)
{
    const char *by = asking->by;
    static const char *const TEXTS[] = {"from", "to", "unit", "by", "cases", "group"};
    size_t mark = rd_pack_map_begin(params);
    uint32_t pairs = 1;
    const char *figures = ctl_option(ctl, "figure");
    rd_pack_cstr(params, "lang");
    rd_pack_cstr(params, lang_of(ctl));
    for (size_t i = 0; i < RD_COUNT(TEXTS); i++) {
        bool is_by = strcmp(TEXTS[i], "by") == 0;
        const char *text = is_by && by != NULL ? by : ctl_option(ctl, TEXTS[i]);
        if (text != NULL && !(is_by && text[0] == '\0')) {
            rd_pack_cstr(params, TEXTS[i]);
            rd_pack_cstr(params, text);
            pairs++;
        }
    }
    pairs += put_numbers(ctl, params, asking);
    const struct ctl_option *as_of = ctl_given(ctl, "as-of");
    if (as_of != NULL) {
        rd_pack_cstr(params, "as_of");
        rd_pack_time(params, as_of->value.time);
        pairs++;
    }
    bool is_grouped = by != NULL ? by[0] != '\0' : ctl_option(ctl, "by") != NULL;
    if (figures == NULL && is_grouped && !ctl->is_json) {
        figures = by != NULL && strcmp(by, "month") == 0 ? CHART_FIGURES : DEFAULT_FIGURES;
    }
    pairs += figures != NULL ? put_list(params, "figure", figures) : 0;
    rd_pack_map_end(params, mark, pairs);
}

/* An earlier state has to be made, and figures that know an event wait for a checkpoint: either may
 * take longer than the desk makes anybody wait. An event that is yet to come is not waited for. */
static enum exit_status ask_until_made(struct ctl *ctl, const char *method,
        const struct rd_buf *params, struct ctl_answer *answer, int asks_max)
{
    char why[END_WHY_MAX];
    for (int asks = 0; asks < asks_max; asks++) {
        if (ctl_try(ctl, method, params, answer, why) != STATUS_REFUSED ||
                !rd_str_is(answer->got.error_code, "not_yet")) {
            break;
        }
    }
    return ctl_ask(ctl, method, params, answer); /* that is made now; or says what is wrong */
}

static enum exit_status ask(
        struct ctl *ctl, const char *method, struct asking asking, struct ctl_answer *answer)
{
    struct rd_buf params;
    rd_buf_init(&params, PARAMS_BYTES_MAX);
    put_params(ctl, &params, &asking);
    bool is_past = ctl_option(ctl, "as-of") != NULL || strcmp(method, "restated") == 0;
    int asks = is_past ? ASKS_MAX : ctl_option(ctl, "min-seq") != NULL ? ASKS_CHECKPOINT : 0;
    enum exit_status status = ask_until_made(ctl, method, &params, answer, asks);
    rd_buf_done(&params);
    return status;
}

static enum exit_status write_page(const struct report_page *page, const char *path)
{
    FILE *file = file_to_write(path);
    if (file == NULL) {
        return STATUS_USAGE;
    }
    report_page_print(file, page);
    return file_written(file, path) ? STATUS_OK : STATUS_USAGE;
}

/* Three questions: of all, by month, by unit. */
static enum exit_status html(struct ctl *ctl)
{
    RD_CLEANUP(ctl_answer_done)
    struct ctl_answer whole = {0};
    RD_CLEANUP(ctl_answer_done)
    struct ctl_answer months = {0};
    RD_CLEANUP(ctl_answer_done)
    struct ctl_answer units = {0};
    enum exit_status status = ask(ctl, "report", (struct asking){.by = ""}, &whole);
    status = status == STATUS_OK ? ask(ctl, "report", (struct asking){.by = "month"}, &months)
                                 : status;
    status = status == STATUS_OK ? ask(ctl, "report", (struct asking){.by = "unit"}, &units)
                                 : status;
    const struct report_page page = {.whole = whole.got.result,
            .months = months.got.result,
            .units = units.got.result,
            .is_zh = is_zh(ctl)};
    return status == STATUS_OK ? write_page(&page, ctl_option(ctl, "html")) : status;
}

/* A file that ended at a page would be short without a word in it: of CSV all pages, unless a
 * limit is asked for. */
static enum exit_status cases_as_csv(struct ctl *ctl)
{
    uint64_t next = 0;
    enum exit_status status;
    do {
        RD_CLEANUP(ctl_answer_done)
        struct ctl_answer answer = {0};
        bool is_first = next == 0;
        status = ask(ctl, "report", (struct asking){.after = next}, &answer);
        next = status == STATUS_OK ? rd_node_uint(rd_node_find(answer.got.result, "next")) : 0;
        if (status == STATUS_OK) {
            report_print_cases_csv(ctl, answer.got.result, is_first, is_zh(ctl));
        }
    } while (next != 0 && ctl_given(ctl, "limit") == NULL);
    if (next != 0) {
        ctl_say_more(ctl, next);
    }
    return status;
}

/* One form at a time: what is told in another one than asked for is lost in a pipe. */
static bool has_one_form(const struct ctl *ctl)
{
    bool is_csv = ctl_option(ctl, "csv") != NULL;
    if (is_csv && ctl->is_json) {
        say_error("--csv and --json: one of them");
        return false;
    }
    if (!is_csv && ctl_option(ctl, "bom") != NULL) {
        say_error("--bom is of --csv");
        return false;
    }
    return true;
}

static enum exit_status report(struct ctl *ctl)
{
    bool is_of_cases = ctl_option(ctl, "cases") != NULL;
    if (!has_one_form(ctl)) {
        return STATUS_USAGE;
    }
    if (ctl_option(ctl, "html") != NULL) {
        if (is_of_cases || ctl_option(ctl, "by") != NULL) {
            say_error("--html has the months and the units as they are: without --by and --cases");
            return STATUS_USAGE;
        }
        return html(ctl);
    }
    if (is_of_cases && !ctl->is_json && ctl_option(ctl, "csv") != NULL) {
        return cases_as_csv(ctl);
    }
    RD_CLEANUP(ctl_answer_done)
    struct ctl_answer answer = {0};
    enum exit_status status = ask(ctl, "report", (struct asking){0}, &answer);
    if (status != STATUS_OK) {
        return status;
    }
    if (ctl->is_json) {
        ctl_print(ctl, answer.got.result);
    } else if (is_of_cases) {
        report_print_cases(ctl, answer.got.result, is_zh(ctl));
    } else {
        report_print(ctl, answer.got.result, is_zh(ctl));
    }
    return STATUS_OK;
}

static enum exit_status restated(struct ctl *ctl)
{
    RD_CLEANUP(ctl_answer_done)
    struct ctl_answer answer = {0};
    if (!has_one_form(ctl)) {
        return STATUS_USAGE;
    }
    enum exit_status status = ask(ctl, "restated", (struct asking){0}, &answer);
    if (status == STATUS_OK && ctl->is_json) {
        ctl_print(ctl, answer.got.result);
    } else if (status == STATUS_OK) {
        restated_print(ctl, answer.got.result, is_zh(ctl));
    }
    return status;
}

/* ---- figures ---- */

/* Broken into lines where a terminal is narrower. */
static void print_within(const char *lead, struct rd_str text)
{
    (void)fputs(lead, stdout);
    print_wrapped(stdout, style_of(stdout), text, strlen(lead));
}

/* Codes of the answer as people call them. */
static struct rd_str in_words(struct rd_str code, bool is_zh)
{
    static const char *const WORDS[][3] = {
            {"respondent", "the unit complained of", "被诉机构"},
            {"unit", "the unit of the event", "事件所属机构"},
            {"count", "a count", "件(次)"},
            {"share", "a share", "比率"},
            {"money", "money", "金额"},
            {"seconds", "a span", "用时"},
            {"per_10k", "per 10,000", "每万"},
            {"points", "points", "分"},
    };
    for (size_t i = 0; i < RD_COUNT(WORDS); i++) {
        if (rd_str_is(code, WORDS[i][0])) {
            return rd_str_of(WORDS[i][is_zh ? 2 : 1]);
        }
    }
    return code;
}

static const char *in_direction(int64_t direction, bool is_zh)
{
    return direction > 0   ? is_zh ? ";越多越好" : "; more is better"
           : direction < 0 ? is_zh ? ";越少越好" : "; less is better"
                           : "";
}

static void print_definitions(rd_node result, bool is_zh)
{
    enum { LINE_BYTES_MAX = 4096 };
    rd_node rows = rd_node_find(result, "rows");
    struct rd_buf line;
    rd_buf_init(&line, LINE_BYTES_MAX);
    for (uint32_t i = 0; i < rd_node_count(rows); i++) {
        rd_node row = rd_node_at(rows, i);
        struct rd_str formula = rd_node_str(rd_node_find(row, "formula"));
        (void)printf("%s%.*s  %.*s\n", i > 0 ? "\n" : "",
                RD_FMT(rd_node_str(rd_node_find(row, "figure"))),
                RD_FMT(rd_node_str(rd_node_find(row, "name"))));
        print_within("    ", rd_node_str(rd_node_find(row, "means")));
        if (formula.len > 0) {
            print_within("    = ", formula);
        }
        rd_buf_reset(&line);
        rd_buf_printf(&line,
                is_zh ? "按:%.*s;计在:%.*s;单位:%.*s%s" : "by day: %.*s; at: %.*s; in: %.*s%s",
                RD_FMT(rd_node_str(rd_node_find(row, "date"))),
                RD_FMT(in_words(rd_node_str(rd_node_find(row, "of")), is_zh)),
                RD_FMT(in_words(rd_node_str(rd_node_find(row, "measure")), is_zh)),
                in_direction(rd_node_int(rd_node_find(row, "direction")), is_zh));
        print_within("    ", rd_buf_str(&line));
    }
    rd_buf_done(&line);
}

static enum exit_status figures(struct ctl *ctl)
{
    RD_CLEANUP(ctl_answer_done)
    struct ctl_answer answer = {0};
    enum exit_status status = ask(ctl, "figures", (struct asking){0}, &answer);
    if (status == STATUS_OK) {
        if (ctl->is_json) {
            ctl_print(ctl, answer.got.result);
        } else {
            print_definitions(answer.got.result, is_zh(ctl));
        }
    }
    return status;
}

/* ---- the table ---- */

#define TEXT(name_, value_, help_)                                                                 \
    {                                                                                              \
        .name = (name_), .value = (value_), .kind = OPT_TEXT, .help = (help_)                      \
    }
#define NUMBER(name_, help_)                                                                       \
    {                                                                                              \
        .name = (name_), .value = "N", .kind = OPT_NUMBER, .help = (help_)                         \
    }
#define SWITCH(name_, help_)                                                                       \
    {                                                                                              \
        .name = (name_), .kind = OPT_SWITCH, .help = (help_)                                       \
    }

static const struct opt_rule RULES[] = {
        TEXT("from", "PERIOD", "from this day, week, month, quarter, half or year on (this year)"),
        TEXT("to", "PERIOD", "to the end of this one (that of --from)"),
        {.name = "unit",
                .value = "PATH",
                .kind = OPT_UNIT,
                .help = "of this unit and all below it (of all)"},
        {.name = "by",
                .value = "unit|respondent|product|channel|seller|issue|cause|policy|duty|clock|"
                         "month",
                .kind = OPT_CHOICE,
                .help = "a line for each of them"},
        TEXT("figure", "CODES", "only these figures, with a comma between"),
        {.name = "map",
                .value = "FILE",
                .kind = OPT_FILE,
                .help = "what the file has in which column"},
        TEXT("cases", "CODE", "the cases that count for this figure"),
        TEXT("group", "VALUE", "of them those of this value of --by"),
        {.name = "as-of",
                .value = "TIME",
                .kind = OPT_TIME_BACK,
                .help = "as it was told then (restated: when the span was over)"},
        {.name = "lang", .value = "en|zh-CN", .kind = OPT_CHOICE, .help = "in this language (en)"},
        SWITCH("all", "figures without anything, too"),
        {.name = "html",
                .value = "FILE",
                .kind = OPT_FILE,
                .help = "as one page of HTML, with the months and the units"},
        SWITCH("csv", "as CSV"),
        SWITCH("bom", "a byte order mark before the CSV, as some spreadsheets want"),
        NUMBER("limit", "so many rows (100)"),
        NUMBER("after", "the rows after this one: more: tells it"),
        NUMBER("min-seq", "not older than this event"),
};

static const struct ctl_verb VERBS[] = {
        {"report", "",
                "from to unit by figure cases group as-of lang all html csv bom limit after "
                "min-seq",
                "the figures of a span, beside the one before and the year before", 0, 0, report,
                NULL},
        {"restated", "", "from to unit figure as-of lang csv bom limit after min-seq",
                "what a closed span told then and tells now, and the cases that moved it", 0, 0,
                restated, NULL},
        {"export", "", "map from to unit bom", "a regulator's file of the cases of a span", 0, 0,
                ctl_export, NULL},
        {"figures", "", "figure lang min-seq limit after", "what each figure counts", 0, 0, figures,
                NULL},
};

const struct ctl_group ctl_group_report = {.title = "Figures",
        .verbs = VERBS,
        .verb_count = RD_COUNT(VERBS),
        .rules = RULES,
        .rule_count = RD_COUNT(RULES)};
