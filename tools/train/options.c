#include "tools/train/options.h"

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/civil.h"
#include "common/num.h"
#include "tools/shared/ends.h"

static const char usage[] =
        "usage: redress-train --map MAPPING --label COLUMN=VALUE[|VALUE...] [OPTION...] FILE\n"
        "       redress-train --state DIR --ending ENDING [OPTION...]\n"
        "  --map FILE            how a row becomes an event: redress-send(1)\n"
        "  --label COLUMN=VALUE  what is to be foretold: this value in this column\n"
        "  --format csv|ndjson   what FILE is; else its name says it\n"
        "  --state DIR           learn from a daemon's own past\n"
        "  --ending ENDING       grown, disputed, escalated, breached or any (of it)\n"
        "  --follow-up SPAN      a contact younger than this may grow yet (30d as 720h)\n"
        "  --features LIST       learn from these alone: issue,attributes.state,text\n"
        "  --features-max N      at most so many features (2000)\n"
        "  --min-rows N          a feature holds in so many rows (20)\n"
        "  --max-words N         of the text: so many different ones (4000000)\n"
        "  --test-from DATE      rows from then on are only tried (UTC)\n"
        "  --test-share PERCENT  or: the newest so many percent (25)\n"
        "  --cap N               the most points the card gives (100)\n"
        "  --levels W,H,C        scores to tell about (30,60,85)\n"
        "  --code WORD           the card's code in reasons (scorecard)\n"
        "  --out FILE            write the card there\n"
        "  --try CARD            try this card instead of learning one\n"
        "  --explain ROW         say what each feature gives this row\n"
        "  --json                print JSON\n"
        "  --help, --version\n";

enum option_id {
    OPTION_MAP = 1,
    OPTION_LABEL,
    OPTION_FORMAT,
    OPTION_STATE,
    OPTION_ENDING,
    OPTION_FOLLOW_UP,
    OPTION_FEATURES,
    OPTION_FEATURES_MAX,
    OPTION_MIN_ROWS,
    OPTION_MAX_WORDS,
    OPTION_TEST_FROM,
    OPTION_TEST_SHARE,
    OPTION_CAP,
    OPTION_LEVELS,
    OPTION_CODE,
    OPTION_OUT,
    OPTION_TRY,
    OPTION_EXPLAIN,
    OPTION_JSON,
    OPTION_HELP,
    OPTION_VERSION,
};

static const struct option long_options[] = {
        {"map", required_argument, NULL, OPTION_MAP},
        {"label", required_argument, NULL, OPTION_LABEL},
        {"format", required_argument, NULL, OPTION_FORMAT},
        {"state", required_argument, NULL, OPTION_STATE},
        {"ending", required_argument, NULL, OPTION_ENDING},
        {"follow-up", required_argument, NULL, OPTION_FOLLOW_UP},
        {"features", required_argument, NULL, OPTION_FEATURES},
        {"features-max", required_argument, NULL, OPTION_FEATURES_MAX},
        {"min-rows", required_argument, NULL, OPTION_MIN_ROWS},
        {"max-words", required_argument, NULL, OPTION_MAX_WORDS},
        {"test-from", required_argument, NULL, OPTION_TEST_FROM},
        {"test-share", required_argument, NULL, OPTION_TEST_SHARE},
        {"cap", required_argument, NULL, OPTION_CAP},
        {"levels", required_argument, NULL, OPTION_LEVELS},
        {"code", required_argument, NULL, OPTION_CODE},
        {"out", required_argument, NULL, OPTION_OUT},
        {"try", required_argument, NULL, OPTION_TRY},
        {"explain", required_argument, NULL, OPTION_EXPLAIN},
        {"json", no_argument, NULL, OPTION_JSON},
        {"help", no_argument, NULL, OPTION_HELP},
        {"version", no_argument, NULL, OPTION_VERSION},
        {NULL, 0, NULL, 0},
};

static bool take_ending(struct options *options, const char *name)
{
    static const char *const names[] = {"grown", "disputed", "escalated", "breached", "any"};
    for (size_t i = 0; i < RD_COUNT(names); i++) {
        if (strcmp(names[i], name) == 0) {
            options->history.ending = (enum ending)i;
            options->label = name;
            return true;
        }
    }
    say_error("--ending %.40s: give grown, disputed, escalated, breached or any", name);
    return false;
}

static bool take_date(struct options *options, const char *text)
{
    rd_day day;
    if (rd_day_parse(rd_str_of(text), &day) < 0) {
        say_error("--test-from %.40s: give a date such as 2026-01-31", text);
        return false;
    }
    options->cut = (rd_time)day * RD_DAY_US;
    return true;
}

