#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "tools/ctl/ctl.h"
#include "tools/ctl/print.h"
#include "tools/shared/json.h"
#include "tools/shared/table.h"

/* Questions: nothing here changes anything. */

enum { PARAMS_BYTES_MAX = 1024 * 1024 };

struct question {
    const char *method;
    const char *columns;                      /* of the rows; NULL: the answer is a map */
    void (*print)(FILE *out, rd_node result); /* its own way to print it; NULL: as a map */
};

/* ---- params ---- */

/* An option's name on the command line, and on the wire. */
static void wire_name(const char *option, char ret_name[static 32])
{
    if (strcmp(option, "level") == 0) {
        option = "warning_level";
    }
    (void)snprintf(ret_name, 32, "%s", option);
    for (char *at = ret_name; *at != '\0'; at++) {
        *at = *at == '-' ? '_' : *at;
    }
}

static void put_option(struct rd_buf *params, const struct ctl_option *option)
{
    char name[32];
    wire_name(option->rule->name, name);
    rd_pack_cstr(params, name);
    switch (option->rule->kind) {
    case OPT_NUMBER:
        rd_pack_uint(params, option->value.number);
        return;
    case OPT_SWITCH:
        rd_pack_bool(params, true);
        return;
    case OPT_TIME_AHEAD:
    case OPT_TIME_BACK:
        rd_pack_time(params, option->value.time);
        return;
    case OPT_TEXT:
    case OPT_UNIT:
    case OPT_CHOICE:
    case OPT_FILE:
    case OPT_DIR:
    case OPT_SECONDS:
    case OPT_SPAN:
        break;
    }
    rd_pack_cstr(params, option->text);
}

void ctl_put_params(const struct ctl *ctl, struct rd_buf *params, const char *key, uint64_t value)
{
    size_t mark = rd_pack_map_begin(params);
    uint32_t pairs = (uint32_t)ctl->option_count;
    if (key != NULL) {
        rd_pack_cstr(params, key);
        rd_pack_uint(params, value);
        pairs++;
    }
    for (size_t i = 0; i < ctl->option_count; i++) {
        put_option(params, &ctl->options[i]);
    }
    if (ctl->word_count > 0) { /* a case */
        uint64_t number;
        const char *word = ctl->words[0];
        bool is_number = ctl_is_number(word, &number);
        rd_pack_cstr(params, is_number ? "case" : "subject");
        if (is_number) {
            rd_pack_uint(params, number);
        } else {
            rd_pack_cstr(params, strncmp(word, "subject:", 8) == 0 ? word + 8 : word);
        }
        pairs++;
    }
    rd_pack_map_end(params, mark, pairs);
}

/* ---- answers ---- */

static void print_rows_of(struct ctl *ctl, rd_node result, const char *columns)
{
    rd_node rows = rd_node_find(result, "rows");
    bool is_raw = ctl_option(ctl, "raw") != NULL;
    print_table(stdout, style_of(stdout), rows,
            is_raw ? "record ?seq kind ?flags ?engine wall ?steady ?sender ?erased body" : columns);
    uint64_t next = rd_node_uint(rd_node_find(result, "next"));
    uint64_t head = rd_node_uint(rd_node_find(result, "head"));
    if (next != 0) {
        ctl_say_more(ctl, next);
    } else if (head != 0) {
        (void)fprintf(stderr, "complete up to %" PRIu64 "\n", head);
    }
}

static void print_answer(struct ctl *ctl, rd_node result)
{
    const struct question *question = ctl->verb->more;
    if (ctl->is_json || (question->columns == NULL && question->print == NULL)) {
        ctl_print(ctl, result);
    } else if (question->columns != NULL) {
        print_rows_of(ctl, result, question->columns);
    } else {
        question->print(stdout, result);
    }
}

static enum exit_status ask(struct ctl *ctl)
{
    const struct question *question = ctl->verb->more;
    struct rd_buf params;
    rd_buf_init(&params, PARAMS_BYTES_MAX);
    RD_CLEANUP(ctl_answer_done)
    struct ctl_answer answer = {0};
    ctl_put_params(ctl, &params, NULL, 0);
    enum exit_status status = ctl_ask(ctl, question->method, &params, &answer);
    if (status == STATUS_OK) {
        print_answer(ctl, answer.got.result);
        bool is_faulty = rd_node_uint(rd_node_find(answer.got.result, "faults")) > 0;
        status = is_faulty && strcmp(question->method, "check") == 0 ? STATUS_FINDING : STATUS_OK;
    }
    rd_buf_done(&params);
    return status;
}

