/* redress-send: the rows of an export become events. redress-send(1). */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tools/send/draft.h"
#include "tools/send/sender.h"
#include "tools/shared/json.h"

static volatile sig_atomic_t stopped_by;

static void on_signal(int signal)
{
    stopped_by = signal;
}

struct arguments {
    struct send_options send;
    const char *map_path, *sheet, *encoding;
    int format; /* enum input_format; -1: not given */
    bool is_json, has_no_progress, is_draft;
};

enum { RATE_MAX = 10000000, WAIT_S = 30 };

#define ROW(name_, value_, kind_, member, help_)                                                   \
    .name = (name_), .value = (value_), .kind = (kind_), .help = (help_),                          \
    .offset = offsetof(struct arguments, member)

/* The words of --format stand in the order of enum input_format. */
static const struct opt_rule RULES[] = {
        {ROW("map", "FILE", OPT_FILE, map_path, "how a row becomes an event (JSON)")},
        {ROW("format", "csv|ndjson|xlsx", OPT_CHOICE, format, "what FILE is (its name tells)")},
        {ROW("draft", NULL, OPT_SWITCH, is_draft, "print a mapping for FILE, to be looked at")},
        {ROW("sheet", "NAME", OPT_TEXT, sheet, "the sheet of a workbook (the first)")},
        {ROW("encoding", "NAME", OPT_TEXT, encoding, "utf-8, gb18030, utf-16 (auto)")},
        {ROW("corrections", NULL, OPT_SWITCH, send.has_corrections,
                "what was taken before and differs now: send case.amended")},
        {ROW("state", "FILE", OPT_FILE, send.state_path,
                "keep what was taken there, and pass it over from then on")},
        {ROW("rejects", "FILE", OPT_FILE, send.rejects_path,
                "rows that were refused, with the reasons")},
        {ROW("receipts", "FILE|-", OPT_FILE, send.receipts_path,
                "every receipt as a line of JSON")},
        {ROW("check", NULL, OPT_SWITCH, send.is_check, "send nothing; tell what would be refused")},
        {ROW("window", "N", OPT_NUMBER, send.window, "events in flight (1024)"), .min = 1,
                .max = RD_PRODUCER_WINDOW_MAX},
        {ROW("batch", "N", OPT_NUMBER, send.batch, "events a message (64)"), .min = 1,
                .max = RD_PRODUCER_BATCH_MAX},
        {ROW("in-order", NULL, OPT_SWITCH, send.in_order,
                "no event overtakes another, whatever happens on the way")},
        {ROW("rate", "N", OPT_NUMBER, send.rate, "events a second at most"), .min = 1,
                .max = RATE_MAX},
        {ROW("quiet", NULL, OPT_SWITCH, send.is_quiet, "going live: state without alerts")},
        {ROW("wait", "SPAN", OPT_SPAN, send.wait_us,
                "give up after so long without an answer (30s)")},
        {ROW("json", NULL, OPT_SWITCH, is_json, "the summary as JSON")},
        {ROW("no-progress", NULL, OPT_SWITCH, has_no_progress,
                "no line of progress on a terminal")},
        ENDS_RUN(struct arguments, send.ends),
        ENDS_INTAKE(struct arguments, send.ends),
        ENDS_DESK(struct arguments, send.ends),
        ENDS_KEY(struct arguments, send.ends),
};

static const struct opt_program PROGRAM = {
        .usage = "--draft FILE > MAPPING\n--map MAPPING [OPTION…] FILE\n[OPTION…] EVENTS.ndjson",
        .about = "  FILE                   a table (.xlsx, CSV), lines of JSON, or -\n",
        .wanted = "give one file of rows, or -",
        .words_min = 1,
        .words_max = 1};

static bool find_format(struct arguments *arguments)
{
    struct send_options *send = &arguments->send;
    const char *dot = strrchr(send->input_path, '.');
    bool is_json = dot != NULL && (strcmp(dot, ".ndjson") == 0 || strcmp(dot, ".jsonl") == 0);
    bool is_map = arguments->map_path != NULL;
    send->format = is_json || !is_map ? INPUT_NDJSON : INPUT_CSV;
    if (arguments->format >= 0) {
        send->format = (enum input_format)arguments->format;
    }
    if (!is_map && (send->format == INPUT_CSV || send->is_quiet)) {
        say_error("CSV, and --quiet, want --map; without it each line is an event as it is");
        return false;
    }
    return true;
}

