#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "tools/ctl/print.h"
#include "tools/ctl/question.h"
#include "tools/ctl/timeline.h"
#include "tools/shared/json.h"
#include "tools/shared/say.h"
#include "tools/shared/table.h"
#include "tools/shared/when.h"

/* Questions: nothing here changes anything. */

enum { PARAMS_BYTES_MAX = 1024 * 1024, REASONS_SHOWN_MAX = 16 };

/* ---- answers ---- */

static void print_rows_of(struct ctl *ctl, rd_node result, const char *columns)
{
    rd_node rows = rd_node_find(result, "rows");
    bool is_raw = ctl_option(ctl, "raw") != NULL;
    const char *counted = ctl_option(ctl, "count-by");
    char counts[64];
    if (counted != NULL) {
        (void)snprintf(counts, sizeof counts, "%s cases overdue", counted);
        columns = counts;
    }
    print_table(stdout, style_in(stdout, ctl_option(ctl, "lang")), rows,
            is_raw ? "record ?seq kind ?flags ?engine wall ?steady ?sender ?erased body" : columns);
    uint64_t next = rd_node_uint(rd_node_find(result, "next"));
    uint64_t head = rd_node_uint(rd_node_find(result, "head"));
    uint64_t newest = rd_node_uint(rd_node_find(rd_node_find(result, "as_of"), "alert"));
    if (next != 0) {
        ctl_say_more(ctl, next);
    } else if (head != 0 && head < newest) { /* alerts go on behind what this page is whole up to */
        ctl_say_more(ctl, head);
    } else if (head != 0) {
        bool is_zh = style_in(stderr, ctl_option(ctl, "lang")).is_zh;
        (void)fprintf(stderr,
                is_zh ? "第%" PRIu64 "号及以前完整\n" : "complete up to %" PRIu64 "\n", head);
    }
}

static void print_answer(struct ctl *ctl, rd_node result)
{
    const struct question *question = ctl->verb->more;
    if (ctl->is_json || (question->columns == NULL && question->print == NULL)) {
        ctl_print(ctl, result);
    } else if (question->columns != NULL) {
        print_rows_of(ctl, result, question->columns);
    } else if (ctl_option(ctl, "raw") != NULL) {
        print_rows_of(ctl, result, NULL);
    } else {
        question->print(stdout, result, ctl_option(ctl, "lang"));
        uint64_t next = rd_node_uint(rd_node_find(result, "next"));
        if (next != 0) {
            ctl_say_more(ctl, next);
        }
    }
}

static uint32_t preset_mine(const struct ctl *ctl, struct rd_buf *params);
static uint32_t preset_today(const struct ctl *ctl, struct rd_buf *params);

static bool is_among(const struct rd_str *seen, size_t count, struct rd_str text)
{
    for (size_t i = 0; i < count; i++) {
        if (rd_str_eq(seen[i], text)) {
            return true;
        }
    }
    return false;
}

/* Each reason of these cases once. */
static void say_reasons(const char *asked, rd_node rows)
{
    struct rd_str seen[REASONS_SHOWN_MAX];
    struct rd_nearest nearest = rd_nearest_of(rd_str_of(asked));
    struct rd_buf text;
    char room[OPT_HINT_MAX];
    size_t count = 0;
    rd_buf_init(&text, PARAMS_BYTES_MAX);
    for (uint32_t i = 0; i < rd_node_count(rows); i++) {
        rd_node reasons = rd_node_find(rd_node_at(rows, i), "paused_for");
        for (uint32_t k = 0; k < rd_node_count(reasons) && count < REASONS_SHOWN_MAX; k++) {
            struct rd_str reason = rd_node_str(rd_node_at(reasons, k));
            if (!is_among(seen, count, reason)) {
                rd_buf_printf(&text, "%s%.*s", count > 0 ? ", " : "", RD_FMT(reason));
                rd_nearest_try(&nearest, reason);
                seen[count++] = reason;
            }
        }
    }
    struct rd_str all = rd_buf_str(&text);
    if (count > 0) {
        say_error("no such case is paused for %s%s; there are pauses for: %.*s", asked,
                opt_hint(&nearest, room), RD_FMT(all));
    }
    rd_buf_done(&text);
}

