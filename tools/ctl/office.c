#include "tools/ctl/office.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "tools/ctl/ctl.h"
#include "tools/ctl/print.h"
#include "tools/shared/table.h"

/* What the office that supervises asks: whose turn it is, what is owed. */

enum { PARAMS_BYTES_MAX = 64 * 1024 };

static void print_answer(struct ctl *ctl, const struct office *office, rd_node result)
{
    if (ctl->is_json) {
        ctl_print(ctl, result);
    } else if (office->print != NULL) {
        office->print(ctl, result);
    } else {
        print_table(stdout, style_in(stdout, ctl_option(ctl, "lang")), rd_node_find(result, "rows"),
                office->columns);
        uint64_t next = rd_node_uint(rd_node_find(result, "next"));
        if (next != 0) {
            ctl_say_more(ctl, next);
        }
    }
}

static enum exit_status ask(struct ctl *ctl)
{
    const struct office *office = ctl->verb->more;
    struct rd_buf params;
    RD_CLEANUP(ctl_answer_done)
    struct ctl_answer answer = {0};
    rd_buf_init(&params, PARAMS_BYTES_MAX);
    office_put_params(ctl, &params, office, NULL);
    enum exit_status status = ctl_ask(ctl, office->method, &params, &answer);
    if (status == STATUS_OK) {
        print_answer(ctl, office, answer.got.result);
    }
    rd_buf_done(&params);
    return status;
}

/* Rows, or how many there are of each. */
static void print_duties(struct ctl *ctl, rd_node result)
{
    const char *columns = ctl_option(ctl, "count-by") != NULL
                                  ? NULL
                                  : "case duty unit ?period state last_day ?done ?total ?title";
    print_table(stdout, style_in(stdout, ctl_option(ctl, "lang")), rd_node_find(result, "rows"),
            columns);
    uint64_t next = rd_node_uint(rd_node_find(result, "next"));
    if (next != 0) {
        ctl_say_more(ctl, next);
    }
}

static const char ROSTER_COLUMNS[] =
        "roster from until ?unit ?unit_name overridden ?by ?provisional";

static void print_roster(struct ctl *ctl, rd_node result)
{
    print_table(stdout, style_in(stdout, ctl_option(ctl, "lang")), rd_node_find(result, "rows"),
            ROSTER_COLUMNS);
    rd_node days = rd_node_find(result, "days");
    if (rd_node_count(days) > 0) {
        (void)putchar('\n');
        print_table(stdout, style_in(stdout, ctl_option(ctl, "lang")), days,
                "date ?name working ?hours");
    }
    uint64_t next = rd_node_uint(rd_node_find(result, "next"));
    if (next != 0) {
        ctl_say_more(ctl, next);
    }
}

static enum exit_status ask_roster(struct ctl *ctl)
{
    return ctl_option(ctl, "ical") != NULL && !ctl->is_json ? print_ical(ctl, ctl->verb->more)
                                                            : ask(ctl);
}

static void print_digest(struct ctl *ctl, rd_node result)
{
    (void)ctl;
    struct rd_str text = rd_node_str(rd_node_find(result, "text"));
    (void)fwrite(text.ptr, 1, text.len, stdout);
}

static const struct opt_rule RULES[] = {
        {.name = "unit",
                .value = "PATH",
                .kind = OPT_UNIT,
                .help = "of this unit and all below it"},
        {.name = "round", .value = "NAME", .kind = OPT_TEXT, .help = "of this round"},
        {.name = "risk", .value = "RISK", .kind = OPT_TEXT, .help = "none, watch or high"},
        {.name = "duty", .value = "CODE", .kind = OPT_TEXT, .help = "of this code"},
        {.name = "period", .value = "PERIOD", .kind = OPT_TEXT, .help = "2025, 2025-Q3, 2025-09 …"},
        {.name = "state",
                .value = "STATE",
                .kind = OPT_TEXT,
                .help = "owed, overdue, done, late or dropped"},
        {.name = "count-by",
                .value = "WORD",
                .kind = OPT_TEXT,
                .help = "how many of each unit, period or duty"},
        {.name = "attribute",
                .value = "NAME",
                .kind = OPT_TEXT,
                .help = "issue, cause, product or channel"},
        {.name = "cleared", .kind = OPT_SWITCH, .help = "whose risk was found gone"},
        {.name = "open", .kind = OPT_SWITCH, .help = "that still wait"},
        {.name = "every",
                .value = "day|week|month",
                .kind = OPT_CHOICE,
                .help = "the digest of a day, week or month (day)"},
        {.name = "lang", .value = "en|zh-CN", .kind = OPT_CHOICE, .help = "in this language"},
        {.name = "from",
                .value = "TIME",
                .kind = OPT_TIME_AHEAD,
                .help = "from this time on (now)"},
        {.name = "to",
                .value = "TIME",
                .kind = OPT_TIME_AHEAD,
                .help = "up to this time (28 days later)"},
        {.name = "ical", .kind = OPT_SWITCH, .help = "as an iCalendar file"},
        {.name = "limit", .value = "N", .kind = OPT_NUMBER, .help = "so many rows (100)"},
        {.name = "after",
                .value = "N",
                .kind = OPT_NUMBER,
                .help = "the rows after this one: more: tells it"},
        {.name = "min-seq", .value = "N", .kind = OPT_NUMBER, .help = "not older than this event"},
};

#define PAGE "limit after min-seq"

static const struct ctl_verb VERBS[] = {
        {"chases", "", "unit open lang " PAGE, "who waits for whose answer", 0, 0, ask,
                &(const struct office){.method = "chase.list",
                        .columns = "case subject unit asker state answer_by ?question"}},
        {"contracts", "", "unit round risk cleared lang " PAGE, "screened contracts", 0, 0, ask,
                &(const struct office){.method = "contract.list",
                        .columns = "contract risk ?round ?unit screened ?cleared ?case"}},
        {"digest", "UNIT [DATE]", "every lang min-seq",
                "the unit's newest digest, or that of a day", 1, 2, ask,
                &(const struct office){.method = "digest.get",
                        .word = "unit",
                        .second = "date",
                        .is_text = true,
                        .print = print_digest}},
        {"duties", "", "unit duty period state open count-by lang " PAGE,
                "what units owe, and by when", 0, 0, ask,
                &(const struct office){.method = "duty.list", .print = print_duties}},
        {"codes", "", "attribute " PAGE, "values that events brought and no code spells", 0, 0, ask,
                &(const struct office){.method = "codes.unknown",
                        .columns = "attribute ?value count ?first ?last ?seq"}},
        {"panels", "", "unit lang " PAGE, "joint decisions that are open, and who takes part", 0, 0,
                ask,
                &(const struct office){.method = "panel.list",
                        .columns = "case subject unit participants opened"}},
        {"rounds", "", "unit round lang " PAGE, "how far units are with rounds of screening", 0, 0,
                ask,
                &(const struct office){.method = "round.list",
                        .columns = "round unit screened at_risk cleared overdue ?first ?newest"}},
        {"rosters", "", "lang " PAGE, "who has each roster's turn now", 0, 0, ask,
                &(const struct office){.method = "roster.list", .columns = ROSTER_COLUMNS}},
        {"roster", "NAME", "from to ical lang " PAGE, "who has this roster's turn, and when", 1, 1,
                ask_roster,
                &(const struct office){
                        .method = "roster.list", .word = "roster", .print = print_roster}},
};

const struct ctl_group ctl_group_office = {.title = "Supervising",
        .verbs = VERBS,
        .verb_count = RD_COUNT(VERBS),
        .rules = RULES,
        .rule_count = RD_COUNT(RULES)};
