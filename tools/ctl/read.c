#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "tools/ctl/ctl.h"
#include "tools/ctl/print.h"

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

static bool put_option(struct rd_buf *params, const struct ctl_option *option)
{
    static const char numbers[] = " after limit rung min-seq alert ";
    char name[32], padded[36];
    uint64_t number;
    wire_name(option->name, name);
    (void)snprintf(padded, sizeof padded, " %s ", option->name);
    rd_pack_cstr(params, name);
    if (strstr(numbers, padded) != NULL) {
        if (!ctl_is_number(option->value, &number)) {
            ctl_say("--%s %s: give a number", option->name, option->value);
            return false;
        }
        rd_pack_uint(params, number);
    } else if (strcmp(option->name, "raw") == 0) {
        rd_pack_bool(params, true);
    } else {
        rd_pack_cstr(params, option->value);
    }
    return true;
}

/* `key`: one number more; NULL: none. */
bool ctl_put_params(const struct ctl *ctl, struct rd_buf *params, const char *key, uint64_t value)
{
    size_t mark = rd_pack_map_begin(params);
    uint32_t pairs = (uint32_t)ctl->option_count;
    if (key != NULL) {
        rd_pack_cstr(params, key);
        rd_pack_uint(params, value);
        pairs++;
    }
    for (size_t i = 0; i < ctl->option_count; i++) {
        if (!put_option(params, &ctl->options[i])) {
            return false;
        }
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
    return true;
}

/* ---- answers ---- */

static void print_rows_of(const struct ctl *ctl, rd_node result, const char *columns)
{
    rd_node rows = rd_node_find(result, "rows");
    bool is_raw = ctl_option(ctl, "raw") != NULL;
    print_table(stdout, print_style_of(stdout), rows,
            is_raw ? "record seq kind flags engine wall steady sender erased body" : columns);
    uint64_t next = rd_node_uint(rd_node_find(result, "next"));
    uint64_t head = rd_node_uint(rd_node_find(result, "head"));
    if (next != 0) {
        (void)fprintf(stderr, "more: --after %" PRIu64 "\n", next);
    } else if (head != 0) {
        (void)fprintf(stderr, "complete up to %" PRIu64 "\n", head);
    }
}

static void print_answer(const struct ctl *ctl, rd_node result)
{
    const struct question *question = ctl->verb->more;
    if (ctl->is_json) {
        print_json(stdout, result);
    } else if (question->columns != NULL) {
        print_rows_of(ctl, result, question->columns);
    } else if (question->print != NULL) {
        question->print(stdout, result);
    } else {
        print_map(stdout, print_style_of(stdout), result);
    }
}

static enum ctl_status ask(struct ctl *ctl)
{
    const struct question *question = ctl->verb->more;
    struct rd_buf params;
    rd_buf_init(&params, PARAMS_BYTES_MAX);
    RD_CLEANUP(ctl_answer_done)
    struct ctl_answer answer = {0};
    enum ctl_status status = CTL_USAGE;
    if (ctl_put_params(ctl, &params, NULL, 0)) {
        status = ctl_ask(ctl, question->method, &params, &answer);
    }
    if (status == CTL_OK) {
        print_answer(ctl, answer.got.result);
        bool is_faulty = rd_node_uint(rd_node_find(answer.got.result, "faults")) > 0;
        status = is_faulty && strcmp(question->method, "check") == 0 ? CTL_FINDING : CTL_OK;
    }
    rd_buf_done(&params);
    return status;
}

/* ---- check-event ---- */

static bool read_all(const char *path, struct rd_buf *text)
{
    FILE *file = strcmp(path, "-") == 0 ? stdin : fopen(path, "rbe");
    if (file == NULL) {
        ctl_say("%s: %m", path);
        return false;
    }
    char block[4096];
    for (size_t got; (got = fread(block, 1, sizeof block, file)) > 0;) {
        rd_buf_put(text, block, got);
    }
    bool is_good = ferror(file) == 0 && text->error == 0;
    if (!is_good) {
        ctl_say(text->error != 0 ? "%s: too long for an event" : "%s: cannot be read", path);
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
    char what[256] = "";
    bool is_good = read_all(ctl->words[0], &text);
    if (is_good) {
        rd_pack_map(params, 1);
        rd_pack_cstr(params, "event");
        is_good = json_to_pack(rd_buf_str(&text), params, what);
        if (!is_good) {
            ctl_say("%s: %s", ctl->words[0], what);
        }
    }
    rd_buf_done(&text);
    return is_good;
}

static enum ctl_status check_event(struct ctl *ctl)
{
    struct rd_buf params;
    rd_buf_init(&params, CTL_MESSAGE_MAX);
    RD_CLEANUP(ctl_answer_done)
    struct ctl_answer answer = {0};
    enum ctl_status status = CTL_USAGE;
    if (put_event(ctl, &params)) {
        status = ctl_ask(ctl, "event.check", &params, &answer);
    }
    if (status == CTL_OK) {
        rd_node receipt = rd_node_find(answer.got.result, "receipt");
        if (ctl->is_json) {
            print_json(stdout, receipt);
        } else {
            print_map(stdout, print_style_of(stdout), receipt);
        }
        bool is_rejected = rd_str_is(rd_node_str(rd_node_find(receipt, "status")), "rejected");
        status = is_rejected ? CTL_REFUSED : CTL_OK;
    }
    rd_buf_done(&params);
    return status;
}

/* ---- the table ---- */

#define MAP(method_) (&(const struct question){.method = (method_)})
#define ROWS(method_, columns_)                                                                    \
    (&(const struct question){.method = (method_), .columns = (columns_)})
#define PAGE "limit=N after=N min-seq=N"

#define ALERTS "seq time severity type unit case subject rung title"

static const struct ctl_verb VERBS[] = {
        {"status", "", "min-seq=N", "how the daemon is", 0, 0, ask, MAP("status")},
        {"case", "CASE", "min-seq=N", "all about a case", 1, 1, ask, MAP("case.get")},
        {"explain", "CASE", "clock=NAME as-of=TIME min-seq=N",
                "why its clocks run out when they do, day by day", 1, 1, ask,
                &(const struct question){.method = "explain", .print = print_explained}},
        {"cases", "",
                "unit=PATH state=STATE level=LEVEL rung=N kind=KIND customer=ID "
                "due-before=TIME " PAGE,
                "cases, by number", 0, 0, ask,
                ROWS("case.list", "case subject kind state unit customer level rung paused "
                                  "opened due")},
        {"timers", "", "unit=PATH before=TIME " PAGE, "what is due next", 0, 0, ask,
                ROWS("timer.list", "due case kind slot name")},
        {"alerts", "", "unit=PATH " PAGE, "alerts sent, in order", 0, 0, ask,
                ROWS("feed.replay", ALERTS)},
        {"unacked", "", "unit=PATH " PAGE, "alerts that wait for an acknowledgement", 0, 0, ask,
                ROWS("feed.unacked", "ack_by " ALERTS)},
        {"units", "", "unit=PATH " PAGE, "the tree, who listens, what is open", 0, 0, ask,
                ROWS("units", "unit name open_cases unacked last_alert subscribers")},
        {"sources", "", PAGE, "sequences and gaps of sources", 0, 0, ask,
                ROWS("source.list", "source lowest highest last_taken missing")},
        {"silences", "", PAGE, "silences", 0, 0, ask,
                ROWS("silence.list", "silence until ended created by matchers reason")},
        {"notices", "", "unit=PATH " PAGE, "what customers must still be told", 0, 0, ask,
                ROWS("notice.list", "code case unit state")},
        {"contacts", "",
                "unit=PATH customer=ID level=LEVEL kind=KIND code=CODE since=TIME until=TIME "
                "window=CODE key=VALUE alert=N " PAGE,
                "the ledger of first contacts; the members of a window", 0, 0, ask,
                ROWS("contact.list",
                        "seq kind time unit level case open complained complained_at")},
        {"warnings", "", "since=TIME until=TIME unit=PATH min-seq=N",
                "which warnings came true, and which cry wolf", 0, 0, ctl_warnings, NULL},
        {"dead list", "", PAGE, "events that were rejected", 0, 0, ask,
                ROWS("dead.list", "number taken sender source id error event")},
        {"journal", "", "raw " PAGE, "events as they were taken", 0, 0, ask,
                ROWS("journal.read", "seq taken time source id type sender event")},
        {"config", "", "min-seq=N", "the configuration in force", 0, 0, ask, MAP("config.get")},
        {"metrics", "", "min-seq=N", "counters and histograms", 0, 0, ask, MAP("metrics")},
        {"check", "", "min-seq=N", "the self-proof of all timers, now", 0, 0, ask, MAP("check")},
        {"check-event", "FILE|-", "", "what a receipt would say; nothing is taken", 1, 1,
                check_event, NULL},
};

const struct ctl_verb *read_verbs(size_t *ret_count)
{
    *ret_count = RD_COUNT(VERBS);
    return VERBS;
}
