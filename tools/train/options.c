#include "tools/train/options.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/base/num.h"
#include "common/time/civil.h"
#include "tools/shared/options.h"
#include "tools/shared/say.h"

static const char *const ENDINGS[] = {
        "grown", "disputed", "escalated", "breached", "any", "tended"};

static bool take_date(const struct opt_rule *rule, const char *text, void *slot)
{
    rd_day day;
    if (rd_day_parse(rd_str_of(text), &day) < 0) {
        say_error("--%s %.40s: give a date such as 2026-01-31", rule->name, text);
        return false;
    }
    *(rd_time *)slot = (rd_time)day * RD_DAY_US;
    return true;
}

static bool take_levels(const struct opt_rule *rule, const char *text, void *slot)
{
    int32_t *levels = slot;
    struct rd_str rest = rd_str_of(text);
    int64_t before = 0;
    for (size_t i = 0; i < MEASURE_LEVELS; i++) {
        const char *comma = rest.len > 0 ? memchr(rest.ptr, ',', rest.len) : NULL;
        bool is_last = i == MEASURE_LEVELS - 1;
        size_t len = comma != NULL ? (size_t)(comma - rest.ptr) : rest.len;
        int64_t level;
        if ((comma == NULL) != is_last ||
                rd_i64_parse((struct rd_str){rest.ptr, len}, &level) < 0 || level <= before ||
                level > 100) {
            say_error("--%s %.40s: give three rising numbers from 1 to 100", rule->name, text);
            return false;
        }
        levels[i] = (int32_t)level;
        before = level;
        rest = (struct rd_str){rest.ptr + len + !is_last, rest.len - len - !is_last};
    }
    return true;
}

enum {
    ROWS_MAX = 1000000,
    WORDS_MAX = 100000000,
    SHARE_MAX = 90,
    CAP_MAX = 100,
    FEATURES = 2000,
    ROWS = 20,
    SHARE = 25,
    FOLLOW_UP_DAYS = 30,
};

#define ROW(name_, value_, kind_, member, help_)                                                   \
    .name = (name_), .value = (value_), .kind = (kind_), .help = (help_),                          \
    .offset = offsetof(struct options, member)

/* The words of --format stand in the order of enum input_format, those of --ending in that of enum
 * ending. */
static const struct opt_rule RULES[] = {
        {ROW("map", "FILE", OPT_FILE, map_path, "how a row becomes an event: redress-send(1)")},
        {ROW("label", "COLUMN=VALUE", OPT_TEXT, label,
                "what is to be foretold: this value in this column")},
        {ROW("format", "csv|ndjson", OPT_CHOICE, format, "what FILE is (its name tells)")},
        {ROW("state", "DIR", OPT_DIR, state_path, "learn from a daemon's own past")},
        {ROW("ending", "grown|disputed|escalated|breached|any|tended", OPT_CHOICE, ending,
                "and what is to be foretold of it")},
        {ROW("follow-up", "SPAN", OPT_SPAN, history.follow_up_us,
                "a contact younger than this may grow yet (720h)")},
        {ROW("features", "LIST", OPT_TEXT, features,
                "learn from these alone: issue,attributes.state,text")},
        {ROW("features-max", "N", OPT_NUMBER, learn.features_max,
                 "at most so many features (2000)"),
                .min = 1, .max = RD_CARD_FEATURES_MAX},
        {ROW("min-rows", "N", OPT_NUMBER, rows_min, "a feature holds in so many rows (20)"),
                .min = 1, .max = ROWS_MAX},
        {ROW("max-words", "N", OPT_NUMBER, words_max,
                 "of the text: so many different ones (4000000)"),
                .min = 1, .max = WORDS_MAX},
        {ROW("test-from", "DATE", OPT_TEXT, cut, "rows from then on are only tried (UTC)"),
                .take = take_date},
        {ROW("test-share", "PERCENT", OPT_NUMBER, test_share,
                 "or: the newest so many percent (25)"),
                .min = 1, .max = SHARE_MAX},
        {ROW("cap", "N", OPT_NUMBER, cap, "the most points the card gives (100)"), .min = 1,
                .max = CAP_MAX},
        {ROW("levels", "W,H,C", OPT_TEXT, levels, "scores to tell about (30,60,85)"),
                .take = take_levels},
        {ROW("code", "WORD", OPT_TEXT, code, "the card's code in reasons (scorecard)")},
        {ROW("out", "FILE", OPT_FILE, out_path, "write the card there")},
        {ROW("try", "CARD", OPT_FILE, try_path, "try this card instead of learning one")},
        {ROW("explain", "ROW", OPT_NUMBER, explain, "tell what each feature gives this row"),
                .min = 1, .max = UINT64_MAX},
        {ROW("json", NULL, OPT_SWITCH, is_json, "print JSON")},
};
_Static_assert(sizeof(size_t) == sizeof(uint64_t), "learn.features_max is read as a number");