/* Reasons are what people write: one that no case is paused for may be a slip. */
static void hint_reasons(struct ctl *ctl, rd_node result)
{
    const char *asked = ctl_option(ctl, "paused");
    if (asked == NULL || strcmp(asked, "any") == 0 ||
            rd_node_count(rd_node_find(result, "rows")) > 0 ||
            rd_node_uint(rd_node_find(result, "next")) != 0) {
        return;
    }
    RD_CLEANUP(ctl_answer_done)
    struct ctl_answer answer = {0};
    struct rd_buf params;
    rd_buf_init(&params, PARAMS_BYTES_MAX);
    rd_pack_map(&params, 1);
    rd_pack_cstr(&params, "paused");
    rd_pack_bool(&params, true);
    if (ctl_ask(ctl, "case.list", &params, &answer) == STATUS_OK) {
        say_reasons(asked, rd_node_find(answer.got.result, "rows"));
    }
    rd_buf_done(&params);
}

/* Today is the daemon's under time from events, as it is in `top`. */
static enum exit_status ask_now(struct ctl *ctl)
{
    RD_CLEANUP(ctl_answer_done)
    struct ctl_answer answer = {0};
    struct rd_buf none;
    rd_buf_init(&none, PARAMS_BYTES_MAX);
    rd_pack_map(&none, 0);
    enum exit_status status = ctl_ask(ctl, "status", &none, &answer);
    rd_buf_done(&none);
    rd_node time = rd_node_find(answer.got.result, "time");
    bool is_theirs = status == STATUS_OK && rd_node_type(time) == RD_NODE_TIME &&
                     rd_node_bool(rd_node_find(answer.got.result, "time_from_events"));
    ctl->now = is_theirs ? rd_node_time(time) : 0;
    return status;
}

static enum exit_status ask(struct ctl *ctl)
{
    const struct question *question = ctl->verb->more;
    struct rd_buf params;
    rd_buf_init(&params, PARAMS_BYTES_MAX);
    RD_CLEANUP(ctl_answer_done)
    struct ctl_answer answer = {0};
    bool is_of_handler = ctl_option(ctl, "mine") != NULL || question->preset == preset_mine;
    if (is_of_handler && ctl->by == NULL) {
        say_error("whose? give --by NAME");
        rd_buf_done(&params);
        return STATUS_USAGE;
    }
    bool is_of_day = ctl_option(ctl, "due") != NULL || question->preset == preset_today;
    enum exit_status status = is_of_day ? ask_now(ctl) : STATUS_OK;
    if (status == STATUS_OK) {
        ctl_put_params(ctl, &params, NULL, 0);
        status = ctl_ask(ctl, question->method, &params, &answer);
    }
    if (status == STATUS_OK) {
        print_answer(ctl, answer.got.result);
        hint_reasons(ctl, answer.got.result);
    }
    rd_buf_done(&params);
    return status;
}

static enum exit_status metrics(struct ctl *ctl)
{
    if (ctl_option(ctl, "prometheus") == NULL) {
        return ask(ctl);
    }
    if (ctl->is_json) {
        say_error("--prometheus and --json are two forms of it: give one");
        return STATUS_USAGE;
    }
    return ctl_prometheus(ctl);
}

/* ---- check-event ---- */

static bool read_all(const char *path, struct rd_buf *text)
{
    FILE *file = strcmp(path, "-") == 0 ? stdin : fopen(path, "rbe");
    if (file == NULL) {
        say_error("%s: %m", path);
        return false;
    }
    char block[4096];
    for (size_t got; (got = fread(block, 1, sizeof block, file)) > 0;) {
        rd_buf_put(text, block, got);
    }
    bool is_good = ferror(file) == 0 && text->error == 0;
    if (!is_good) {
        say_error(text->error != 0 ? "%s: too long for an event" : "%s: cannot be read", path);
    }
    if (file != stdin) {
        (void)fclose(file);
    }
    return is_good;
}

