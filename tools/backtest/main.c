/* redress-backtest: what a configuration would have done with a history. redress-backtest(1). */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "tools/backtest/report.h"
#include "tools/shared/options.h"
#include "tools/shared/say.h"

static volatile sig_atomic_t stopped_by;

static void on_signal(int signal)
{
    stopped_by = signal;
}

typedef void print_fn(const struct report *report, FILE *out);

struct arguments {
    const char *configs[REPORT_SIDES_MAX];
    const char *map_path, *input_path, *html_path;
    int lang;
    int format; /* enum input_format; -1: not given */
    int output;
    rd_time until;
    bool is_json, has_progress, has_no_progress;
};

static bool take_until(const struct opt_rule *rule, const char *text, void *slot)
{
    if (rd_time_parse(rd_str_of(text), slot) == 0) {
        return true;
    }
    say_error("--%s %.60s: give a time with its offset, as 2016-07-01T00:00:00Z or "
              "2016-06-30T08:00:00+08:00",
            rule->name, text);
    return false;
}

#define ROW(name_, value_, kind_, member, help_)                                                   \
    .name = (name_), .value = (value_), .kind = (kind_), .help = (help_),                          \
    .offset = offsetof(struct arguments, member)

/* The words of --format stand in the order of enum input_format, those of --output in that of
 * outputs[]. */
static print_fn *const outputs[] = {report_print_text, report_print_json, report_print_csv};
enum { OUTPUT_JSON = 1 };
static const struct opt_rule RULES[] = {
        {ROW("config", "FILE", OPT_FILE, configs[0], "the configuration that is tried")},
        {ROW("against", "FILE", OPT_FILE, configs[1], "another one, side by side")},
        {ROW("map", "FILE", OPT_FILE, map_path,
                "how a row becomes events (JSON), as in redress-send(1)")},
        {ROW("format", "csv|ndjson", OPT_CHOICE, format, "what HISTORY is (its name tells)")},
        {ROW("until", "TIME", OPT_TEXT, until,
                 "leave off later events; fire what is due up to then"),
                .take = take_until},
        {ROW("output", "text|json|csv", OPT_CHOICE, output, "how the report is written (text)")},
        {ROW("json", NULL, OPT_SWITCH, is_json, "the same as --output json")},
        {ROW("html", "FILE", OPT_FILE, html_path, "as one page of HTML with charts, besides")},
        {ROW("lang", "en|zh-CN", OPT_CHOICE, lang, "that page in this language (en)")},
        {ROW("no-progress", NULL, OPT_SWITCH, has_no_progress, "no bar on a terminal")},
};

static const struct opt_program PROGRAM = {
        .usage = "--config FILE [--map MAPPING] [OPTION…] HISTORY",
        .about =
                "  HISTORY                rows of a CSV file or lines of JSON; -: standard input\n",
        .wanted = "give one file of history, or -",
        .words_min = 1,
        .words_max = 1};

static bool find_format(const struct arguments *arguments, enum input_format *ret_format)
{
    const char *dot = strrchr(arguments->input_path, '.');
    bool is_json = dot != NULL && (strcmp(dot, ".ndjson") == 0 || strcmp(dot, ".jsonl") == 0);
    bool is_map = arguments->map_path != NULL;
    *ret_format = is_json || !is_map ? INPUT_NDJSON : INPUT_CSV;
    if (arguments->format >= 0) {
        *ret_format = (enum input_format)arguments->format;
    }
    if (*ret_format == INPUT_CSV && !is_map) {
        say_error("CSV wants --map; without it each line is an event as it is");
        return false;
    }
    return true;
}

/* NULL: said. */
static struct config *load_config(const char *path)
{
    struct config_errors errors = {0};
    struct config *config = NULL;
    if (config_load(path, &config, &errors) != 0) {
        for (size_t i = 0; i < errors.count; i++) {
            (void)fprintf(stderr, "%s\n", errors.lines[i]);
        }
    }
    config_errors_done(&errors);
    return config;
}