/* What the command line says of the file, over what the mapping says. */
static bool override(const struct arguments *arguments, struct mapping *mapping)
{
    mapping->sheet = arguments->sheet != NULL ? arguments->sheet : mapping->sheet;
    if (arguments->encoding != NULL &&
            encoding_parse(arguments->encoding, &mapping->encoding) < 0) {
        say_error("--encoding: give auto, utf-8, gb18030 or utf-16");
        return false;
    }
    return true;
}

/* A row whose id is its place has another one's in a file of rejects, or below newer rows. False:
 * said, and its corrections would be of other cases. */
static bool check_places(const struct send_options *send)
{
    const char *key = send->mapping != NULL ? mapping_place_key(send->mapping) : NULL;
    if (key == NULL) {
        return true;
    }
    if (send->has_corrections) {
        say_error(
                "--corrections: event.%s of the mapping is made of {row} or {line}, a place in the "
                "file: what stands there now may be another complaint than what was sent. Make it "
                "of a column in which each row has a number of its own",
                key);
        return false;
    }
    if (send->state_path != NULL || send->rejects_path != NULL) {
        say_error("event.%s of the mapping is the row's place in the file: rows that move, as in a "
                  "file of rejects or below newer ones, conflict with those that stood there",
                key);
    }
    return true;
}

static void tell_of_numbers(const struct send_options *send)
{
    bool has_numbers = send->mapping != NULL && send->mapping->has_sequence;
    if (has_numbers && send->state_path == NULL && !send->is_check) {
        say_error("the mapping has \"sequence\": without --state the numbers begin at 1 in each "
                  "run, so that a second file of the source is refused");
    }
}

static uint64_t settled_of(const struct send_tally *tally)
{
    return tally->accepted + tally->duplicate + tally->rejected + tally->bad + tally->known +
           input_passed_sum(&tally->passed);
}

static void print_json(const struct send_tally *tally, bool is_check)
{
    json_t *object = json_pack("{s:I,s:I,s:I,s:I,s:I,s:I,s:I,s:I}", "rows", (json_int_t)tally->rows,
            is_check ? "good" : "accepted", (json_int_t)tally->accepted, "duplicate",
            (json_int_t)tally->duplicate, "rejected", (json_int_t)tally->rejected, "bad",
            (json_int_t)tally->bad, "passed_over",
            (json_int_t)(tally->known + input_passed_sum(&tally->passed)), "warned",
            (json_int_t)tally->warned, "row", (json_int_t)tally->mark.row);
    (void)json_object_update_new(object,
            json_pack("{s:I,s:I,s:I,s:I,s:I,s:I,s:I,s:I,s:I}", "known", (json_int_t)tally->known,
                    "empty", (json_int_t)tally->passed.empty, "totals",
                    (json_int_t)tally->passed.totals, "headers", (json_int_t)tally->passed.headers,
                    "differing", (json_int_t)tally->differing, "corrected",
                    (json_int_t)tally->corrected, "busy", (json_int_t)tally->counts.busy, "retried",
                    (json_int_t)tally->counts.retried, "unanswered",
                    (json_int_t)(tally->rows - settled_of(tally))));
    json_print(stdout, object, false);
}

static void print_passed(const struct send_tally *tally)
{
    uint64_t passed = tally->known + input_passed_sum(&tally->passed);
    if (passed > 0) {
        (void)printf(", %" PRIu64 " passed over (%" PRIu64 " taken before, %" PRIu64
                     " empty, %" PRIu64 " of totals, %" PRIu64 " headers)",
                passed, tally->known, tally->passed.empty, tally->passed.totals,
                tally->passed.headers);
    }
}