static const struct opt_program PROGRAM = {
        .usage = "--map MAPPING --label COLUMN=VALUE[|VALUE…] [OPTION…] FILE\n"
                 "--state DIR --ending ENDING [OPTION…]",
        .wanted = "give one file, or --state",
        .words_max = 1};

/* "COLUMN=VALUE|VALUE": the column goes into the mapping, the values are cut in place. */
static bool read_label(struct options *options)
{
    struct history_options *history = &options->history;
    char *text = strdup(options->label);
    char *values = text != NULL ? strrchr(text, '=') : NULL;
    if (text == NULL) {
        rd_oom();
    }
    if (values == NULL || values == text || values[1] == '\0') {
        say_error("--label %.60s: give COLUMN=VALUE", text);
        free(text);
        return false;
    }
    *values++ = '\0';
    options->label = text; /* kept until the end of the program's run: options_done() */
    for (char *at = values; at != NULL;) {
        if (history->positive_count == HISTORY_VALUES_MAX) {
            say_error("--label: more than %d values", HISTORY_VALUES_MAX);
            return false;
        }
        history->positive[history->positive_count++] = at;
        at = strchr(at, '|');
        if (at != NULL) {
            *at++ = '\0';
        }
    }
    if (!mapping_add_column(options->mapping, text, &history->label_column)) {
        say_error("%s: too many columns", options->map_path);
        return false;
    }
    return true;
}

static bool read_export(struct options *options, const char *path)
{
    struct history_options *history = &options->history;
    const char *dot = strrchr(path, '.');
    bool is_ndjson = dot != NULL && (strcmp(dot, ".ndjson") == 0 || strcmp(dot, ".jsonl") == 0);
    if (strcmp(path, "-") == 0) {
        say_error("the rows are read twice: give a file");
        return false;
    }
    history->path = path;
    history->format = is_ndjson ? INPUT_NDJSON : INPUT_CSV;
    if (options->format >= 0) {
        history->format = (enum input_format)options->format;
    }
    options->mapping = mapping_load(options->map_path);
    history->mapping = options->mapping;
    return options->mapping != NULL && read_label(options);
}

static void today(char *text, size_t size)
{
    char day[RD_DATE_TEXT_MAX];
    rd_day_format((rd_day)(time(NULL) / (24 * 3600)), day);
    (void)snprintf(text, size, "%s", day);
}

/* What the values say together. */
static bool check(struct options *options, const char *path)
{
    struct history_options *history = &options->history;
    history->is_state = options->state_path != NULL;
    if (history->is_state) {
        history->path = options->state_path;
    }
    if (options->ending >= 0) {
        history->ending = (enum ending)options->ending;
        options->label = ENDINGS[options->ending];
    }
    options->learn.cap = (int32_t)options->cap;
    if (options->label == NULL || history->is_state == (options->map_path != NULL) ||
            history->is_state == (path != NULL)) {
        say_error("give --map, --label and a file, or --state and --ending; redress-train --help "
                  "tells more");
        return false;
    }
    if (options->try_path != NULL && options->out_path != NULL) {
        say_error("--try learns nothing that --out could keep");
        return false;
    }
    return history->is_state || read_export(options, path);
}

bool options_parse(int argc, char *argv[], struct options *options)
{
    struct opt_set set = {.count = 0};
    char *words[2];
    *options = (struct options){.code = "scorecard",
            .format = -1,
            .ending = -1,
            .learn = {.features_max = FEATURES},
            .cap = CAP_MAX,
            .rows_min = ROWS,
            .words_max = DATASET_TOKENS_MAX,
            .test_share = SHARE,
            .cut = RD_TIME_NONE,
            .levels = {30, 60, 85},
            .history = {.follow_up_us = FOLLOW_UP_DAYS * RD_DAY_US}};
    today(options->made, sizeof options->made);
    opt_set_add(&set, RULES, RD_COUNT(RULES));
    enum opt_result result = opt_read(&PROGRAM, &set, argc, argv, options, words);
    options->is_done = result == OPT_ENDED;
    return options->is_done || (result == OPT_GOOD && check(options, words[0]));
}

void options_done(struct options *options)
{
    if (options->history.positive_count > 0) {
        free((void *)(uintptr_t)options->label);
    }
    mapping_free(options->mapping);
}