static bool take_levels(struct options *options, const char *text)
{
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
            say_error("--levels %.40s: give three rising numbers from 1 to 100", text);
            return false;
        }
        options->levels[i] = (int32_t)level;
        before = level;
        rest = (struct rd_str){rest.ptr + len + !is_last, rest.len - len - !is_last};
    }
    return true;
}

static bool take_amount(struct options *options, int id)
{
    uint64_t number;
    switch (id) {
    case OPTION_FOLLOW_UP:
        return take_span("follow-up", optarg, &options->history.follow_up_us);
    case OPTION_FEATURES_MAX:
        if (!take_number("features-max", optarg, 1, RD_CARD_FEATURES_MAX, &number)) {
            return false;
        }
        options->learn.features_max = (size_t)number;
        return true;
    case OPTION_MIN_ROWS:
        return take_number("min-rows", optarg, 1, 1000000, &options->rows_min);
    case OPTION_MAX_WORDS:
        return take_number("max-words", optarg, 1, 100000000, &options->words_max);
    case OPTION_TEST_SHARE:
        return take_number("test-share", optarg, 1, 90, &options->test_share);
    case OPTION_CAP:
        if (!take_number("cap", optarg, 1, 100, &number)) {
            return false;
        }
        options->learn.cap = (int32_t)number;
        return true;
    default:
        return take_number("explain", optarg, 1, UINT64_MAX, &options->explain);
    }
}

static bool take_text(struct options *options, int id)
{
    switch (id) {
    case OPTION_MAP:
        options->map_path = optarg;
        return true;
    case OPTION_LABEL:
        options->label = optarg;
        return true;
    case OPTION_FORMAT:
        options->format = optarg;
        return true;
    case OPTION_STATE:
        options->history.path = optarg;
        options->history.is_state = true;
        return true;
    case OPTION_FEATURES:
        options->features = optarg;
        return true;
    case OPTION_CODE:
        options->code = optarg;
        return true;
    case OPTION_OUT:
        options->out_path = optarg;
        return true;
    default:
        options->try_path = optarg;
        return true;
    }
}

static bool take(struct options *options, int id)
{
    switch (id) {
    case OPTION_ENDING:
        return take_ending(options, optarg);
    case OPTION_TEST_FROM:
        return take_date(options, optarg);
    case OPTION_LEVELS:
        return take_levels(options, optarg);
    case OPTION_FOLLOW_UP:
    case OPTION_FEATURES_MAX:
    case OPTION_MIN_ROWS:
    case OPTION_MAX_WORDS:
    case OPTION_TEST_SHARE:
    case OPTION_CAP:
    case OPTION_EXPLAIN:
        return take_amount(options, id);
    case OPTION_JSON:
        options->is_json = true;
        return true;
    case OPTION_HELP:
        (void)fputs(usage, stdout);
        options->is_done = true;
        return true;
    case OPTION_VERSION:
        (void)printf("redress-train %s\n", REDRESS_VERSION);
        options->is_done = true;
        return true;
    case '?':
        return false; /* getopt_long() said it */
    default:
        return take_text(options, id);
    }
}

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
    if (options->format != NULL) {
        is_ndjson = strcmp(options->format, "ndjson") == 0;
        if (!is_ndjson && strcmp(options->format, "csv") != 0) {
            say_error("--format %.40s: give csv or ndjson", options->format);
            return false;
        }
    }
    if (strcmp(path, "-") == 0) {
        say_error("the rows are read twice: give a file");
        return false;
    }
    history->path = path;
    history->format = is_ndjson ? INPUT_NDJSON : INPUT_CSV;
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

bool options_parse(int argc, char *argv[], struct options *options)
{
    *options = (struct options){.code = "scorecard",
            .learn = {.features_max = 2000, .cap = 100},
            .rows_min = 20,
            .words_max = DATASET_TOKENS_MAX,
            .test_share = 25,
            .cut = RD_TIME_NONE,
            .levels = {30, 60, 85},
            .history = {.follow_up_us = 30 * RD_DAY_US}};
    today(options->made, sizeof options->made);
    for (int id; (id = getopt_long(argc, argv, "", long_options, NULL)) >= 0;) {
        if (!take(options, id)) {
            return false;
        }
        if (options->is_done) {
            return true;
        }
    }
    bool is_state = options->history.is_state;
    if (options->label == NULL || is_state == (options->map_path != NULL) ||
            argc - optind != !is_state) {
        say_error("give --map, --label and a file, or --state and --ending (--help says more)");
        return false;
    }
    if (options->try_path != NULL && options->out_path != NULL) {
        say_error("--try learns nothing that --out could keep");
        return false;
    }
    return is_state || read_export(options, argv[optind]);
}

void options_done(struct options *options)
{
    if (options->history.positive_count > 0) {
        free((void *)(uintptr_t)options->label);
    }
    mapping_free(options->mapping);
}
