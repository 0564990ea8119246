/* redress-backtest: what a configuration would have done with a history. redress-backtest(1). */
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "tools/backtest/report.h"
#include "tools/shared/ends.h"

static const char usage[] =
        "usage: redress-backtest --config FILE [--map MAPPING] [options] HISTORY\n"
        "\n"
        "  --config FILE         the configuration that is tried\n"
        "  --against FILE        another one, side by side\n"
        "  --map FILE            how a row becomes events (JSON), as in redress-send(1)\n"
        "  --format csv|ndjson   otherwise told by the name; \"-\" is standard input\n"
        "  --until TIME          leave off later events; fire what is due up to then\n"
        "  --output text|json|csv\n"
        "  --json                the same as --output json\n"
        "  --no-progress         no bar on a terminal\n"
        "  --help, --version\n";

static volatile sig_atomic_t stopped_by;

static void on_signal(int signal)
{
    stopped_by = signal;
}

enum option_id {
    OPTION_CONFIG = 256,
    OPTION_AGAINST,
    OPTION_MAP,
    OPTION_FORMAT,
    OPTION_UNTIL,
    OPTION_OUTPUT,
    OPTION_JSON,
    OPTION_NO_PROGRESS,
    OPTION_HELP,
    OPTION_VERSION,
};

static const struct option long_options[] = {
        {"config", required_argument, NULL, OPTION_CONFIG},
        {"against", required_argument, NULL, OPTION_AGAINST},
        {"map", required_argument, NULL, OPTION_MAP},
        {"format", required_argument, NULL, OPTION_FORMAT},
        {"until", required_argument, NULL, OPTION_UNTIL},
        {"output", required_argument, NULL, OPTION_OUTPUT},
        {"json", no_argument, NULL, OPTION_JSON},
        {"no-progress", no_argument, NULL, OPTION_NO_PROGRESS},
        {"help", no_argument, NULL, OPTION_HELP},
        {"version", no_argument, NULL, OPTION_VERSION},
        {NULL, 0, NULL, 0},
};

typedef void print_fn(const struct report *report, FILE *out);

struct arguments {
    const char *configs[REPORT_SIDES_MAX];
    const char *map_path, *format, *input_path;
    rd_time until;
    print_fn *print;
    bool has_progress, is_done;
};

static bool take_output(struct arguments *arguments, const char *name)
{
    static const struct {
        const char *name;
        print_fn *print;
    } outputs[] = {
            {"text", report_print_text}, {"json", report_print_json}, {"csv", report_print_csv}};
    for (size_t i = 0; i < RD_COUNT(outputs); i++) {
        if (strcmp(outputs[i].name, name) == 0) {
            arguments->print = outputs[i].print;
            return true;
        }
    }
    say_error("--output %.40s: give text, json or csv", name);
    return false;
}

static bool take_until(struct arguments *arguments)
{
    if (rd_time_parse(rd_str_of(optarg), &arguments->until) == 0) {
        return true;
    }
    say_error("--until %.60s: give a time with its offset, as 2016-07-01T00:00:00Z or "
              "2016-06-30T08:00:00+08:00",
            optarg);
    return false;
}

/* False: said, or getopt_long() did. */
static bool take(struct arguments *arguments, int id)
{
    switch (id) {
    case OPTION_CONFIG:
        arguments->configs[0] = optarg;
        return true;
    case OPTION_AGAINST:
        arguments->configs[1] = optarg;
        return true;
    case OPTION_MAP:
        arguments->map_path = optarg;
        return true;
    case OPTION_FORMAT:
        arguments->format = optarg;
        return true;
    case OPTION_UNTIL:
        return take_until(arguments);
    case OPTION_OUTPUT:
        return take_output(arguments, optarg);
    case OPTION_JSON:
        return take_output(arguments, "json");
    case OPTION_NO_PROGRESS:
        arguments->has_progress = false;
        return true;
    case OPTION_HELP:
        (void)fputs(usage, stdout);
        arguments->is_done = true;
        return true;
    case OPTION_VERSION:
        (void)printf("redress-backtest %s\n", REDRESS_VERSION);
        arguments->is_done = true;
        return true;
    default:
        return false;
    }
}

static bool parse(int argc, char *argv[], struct arguments *arguments)
{
    for (int id; (id = getopt_long(argc, argv, "", long_options, NULL)) >= 0;) {
        if (!take(arguments, id)) {
            return false;
        }
        if (arguments->is_done) {
            return true;
        }
    }
    if (arguments->configs[0] == NULL) {
        say_error("give --config (--help says more)");
        return false;
    }
    if (argc - optind != 1) {
        say_error("give one file of history, or - (--help says more)");
        return false;
    }
    arguments->input_path = argv[optind];
    return true;
}

/* False: said. */
static bool find_format(const struct arguments *arguments, enum input_format *ret_format)
{
    const char *name = arguments->format;
    if (name == NULL) {
        const char *dot = strrchr(arguments->input_path, '.');
        bool is_json = dot != NULL && (strcmp(dot, ".ndjson") == 0 || strcmp(dot, ".jsonl") == 0);
        name = is_json || arguments->map_path == NULL ? "ndjson" : "csv";
    }
    if (strcmp(name, "csv") != 0 && strcmp(name, "ndjson") != 0) {
        say_error("--format %.40s: give csv or ndjson", name);
        return false;
    }
    *ret_format = strcmp(name, "csv") == 0 ? INPUT_CSV : INPUT_NDJSON;
    if (*ret_format == INPUT_CSV && arguments->map_path == NULL) {
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

/* Reads what is asked for. False: said. */
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

/* One side of the report. False: said, or stopped. */
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
        arguments->print(&report, stdout);
        is_good = fflush(stdout) == 0;
    }
    bool has_bad = history.bad > 0;
    report_done(&report);
    history_done(&history);
    return !is_good ? STATUS_USAGE : has_bad ? STATUS_REFUSED : STATUS_OK;
}

int main(int argc, char *argv[])
{
    struct arguments arguments = {.until = RD_TIME_NONE,
            .print = report_print_text,
            .has_progress = isatty(STDERR_FILENO) == 1};
    /* The second one ends it at once, and leaves its folder behind. */
    struct sigaction action = {.sa_handler = on_signal, .sa_flags = (int)SA_RESETHAND};
    if (!parse(argc, argv, &arguments)) {
        return STATUS_USAGE;
    }
    if (arguments.is_done) {
        return STATUS_OK;
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
