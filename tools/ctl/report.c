#include "tools/ctl/report.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "tools/ctl/ctl.h"
#include "tools/shared/grid.h"
#include "tools/shared/say.h"

/* report, figures: what the desk counted, for people, spreadsheets and programs. */

enum { PARAMS_BYTES_MAX = 64 * 1024, CELL_BYTES_MAX = 1024 * 1024, MONTHS_MAX = 1200 };

/* Shown of each group where no figure is asked for. */
static const char DEFAULT_FIGURES[] =
        "complaints,complaints_valid,decided_in_time,mediated,accommodations,preempted_net,"
        "sanctioned,reports_in,appraisal";

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

static void print_view(struct view *view)
{
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

static void print_cases(struct view *view)
{
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

static void put_params(const struct ctl *ctl, struct rd_buf *params)
{
    static const char *const TEXTS[] = {"from", "to", "unit", "by", "cases", "group"};
    size_t mark = rd_pack_map_begin(params);
    uint32_t pairs = 1;
    const char *figures = ctl_option(ctl, "figure");
    rd_pack_cstr(params, "lang");
    rd_pack_cstr(params, lang_of(ctl));
    for (size_t i = 0; i < RD_COUNT(TEXTS); i++) {
        const char *text = ctl_option(ctl, TEXTS[i]);
        if (text != NULL) {
            rd_pack_cstr(params, TEXTS[i]);
            rd_pack_cstr(params, text);
            pairs++;
        }
    }
    static const char *const NUMBERS[] = {"limit", "after", "min-seq"};
    static const char *const WIRE[] = {"limit", "after", "min_seq"};
    for (size_t i = 0; i < RD_COUNT(NUMBERS); i++) {
        const struct ctl_option *given = ctl_given(ctl, NUMBERS[i]);
        if (given != NULL) {
            rd_pack_cstr(params, WIRE[i]);
            rd_pack_uint(params, given->value.number);
            pairs++;
        }
    }
    if (figures == NULL && ctl_option(ctl, "by") != NULL && !ctl->is_json) {
        figures = DEFAULT_FIGURES;
    }
    pairs += figures != NULL ? put_list(params, "figure", figures) : 0;
    rd_pack_map_end(params, mark, pairs);
}

static enum exit_status ask(struct ctl *ctl, const char *method, struct ctl_answer *answer)
{
    struct rd_buf params;
    rd_buf_init(&params, PARAMS_BYTES_MAX);
    put_params(ctl, &params);
    enum exit_status status = ctl_ask(ctl, method, &params, answer);
    rd_buf_done(&params);
    return status;
}

static struct view view_of(struct ctl *ctl, rd_node result)
{
    return (struct view){.ctl = ctl, .result = result, .is_zh = strcmp(lang_of(ctl), "zh-CN") == 0};
}

static enum exit_status report(struct ctl *ctl)
{
    RD_CLEANUP(ctl_answer_done)
    struct ctl_answer answer = {0};
    enum exit_status status = ask(ctl, "report", &answer);
    if (status != STATUS_OK) {
        return status;
    }
    struct view view = view_of(ctl, answer.got.result);
    if (ctl->is_json) {
        ctl_print(ctl, answer.got.result);
    } else if (ctl_option(ctl, "cases") != NULL) {
        print_cases(&view);
    } else {
        print_view(&view);
    }
    return STATUS_OK;
}

/* ---- figures ---- */

static void print_definitions(const struct view *view)
{
    rd_node rows = rd_node_find(view->result, "rows");
    for (uint32_t i = 0; i < rd_node_count(rows); i++) {
        rd_node row = rd_node_at(rows, i);
        struct rd_str formula = rd_node_str(rd_node_find(row, "formula"));
        int64_t direction = rd_node_int(rd_node_find(row, "direction"));
        (void)printf("%s%.*s  %.*s\n", i > 0 ? "\n" : "",
                RD_FMT(rd_node_str(rd_node_find(row, "figure"))),
                RD_FMT(rd_node_str(rd_node_find(row, "name"))));
        (void)printf("    %.*s\n", RD_FMT(rd_node_str(rd_node_find(row, "means"))));
        if (formula.len > 0) {
            (void)printf("    = %.*s\n", RD_FMT(formula));
        }
        (void)printf("    by day: %.*s; at: %.*s; in: %.*s%s\n",
                RD_FMT(rd_node_str(rd_node_find(row, "date"))),
                RD_FMT(rd_node_str(rd_node_find(row, "of"))),
                RD_FMT(rd_node_str(rd_node_find(row, "measure"))),
                direction > 0   ? "; more is better"
                : direction < 0 ? "; less is better"
                                : "");
    }
}

static enum exit_status figures(struct ctl *ctl)
{
    RD_CLEANUP(ctl_answer_done)
    struct ctl_answer answer = {0};
    enum exit_status status = ask(ctl, "figures", &answer);
    if (status == STATUS_OK) {
        struct view view = view_of(ctl, answer.got.result);
        if (ctl->is_json) {
            ctl_print(ctl, answer.got.result);
        } else {
            print_definitions(&view);
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
        TEXT("cases", "CODE", "the cases that count for this figure"),
        TEXT("group", "VALUE", "of them those of this value of --by"),
        {.name = "lang", .value = "en|zh-CN", .kind = OPT_CHOICE, .help = "in this language (en)"},
        SWITCH("all", "figures without anything, too"),
        SWITCH("csv", "as CSV"),
        SWITCH("bom", "with --csv: a byte order mark first, as some spreadsheets want"),
        NUMBER("limit", "so many rows (100)"),
        NUMBER("after", "the rows after this one: more: tells it"),
        NUMBER("min-seq", "not older than this event"),
};

static const struct ctl_verb VERBS[] = {
        {"report", "", "from to unit by figure cases group lang all csv bom limit after min-seq",
                "the figures of a span, beside the one before and the year before", 0, 0, report,
                NULL},
        {"figures", "", "figure lang min-seq limit after", "what each figure counts", 0, 0, figures,
                NULL},
};

const struct ctl_group ctl_group_report = {.title = "Figures",
        .verbs = VERBS,
        .verb_count = RD_COUNT(VERBS),
        .rules = RULES,
        .rule_count = RD_COUNT(RULES)};
