/* redress-send: the rows of an export become events. redress-send(1). */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tools/send/sender.h"
#include "tools/shared/json.h"

static const char usage[] =
        "usage: redress-send --map MAPPING [options] FILE\n"
        "       redress-send [options] EVENTS.ndjson\n"
        "\n"
        "  --map FILE            how a row becomes an event (JSON)\n"
        "  --format csv|ndjson   otherwise told by the name; \"-\" is standard input\n"
        "  --state FILE          keep the last row settled there, and go on behind it\n"
        "  --rejects FILE        rows that were refused, with the reasons\n"
        "  --receipts FILE       every receipt as a line of JSON; \"-\": standard output\n"
        "  --check               send nothing; say what would be refused\n"
        "  --window N            events in flight (1024)\n"
        "  --batch N             events a message (64)\n"
        "  --rate N              events a second at most\n"
        "  --quiet               going live: state without alerts\n"
        "  --wait TIME           give up after so long without an answer (30s)\n"
        "  --json                the summary as JSON\n"
        "  --no-progress         no line of progress on a terminal\n" ENDS_USAGE;

static volatile sig_atomic_t stopped_by;

static void on_signal(int signal)
{
    stopped_by = signal;
}

enum option_id {
    OPTION_MAP = 256,
    OPTION_FORMAT,
    OPTION_STATE,
    OPTION_REJECTS,
    OPTION_RECEIPTS,
    OPTION_CHECK,
    OPTION_WINDOW,
    OPTION_BATCH,
    OPTION_RATE,
    OPTION_QUIET,
    OPTION_WAIT,
    OPTION_JSON,
    OPTION_NO_PROGRESS,
};

static const struct option long_options[] = {
        {"map", required_argument, NULL, OPTION_MAP},
        {"format", required_argument, NULL, OPTION_FORMAT},
        {"state", required_argument, NULL, OPTION_STATE},
        {"rejects", required_argument, NULL, OPTION_REJECTS},
        {"receipts", required_argument, NULL, OPTION_RECEIPTS},
        {"check", no_argument, NULL, OPTION_CHECK},
        {"window", required_argument, NULL, OPTION_WINDOW},
        {"batch", required_argument, NULL, OPTION_BATCH},
        {"rate", required_argument, NULL, OPTION_RATE},
        {"quiet", no_argument, NULL, OPTION_QUIET},
        {"wait", required_argument, NULL, OPTION_WAIT},
        {"json", no_argument, NULL, OPTION_JSON},
        {"no-progress", no_argument, NULL, OPTION_NO_PROGRESS},
        ENDS_OPTIONS,
        {NULL, 0, NULL, 0},
};

struct arguments {
    struct send_options send;
    const char *map_path, *format;
    bool is_json, is_done;
};

static bool take_amount(struct arguments *arguments, int id)
{
    struct send_options *send = &arguments->send;
    switch (id) {
    case OPTION_WINDOW:
        return take_number("window", optarg, 1, RD_PRODUCER_WINDOW_MAX, &send->window);
    case OPTION_BATCH:
        return take_number("batch", optarg, 1, RD_PRODUCER_BATCH_MAX, &send->batch);
    case OPTION_RATE:
        return take_number("rate", optarg, 1, 10000000, &send->rate);
    default:
        return take_span("wait", optarg, &send->wait_us);
    }
}

/* False: said. */
static bool take(struct arguments *arguments, int id)
{
    struct send_options *send = &arguments->send;
    switch (id) {
    case OPTION_MAP:
        arguments->map_path = optarg;
        return true;
    case OPTION_FORMAT:
        arguments->format = optarg;
        return true;
    case OPTION_STATE:
        send->state_path = optarg;
        return true;
    case OPTION_REJECTS:
        send->rejects_path = optarg;
        return true;
    case OPTION_RECEIPTS:
        send->receipts_path = optarg;
        return true;
    case OPTION_CHECK:
        send->is_check = true;
        return true;
    case OPTION_QUIET:
        send->is_quiet = true;
        return true;
    case OPTION_JSON:
        arguments->is_json = true;
        return true;
    case OPTION_NO_PROGRESS:
        send->has_progress = false;
        return true;
    case OPTION_WINDOW:
    case OPTION_BATCH:
    case OPTION_RATE:
    case OPTION_WAIT:
        return take_amount(arguments, id);
    case ENDS_HELP:
        (void)fputs(usage, stdout);
        arguments->is_done = true;
        return true;
    case ENDS_VERSION:
        (void)printf("redress-send %s\n", REDRESS_VERSION);
        arguments->is_done = true;
        return true;
    default:
        return ends_take(&send->ends, id, optarg) == 1; /* getopt_long() said the rest */
    }
}