static bool put_event(const struct ctl *ctl, struct rd_buf *params)
{
    struct rd_buf text;
    rd_buf_init(&text, PARAMS_BYTES_MAX);
    json_t *event RD_CLEANUP(json_freep)
    = NULL;
    if (read_all(ctl->words[0], &text)) {
        event = json_read_text(ctl->words[0], rd_buf_str(&text));
    }
    rd_buf_done(&text);
    if (event == NULL) {
        return false;
    }
    const char *what;
    rd_pack_map(params, 1);
    rd_pack_cstr(params, "event");
    if (json_pack_value(params, event, &what) < 0) {
        say_error("%s: %s", ctl->words[0], what);
        return false;
    }
    return true;
}

static enum exit_status check_event(struct ctl *ctl)
{
    struct rd_buf params;
    rd_buf_init(&params, CTL_MESSAGE_MAX);
    RD_CLEANUP(ctl_answer_done)
    struct ctl_answer answer = {0};
    enum exit_status status = STATUS_USAGE;
    if (put_event(ctl, &params)) {
        status = ctl_ask(ctl, "event.check", &params, &answer);
    }
    if (status == STATUS_OK) {
        rd_node receipt = rd_node_find(answer.got.result, "receipt");
        ctl_print(ctl, receipt);
        bool is_rejected = rd_str_is(rd_node_str(rd_node_find(receipt, "status")), "rejected");
        status = is_rejected ? STATUS_REFUSED : STATUS_OK;
    }
    rd_buf_done(&params);
    return status;
}

static enum exit_status explain(struct ctl *ctl)
{
    return ctl_option(ctl, "svg") != NULL ? ctl_timeline(ctl) : ask(ctl);
}

/* ---- the table ---- */

#define NUMBER(name_, help_)                                                                       \
    {                                                                                              \
        .name = (name_), .value = "N", .kind = OPT_NUMBER, .help = (help_)                         \
    }
#define TEXT(name_, value_, help_)                                                                 \
    {                                                                                              \
        .name = (name_), .value = (value_), .kind = OPT_TEXT, .help = (help_)                      \
    }

#define SWITCH(name_, help_)                                                                       \
    {                                                                                              \
        .name = (name_), .kind = OPT_SWITCH, .help = (help_)                                       \
    }

/* today, tomorrow, friday, 2025-09-22 */
static bool take_day(const struct opt_rule *rule, const char *text, void *slot)
{
    char date[RD_DATE_TEXT_MAX], room[OPT_HINT_MAX];
    if (!when_is_day(rd_str_of(text), when_now(), WHEN_AHEAD, date)) {
        struct rd_nearest nearest = when_nearest(rd_str_of(text));
        say_error("--%s %.40s: write today, tomorrow, friday or 2025-09-22%s", rule->name, text,
                opt_hint(&nearest, room));
        return false;
    }
    *(const char **)slot = text;
    return true;
}