/* Reads the options and files. False: the error was printed. */
static bool read_history(const struct arguments *arguments, struct history *ret_history)
{
    struct mapping *mapping RD_CLEANUP(mapping_freep)
    = NULL;
    enum input_format format;
    if (!find_format(arguments, &format)) {
        return false;
    }
    if (arguments->map_path != NULL) {
        mapping = mapping_load(arguments->map_path);
        if (mapping == NULL) {
            return false;
        }
        mapping->has_sequence = false; /* the order is that of the times */
    }
    struct history_options options = {.path = arguments->input_path,
            .format = format,
            .mapping = mapping,
            .until = arguments->until,
            .has_progress = arguments->has_progress};
    return history_read(&options, ret_history);
}

/* Computes one side of the report. False: an error was printed, or the run was stopped. */
static bool run_side(const struct arguments *arguments, const char *path,
        const struct history *history, struct report *report)
{
    struct config *config RD_CLEANUP(config_freep)
    = load_config(path);
    if (config == NULL) {
        return false;
    }
    struct run_options options = {.history = history,
            .until = arguments->until,
            .has_progress = arguments->has_progress,
            .stop = &stopped_by};
    struct run run;
    bool is_good = run_history(config, &options, &run);
    if (is_good) {
        report_add(report, path, history, &run);
    }
    run_done(&run);
    return is_good;
}

static bool write_page(const struct arguments *arguments, const struct report *report)
{
    enum { LANG_ZH = 1 };
    FILE *file = fopen(arguments->html_path, "wbe");
    if (file == NULL) {
        say_error("%s: %m", arguments->html_path);
        return false;
    }
    report_print_page(report, file, arguments->lang == LANG_ZH);
    bool is_good = ferror(file) == 0;
    is_good = fclose(file) == 0 && is_good;
    if (!is_good) {
        say_error("%s: cannot be written: %m", arguments->html_path);
    }
    return is_good;
}

static enum exit_status work(const struct arguments *arguments)
{
    struct history history = {0};
    struct report report = {0};
    bool is_good = read_history(arguments, &history);
    report_begin(&report, &history);
    for (size_t i = 0; i < REPORT_SIDES_MAX && is_good; i++) {
        if (arguments->configs[i] != NULL) {
            is_good = run_side(arguments, arguments->configs[i], &history, &report);
        }
    }
    if (is_good) {
        outputs[arguments->is_json ? OUTPUT_JSON : arguments->output](&report, stdout);
        is_good = fflush(stdout) == 0;
    }
    if (is_good && arguments->html_path != NULL) {
        is_good = write_page(arguments, &report);
    }
    bool has_bad = history.bad > 0;
    report_done(&report);
    history_done(&history);
    return !is_good ? STATUS_USAGE : has_bad ? STATUS_REFUSED : STATUS_OK;
}

int main(int argc, char *argv[])
{
    struct arguments arguments = {.until = RD_TIME_NONE, .format = -1};
    /* The second one ends it at once, and leaves its folder behind. */
    struct sigaction action = {.sa_handler = on_signal, .sa_flags = (int)SA_RESETHAND};
    struct opt_set set = {.count = 0};
    char *words[2];
    opt_set_add(&set, RULES, RD_COUNT(RULES));
    enum opt_result result = opt_read(&PROGRAM, &set, argc, argv, &arguments, words);
    if (result != OPT_GOOD) {
        return result == OPT_ENDED ? STATUS_OK : STATUS_USAGE;
    }
    arguments.input_path = words[0];
    arguments.has_progress = !arguments.has_no_progress && isatty(STDERR_FILENO) == 1;
    if (arguments.configs[0] == NULL) {
        say_error("give --config; redress-backtest --help tells more");
        return STATUS_USAGE;
    }
    (void)sigaction(SIGINT, &action, NULL);
    (void)sigaction(SIGTERM, &action, NULL);
    enum exit_status status = work(&arguments);
    if (stopped_by != 0) {
        (void)signal(stopped_by, SIG_DFL);
        (void)raise(stopped_by);
    }
    return (int)status;
}