static void print_differing(const struct arguments *arguments, const struct send_tally *tally)
{
    const struct mapping *mapping = arguments->send.mapping;
    const char *key = mapping != NULL ? mapping_place_key(mapping) : NULL;
    (void)printf("%" PRIu64 " of the refused were taken before and say something else now: ",
            tally->differing);
    if (key != NULL) {
        (void)printf(
                "their \"%s\" is the row's place in the file, which another row had then; give "
                "rows a number of their own\n",
                key);
    } else {
        (void)printf("--corrections sends that as case.amended\n");
    }
}

static void print_tally(const struct arguments *arguments, const struct send_tally *tally)
{
    uint64_t refused = tally->rejected + tally->bad;
    if (arguments->is_json) {
        print_json(tally, arguments->send.is_check);
        return;
    }
    if (arguments->send.is_check) {
        (void)printf("%" PRIu64 " rows: %" PRIu64 " good, %" PRIu64 " not", tally->rows,
                tally->accepted, refused);
        print_passed(tally);
        (void)printf("\n");
        return;
    }
    (void)printf("%" PRIu64 " rows: %" PRIu64 " accepted, %" PRIu64 " duplicate, %" PRIu64
                 " refused (%" PRIu64 " before sending), %" PRIu64 " with a warning",
            tally->rows, tally->accepted, tally->duplicate, refused, tally->bad, tally->warned);
    print_passed(tally);
    if (tally->rows > settled_of(tally)) {
        (void)printf(", %" PRIu64 " without an answer: send them again",
                tally->rows - settled_of(tally));
    }
    (void)printf("\n");
    if (tally->differing > 0) {
        print_differing(arguments, tally);
    }
    if (tally->corrected > 0) {
        (void)printf("%" PRIu64 " of the accepted are corrections\n", tally->corrected);
    }
}

int main(int argc, char *argv[])
{
    static struct arguments arguments;
    /* The second one ends it at once. */
    struct sigaction action = {.sa_handler = on_signal, .sa_flags = (int)SA_RESETHAND};
    struct opt_set set = {.count = 0};
    char *words[2];
    arguments.format = -1;
    arguments.send.window = RD_PRODUCER_WINDOW_DEFAULT;
    arguments.send.batch = RD_PRODUCER_BATCH_DEFAULT;
    arguments.send.wait_us = WAIT_S * RD_SECOND_US;
    arguments.send.signal = &stopped_by;
    opt_set_add(&set, RULES, RD_COUNT(RULES));
    if (!ends_init(&arguments.send.ends)) {
        return STATUS_USAGE;
    }
    enum opt_result result = opt_read(&PROGRAM, &set, argc, argv, &arguments, words);
    if (result != OPT_GOOD) {
        return result == OPT_ENDED ? STATUS_OK : STATUS_USAGE;
    }
    arguments.send.input_path = words[0];
    arguments.send.has_progress = !arguments.has_no_progress && isatty(STDERR_FILENO) == 1;
    if (arguments.is_draft) {
        return send_draft(&arguments.send.ends, arguments.send.input_path, arguments.sheet,
                arguments.encoding);
    }
    if (!find_format(&arguments)) {
        return STATUS_USAGE;
    }
    struct mapping *mapping RD_CLEANUP(mapping_freep)
    = NULL;
    if (arguments.map_path != NULL) {
        mapping = mapping_load(arguments.map_path);
        if (mapping == NULL || !override(&arguments, mapping)) {
            return STATUS_USAGE;
        }
        arguments.send.mapping = mapping;
    }
    if (!check_places(&arguments.send)) {
        return STATUS_USAGE;
    }
    tell_of_numbers(&arguments.send);
    (void)sigaction(SIGINT, &action, NULL);
    (void)sigaction(SIGTERM, &action, NULL);
    struct send_tally tally;
    int status = arguments.send.is_check ? send_check(&arguments.send, &tally)
                                         : send_run(&arguments.send, &tally);
    if (tally.has_begun) { /* what was taken is told, however it ended */
        RD_ASSERT(!tally.is_whole || tally.rows == settled_of(&tally));
        print_tally(&arguments, &tally);
    }
    if (stopped_by != 0) { /* what is settled is kept; the caller learns why it ended */
        (void)fflush(stdout);
        (void)signal(stopped_by, SIG_DFL);
        (void)raise(stopped_by);
    }
    return status;
}