static enum exit_status metrics(struct ctl *ctl)
{
    return ctl_option(ctl, "prometheus") != NULL ? ctl_prometheus(ctl) : ask(ctl);
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

/* ---- the table ---- */

#define NUMBER(name_, help_)                                                                       \
    {                                                                                              \
        .name = (name_), .value = "N", .kind = OPT_NUMBER, .help = (help_)                         \
    }
#define TEXT(name_, value_, help_)                                                                 \
    {                                                                                              \
        .name = (name_), .value = (value_), .kind = OPT_TEXT, .help = (help_)                      \
    }

static const struct opt_rule RULES[] = {
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

#define ALERTS "seq time severity ?type unit ?case ?subject ?rung title"

static const struct ctl_verb VERBS[] = {
        {"status", "", "min-seq", "how the daemon is", 0, 0, ask, MAP("status")},
        {"health", "", "", "whether it is well: one line, exit status 0 or 4", 0, 0, ctl_health,
                NULL},
        {"case", "CASE", "min-seq", "all about a case", 1, 1, ask, MAP("case.get")},
        {"explain", "CASE", "clock as-of min-seq",
                "why its clocks run out when they do, day by day", 1, 1, ask,
                &(const struct question){.method = "explain", .print = print_explained}},
        {"cases", "", "unit state level rung kind customer due-before " PAGE, "cases, by number", 0,
                0, ask,
                ROWS("case.list", "case subject kind state unit ?customer level ?rung ?paused "
                                  "?opened due")},
        {"timers", "", "unit before " PAGE, "what is due next", 0, 0, ask,
                ROWS("timer.list", "due case kind ?slot name")},
        {"alerts", "", "unit " PAGE, "alerts sent, in order", 0, 0, ask,
                ROWS("feed.replay", ALERTS)},
        {"unacked", "", "unit " PAGE, "alerts that wait for an acknowledgement", 0, 0, ask,
                ROWS("feed.unacked", "ack_by " ALERTS)},
        {"units", "", "unit " PAGE, "the tree, who listens, what is open", 0, 0, ask,
                ROWS("units", "unit ?name open_cases unacked ?last_alert subscribers")},
        {"sources", "", PAGE, "sequences and gaps of sources", 0, 0, ask,
                ROWS("source.list", "source ?lowest highest last_taken missing")},
        {"silences", "", PAGE, "silences", 0, 0, ask,
                ROWS("silence.list", "silence until ended ?created by matchers reason")},
        {"notices", "", "unit " PAGE, "what customers must still be told", 0, 0, ask,
                ROWS("notice.list", "code case unit state")},
        {"contacts", "", "unit customer level kind code since until window key alert " PAGE,
                "the ledger of first contacts; the members of a window", 0, 0, ask,
                ROWS("contact.list",
                        "seq kind time unit level case ?open ?complained ?complained_at")},
        {"warnings", "", "since until unit min-seq", "which warnings came true, and which cry wolf",
                0, 0, ctl_warnings, NULL},
        {"quarantine list", "", PAGE, "what ended the daemon before", 0, 0, ask,
                ROWS("quarantine.list", "kind ?case ?digest")},
        {"dead list", "", PAGE, "events that were rejected", 0, 0, ask,
                ROWS("dead.list", "number taken ?sender source ?id error ?event")},
        {"journal", "", "raw " PAGE, "events as they were taken", 0, 0, ask,
                ROWS("journal.read", "seq taken ?time source ?id type ?sender ?event")},
        {"config", "", "min-seq", "the configuration in force", 0, 0, ask, MAP("config.get")},
        {"metrics", "", "prometheus min-seq", "counters and histograms", 0, 0, metrics,
                MAP("metrics")},
        {"check", "", "min-seq", "the self-proof of all timers, now", 0, 0, ask, MAP("check")},
        {"check-event", "FILE|-", "", "what a receipt would say; nothing is taken", 1, 1,
                check_event, NULL},
};

const struct ctl_group ctl_group_read = {.title = "Reading",
        .verbs = VERBS,
        .verb_count = RD_COUNT(VERBS),
        .rules = RULES,
        .rule_count = RD_COUNT(RULES)};
