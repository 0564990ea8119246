/* redress-sub: the alerts of a unit and all below it. redress-sub(1). */
#include <stdio.h>
#include <string.h>

#include "tools/shared/live.h"
#include "tools/sub/watcher.h"

static volatile sig_atomic_t stopped_by;

static void on_signal(int signal)
{
    stopped_by = signal;
}

static bool take_type(const struct opt_rule *rule, const char *text, void *slot)
{
    enum rd_alert_type type;
    char room[OPT_HINT_MAX];
    if (rd_alert_type_parse(rd_str_of(text), &type) == 0) {
        *(const char **)slot = text;
        return true;
    }
    struct rd_nearest nearest = rd_nearest_of(rd_str_of(text));
    for (unsigned i = 0; i < RD_ALERT_TYPE_COUNT; i++) {
        rd_nearest_try(&nearest, rd_str_of(rd_alert_type_name((enum rd_alert_type)i)));
    }
    say_error("--%s %.60s: there is no such alert%s", rule->name, text, opt_hint(&nearest, room));
    return false;
}

enum { TRIES_MAX = 1000000, EXIT_MAX = 255, TRIES = 5 };
#define COMMAND_US (60 * RD_SECOND_US)

#define ROW(name_, value_, kind_, member, help_)                                                   \
    .name = (name_), .value = (value_), .kind = (kind_), .help = (help_),                          \
    .offset = offsetof(struct sub_options, member)

/* The words of --severity stand in the order of enum rd_severity. */
static const struct opt_rule RULES[] = {
        {ROW("json", NULL, OPT_SWITCH, is_json, "a line of JSON for each alert")},
        {ROW("exec", "COMMAND", OPT_TEXT, command,
                "run it for each alert, which it reads as JSON")},
        {ROW("tries", "N", OPT_NUMBER, tries, "how often, before it is given up (5)"), .min = 1,
                .max = TRIES_MAX},
        {ROW("command-timeout", "SPAN", OPT_SPAN, command_us,
                "how long a command may take before it is ended (60s)")},
        {ROW("cursor", "FILE", OPT_FILE, cursor_path,
                "keep there what was had, and go on after it")},
        {ROW("from", "now|start|SEQ", OPT_TEXT, from,
                "where to begin without a cursor file (now)")},
        {ROW("severity", "info|warning|high|critical", OPT_CHOICE, severity, "these and above")},
        {ROW("type", "TYPE", OPT_TEXT, type, "alerts of this type only"), .take = take_type},
        {ROW("ack-by", "NAME", OPT_TEXT, ack_by, "acknowledge what asks for it, in this name …")},
        {ROW("ack-on-exit", "STATUS", OPT_NUMBER, ack_status,
                 "… when the command ended with this status"),
                .max = EXIT_MAX},
        {ROW("on-silence", "COMMAND", OPT_TEXT, on_silence,
                "run it when the heartbeat stays away, and when it is back")},
        {ROW("count", "N", OPT_NUMBER, count, "end after so many alerts"), .min = 1,
                .max = INT64_MAX},
        {ROW("until-seq", "SEQ", OPT_NUMBER, until_seq, "end when all up to this number is had"),
                .min = 1, .max = INT64_MAX},
        {ROW("for", "SPAN", OPT_SPAN, for_us, "end after so long")},
        ENDS_RUN(struct sub_options, ends),
        ENDS_INTAKE(struct sub_options, ends),
        ENDS_FEED(struct sub_options, ends),
        ENDS_DESK(struct sub_options, ends),
        ENDS_KEY(struct sub_options, ends),
};

static void complete(const void *into, bool is_unit)
{
    const struct sub_options *options = into;
    (void)is_unit; /* its only word is one */
    live_print_units(options->ends.desk);
}

static const struct opt_program PROGRAM = {.usage = "[OPTION…] [UNIT]",
        .about = "  UNIT                   a path such as xj/urumqi, with all below it; ~ops: the\n"
                 "                         operators' own; without it: all that may be seen\n",
        .wanted = "give at most one unit",
        .words_max = 1,
        .complete = complete};

static bool check(struct sub_options *options)
{
    bool has_ack = options->ack_by != NULL;
    options->has_ack_status = options->ack_status <= EXIT_MAX;
    if (has_ack != options->has_ack_status || (has_ack && options->command == NULL)) {
        say_error("--ack-by, --ack-on-exit and --exec go together: nobody else has seen the alert");
        return false;
    }
    if (options->unit != NULL && strlen(options->unit) >= RD_UNIT_PATH_MAX) {
        say_error("%.60s…: too long for a unit", options->unit);
        return false;
    }
    return true;
}

int main(int argc, char *argv[])
{
    static struct sub_options options = {
            .tries = TRIES, .ack_status = UINT64_MAX, .command_us = COMMAND_US};
    /* The second one ends it at once. */
    struct sigaction action = {.sa_handler = on_signal, .sa_flags = (int)SA_RESETHAND};
    struct opt_set set = {.count = 0};
    char *words[2];
    options.signal = &stopped_by;
    opt_set_add(&set, RULES, RD_COUNT(RULES));
    if (!ends_init(&options.ends)) {
        return STATUS_USAGE;
    }
    enum opt_result result = opt_read(&PROGRAM, &set, argc, argv, &options, words);
    if (result != OPT_GOOD) {
        return result == OPT_ENDED ? STATUS_OK : STATUS_USAGE;
    }
    options.unit = words[0];
    if (!check(&options)) {
        return STATUS_USAGE;
    }
    (void)sigaction(SIGINT, &action, NULL);
    (void)sigaction(SIGTERM, &action, NULL);
    (void)signal(SIGPIPE, SIG_IGN);
    return sub_run(&options);
}