static const struct opt_rule RULES[] = {
        SWITCH("overdue", "with a clock that is overdue"),
        {.name = "due",
                .value = "DAY",
                .kind = OPT_TEXT,
                .take = take_day,
                .help = "with a clock whose last day it is: today, tomorrow, a date"},
        {.name = "sort",
                .value = "number|due|overdue|age",
                .kind = OPT_CHOICE,
                .help = "in this order (number)"},
        {.name = "count-by",
                .value = "unit|policy|clock",
                .kind = OPT_CHOICE,
                .help = "how many of each, instead of the cases"},
        SWITCH("mine", "whose handler you are (--by)"),
        TEXT("handler", "NAME", "of this handler"),
        {.name = "respondent",
                .value = "PATH",
                .kind = OPT_UNIT,
                .help = "against this unit and all below it"},
        TEXT("product", "NAME", "about this product"),
        TEXT("seller", "NAME", "about this seller"),
        TEXT("channel", "NAME", "that came by this channel"),
        TEXT("policy", "NAME", "under this policy"),
        TEXT("paused", "REASON|any", "with a pause for this reason, or for any"),
        SWITCH("open", "that are open"),
        SWITCH("regulator", "that a regulator knows of"),
        SWITCH("mediation", "with a mediation called or accepted"),
        SWITCH("panel", "with an open panel"),
        SWITCH("chased", "with an answer owed to who chased it"),
        {.name = "unit",
                .value = "PATH",
                .kind = OPT_UNIT,
                .help = "of this unit and all below it"},
        TEXT("state", "STATE", "in this state"),
        {.name = "level",
                .value = "none|watch|high|critical",
                .kind = OPT_CHOICE,
                .help = "whose warning has this level"},
        NUMBER("rung", "whose ladder stands on this rung"),
        TEXT("kind", "KIND", "of this kind"),
        TEXT("customer", "ID", "of this customer"),
        TEXT("code", "CODE", "with this reason"),
        TEXT("clock", "NAME", "of this clock only"),
        {.name = "as-of",
                .value = "TIME",
                .kind = OPT_TIME_BACK,
                .help = "as it stood at a time in the past"},
        {.name = "svg",
                .value = "FILE",
                .kind = OPT_FILE,
                .help = "its course as a picture into this file"},
        {.name = "lang", .value = "en|zh-CN", .kind = OPT_CHOICE, .help = "in this language (en)"},
        {.name = "due-before",
                .value = "TIME",
                .kind = OPT_TIME_AHEAD,
                .help = "with a clock that runs out before it"},
        {.name = "before", .value = "TIME", .kind = OPT_TIME_AHEAD, .help = "due before it"},
        {.name = "since", .value = "TIME", .kind = OPT_TIME_BACK, .help = "from this time on"},
        {.name = "until", .value = "TIME", .kind = OPT_TIME_BACK, .help = "up to this time"},
        TEXT("window", "CODE", "the members of this pattern, with --key"),
        TEXT("key", "VALUE", "and of this value of it"),
        NUMBER("alert", "the members of the pattern that this alert told of"),
        {.name = "raw", .kind = OPT_SWITCH, .help = "every record of the journal, its bytes too"},
        {.name = "prometheus", .kind = OPT_SWITCH, .help = "as Prometheus reads them"},
        NUMBER("limit", "so many rows (100)"),
        NUMBER("after", "the rows after this one: more: tells it"),
        NUMBER("min-seq", "not older than this event"),
};

#define MAP(method_) (&(const struct question){.method = (method_)})
#define ROWS(method_, columns_)                                                                    \
    (&(const struct question){.method = (method_), .columns = (columns_)})
#define PAGE "limit after min-seq"

#define FILTERS                                                                                    \
    "unit level rung kind customer respondent product seller channel policy clock paused "         \
    "regulator mediation panel chased since until "
#define CASES(preset_, columns_)                                                                   \
    (&(const struct question){.method = "case.list", .columns = (columns_), .preset = (preset_)})
#define LATE                                                                                       \
    "case subject unit ?unit_name ?handler state ?level clock_name ?last_day due "                 \
    "?overdue_since ?clock"

static uint32_t preset_overdue(const struct ctl *ctl, struct rd_buf *params)
{
    (void)ctl;
    rd_pack_cstr(params, "overdue");
    rd_pack_bool(params, true);
    rd_pack_cstr(params, "sort");
    rd_pack_cstr(params, "overdue");
    return 2;
}

static uint32_t preset_today(const struct ctl *ctl, struct rd_buf *params)
{
    rd_pack_cstr(params, "due_on");
    ctl_put_day(ctl, params, "today");
    rd_pack_cstr(params, "sort");
    rd_pack_cstr(params, "due");
    return 2;
}

static uint32_t preset_mine(const struct ctl *ctl, struct rd_buf *params)
{
    rd_pack_cstr(params, "handler");
    rd_pack_cstr(params, ctl->by != NULL ? ctl->by : "");
    rd_pack_cstr(params, "open");
    rd_pack_bool(params, true);
    rd_pack_cstr(params, "sort");
    rd_pack_cstr(params, "due");
    return 3;
}

#define ALERTS "seq time severity ?type unit ?case ?subject ?rung title"