static bool find_format(struct arguments *arguments)
{
    const char *name = arguments->format;
    if (name == NULL) {
        const char *dot = strrchr(arguments->send.input_path, '.');
        bool is_json = dot != NULL && (strcmp(dot, ".ndjson") == 0 || strcmp(dot, ".jsonl") == 0);
        name = is_json || arguments->map_path == NULL ? "ndjson" : "csv";
    }
    if (strcmp(name, "csv") != 0 && strcmp(name, "ndjson") != 0) {
        say_error("--format %.40s: give csv or ndjson", name);
        return false;
    }
    arguments->send.format = strcmp(name, "csv") == 0 ? INPUT_CSV : INPUT_NDJSON;
    if (arguments->map_path == NULL &&
            (arguments->send.format == INPUT_CSV || arguments->send.is_quiet)) {
        say_error("CSV, and --quiet, want --map; without it each line is an event as it is");
        return false;
    }
    return true;
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
    if (argc - optind != 1) {
        say_error("give one file of rows, or - (--help says more)");
        return false;
    }
    arguments->send.input_path = argv[optind];
    return find_format(arguments);
}

static void print_tally(const struct send_tally *tally, bool is_json, bool is_check)
{
    uint64_t refused = tally->rejected + tally->bad;
    if (is_json) {
        json_print(stdout,
                json_pack("{s:I,s:I,s:I,s:I,s:I,s:I,s:I,s:I,s:I}", "rows", (json_int_t)tally->rows,
                        is_check ? "good" : "accepted", (json_int_t)tally->accepted, "duplicate",
                        (json_int_t)tally->duplicate, "rejected", (json_int_t)tally->rejected,
                        "bad", (json_int_t)tally->bad, "warned", (json_int_t)tally->warned, "busy",
                        (json_int_t)tally->counts.busy, "retried",
                        (json_int_t)tally->counts.retried, "row", (json_int_t)tally->mark.row),
                false);
        return;
    }
    if (is_check) {
        (void)printf("%" PRIu64 " rows: %" PRIu64 " good, %" PRIu64 " not\n", tally->rows,
                tally->accepted, refused);
        return;
    }
    (void)printf("%" PRIu64 " rows: %" PRIu64 " accepted, %" PRIu64 " duplicate, %" PRIu64
                 " refused (%" PRIu64 " before sending), %" PRIu64 " with a warning\n",
            tally->rows, tally->accepted, tally->duplicate, refused, tally->bad, tally->warned);
}

int main(int argc, char *argv[])
{
    static struct arguments arguments;
    /* The second one ends it at once. */
    struct sigaction action = {.sa_handler = on_signal, .sa_flags = (int)SA_RESETHAND};
    ends_init(&arguments.send.ends);
    arguments.send.window = RD_PRODUCER_WINDOW_DEFAULT;
    arguments.send.batch = RD_PRODUCER_BATCH_DEFAULT;
    arguments.send.wait_us = 30 * RD_SECOND_US;
    arguments.send.signal = &stopped_by;
    arguments.send.has_progress = isatty(STDERR_FILENO) == 1;
    if (!parse(argc, argv, &arguments)) {
        return STATUS_USAGE;
    }
    if (arguments.is_done) {
        return STATUS_OK;
    }
    struct mapping *mapping RD_CLEANUP(mapping_freep)
    = NULL;
    if (arguments.map_path != NULL) {
        mapping = mapping_load(arguments.map_path);
        if (mapping == NULL) {
            return STATUS_USAGE;
        }
        arguments.send.mapping = mapping;
    }
    (void)sigaction(SIGINT, &action, NULL);
    (void)sigaction(SIGTERM, &action, NULL);
    struct send_tally tally;
    int status = arguments.send.is_check ? send_check(&arguments.send, &tally)
                                         : send_run(&arguments.send, &tally);
    if (status != STATUS_USAGE) {
        print_tally(&tally, arguments.is_json, arguments.send.is_check);
    }
    if (stopped_by != 0) { /* what is settled is kept; the caller learns why it ended */
        (void)fflush(stdout);
        (void)signal(stopped_by, SIG_DFL);
        (void)raise(stopped_by);
    }
    return status;
}