static const struct ctl_verb VERBS[] = {
        {"status", "", "min-seq", "how the daemon is", 0, 0, ask, MAP("status")},
        {"health", "", "", "whether it is well: one line, exit status 0 or 4", 0, 0, ctl_health,
                NULL},
        {"case", "CASE", "lang min-seq", "all about a case", 1, 1, ask, MAP("case.get")},
        {"explain", "CASE", "clock as-of svg lang min-seq",
                "why its clocks run out when they do, day by day", 1, 1, explain,
                &(const struct question){
                        .method = "explain", .is_text = true, .print = print_explained}},
        {"cases", "",
                FILTERS "open overdue due due-before state sort count-by mine handler lang " PAGE,
                "cases, by number or as --sort says", 0, 0, ask,
                ROWS("case.list", "case subject kind state unit ?customer level ?rung "
                                  "?paused_for "
                                  "?opened ?clock ?last_day due")},
        {"top", "", "unit", "overdue, due today, not acknowledged, warnings, units: a live screen",
                0, 0, ctl_top, NULL},
        {"overdue", "", FILTERS "open mine handler lang " PAGE,
                "cases that are overdue, the longest first", 0, 0, ask,
                CASES(preset_overdue, LATE)},
        {"today", "", FILTERS "open mine handler lang " PAGE, "cases with a clock that ends today",
                0, 0, ask, CASES(preset_today, LATE)},
        {"mine", "", FILTERS "lang " PAGE, "your open cases, by what runs out first", 0, 0, ask,
                CASES(preset_mine, LATE)},
        {"timers", "", "unit before " PAGE, "what is due next", 0, 0, ask,
                ROWS("timer.list", "due case kind ?slot name")},
        {"alerts", "", "unit lang " PAGE, "alerts sent, in order", 0, 0, ask,
                ROWS("feed.replay", ALERTS)},
        {"unacked", "", "unit lang " PAGE, "alerts that wait for an acknowledgement", 0, 0, ask,
                ROWS("feed.unacked", "ack_by " ALERTS)},
        {"units", "", "unit " PAGE, "the tree, who listens, what is open", 0, 0, ask,
                ROWS("units", "unit ?name open_cases unacked ?last_alert subscribers ?former")},
        {"sources", "", PAGE, "sequences and gaps of sources", 0, 0, ask,
                ROWS("source.list", "source ?lowest highest last_taken missing")},
        {"approvals", "", "unit " PAGE, "events that wait for a second person", 0, 0, ask,
                ROWS("approval.list", "event type ?case by ?clock ?reason sender lapses")},
        {"erasure status", "", PAGE, "what became of each customer.forgotten", 0, 0, ask,
                ROWS("erasure.status", "event state taken ?done cases ?bodies ?overwritten")},
        {"silences", "", PAGE, "silences", 0, 0, ask,
                ROWS("silence.list", "silence until ended ?created by matchers reason")},
        {"notices", "", "unit lang " PAGE, "what customers must still be told", 0, 0, ask,
                ROWS("notice.list", "code case unit state")},
        {"contacts", "", "unit customer level kind code since until window key alert lang " PAGE,
                "the ledger of first contacts; the members of a window", 0, 0, ask,
                ROWS("contact.list",
                        "seq ?kind time unit level ?case ?subject ?customer ?outcome ?acted "
                        "?relapsed ?complained_at")},
        {"warnings", "", "since until unit lang min-seq",
                "which warnings came true, and which cry wolf", 0, 0, ctl_warnings, NULL},
        {"quarantine list", "", PAGE, "what ended the daemon before", 0, 0, ask,
                ROWS("quarantine.list", "kind ?case ?method ?digest")},
        {"dead list", "", "lang " PAGE, "events that were rejected", 0, 0, ask,
                &(const struct question){
                        .method = "dead.list", .columns = NULL, .print = print_taken}},
        {"journal", "", "raw lang " PAGE, "events as they were taken", 0, 0, ask,
                &(const struct question){
                        .method = "journal.read", .columns = NULL, .print = print_taken}},
        {"config", "", "min-seq", "the configuration in force", 0, 0, ask, MAP("config.get")},
        {"metrics", "", "prometheus min-seq", "counters and histograms", 0, 0, metrics,
                MAP("metrics")},
        {"check", "", "min-seq", "the self-proof of all timers, now", 0, 0, ctl_check, NULL},
        {"check-event", "FILE|-", "", "what a receipt would say; nothing is taken", 1, 1,
                check_event, NULL},
};

const struct ctl_group ctl_group_read = {.title = "Reading",
        .verbs = VERBS,
        .verb_count = RD_COUNT(VERBS),
        .rules = RULES,
        .rule_count = RD_COUNT(RULES)};
