/* redress-sub: the alerts of a unit and all below it. redress-sub(1). */
#include <stdio.h>
#include <string.h>

#include "tools/sub/watcher.h"

static const char usage[] =
        "usage: redress-sub [options] [UNIT]\n"
        "\n"
        "  UNIT                  a path such as xj/urumqi, with all below it; ~ops; without: all\n"
        "  --json                a line of JSON for each alert\n"
        "  --exec COMMAND        run it for each alert, which it reads as JSON\n"
        "  --tries N             how often, before it is given up (5)\n"
        "  --cursor FILE         keep there what was had, and go on behind it\n"
        "  --from now|start|SEQ  where to begin without a cursor file (now)\n"
        "  --severity LEVEL      info, warning, high or critical, and above\n"
        "  --type TYPE           alerts of this type only\n"
        "  --ack-by NAME         acknowledge what asks for it, in this name …\n"
        "  --ack-on-exit 0       … when the command ended with this status\n"
        "  --on-silence COMMAND  run it when the heartbeat stays away, and when it is back\n"
        "  --count N             end after so many alerts\n"
        "  --until-seq SEQ       end when all up to this number is had\n"
        "  --for TIME            end after so long\n" ENDS_USAGE;

static volatile sig_atomic_t stopped_by;

static void on_signal(int signal)
{
    stopped_by = signal;
}

enum option_id {
    OPTION_JSON = 256,
    OPTION_EXEC,
    OPTION_TRIES,
    OPTION_CURSOR,
    OPTION_FROM,
    OPTION_SEVERITY,
    OPTION_TYPE,
    OPTION_ACK_BY,
    OPTION_ACK_ON_EXIT,
    OPTION_ON_SILENCE,
    OPTION_COUNT,
    OPTION_UNTIL,
    OPTION_FOR,
};

static const struct option long_options[] = {
        {"json", no_argument, NULL, OPTION_JSON},
        {"exec", required_argument, NULL, OPTION_EXEC},
        {"tries", required_argument, NULL, OPTION_TRIES},
        {"cursor", required_argument, NULL, OPTION_CURSOR},
        {"from", required_argument, NULL, OPTION_FROM},
        {"severity", required_argument, NULL, OPTION_SEVERITY},
        {"type", required_argument, NULL, OPTION_TYPE},
        {"ack-by", required_argument, NULL, OPTION_ACK_BY},
        {"ack-on-exit", required_argument, NULL, OPTION_ACK_ON_EXIT},
        {"on-silence", required_argument, NULL, OPTION_ON_SILENCE},
        {"count", required_argument, NULL, OPTION_COUNT},
        {"until-seq", required_argument, NULL, OPTION_UNTIL},
        {"for", required_argument, NULL, OPTION_FOR},
        ENDS_OPTIONS,
        {NULL, 0, NULL, 0},
};

static bool take_type(struct sub_options *options)
{
    enum rd_alert_type type;
    if (rd_alert_type_parse(rd_str_of(optarg), &type) < 0) {
        say_error("--type %.60s: there is no such alert", optarg);
        return false;
    }
    options->type = optarg;
    return true;
}

static bool take_severity(struct sub_options *options)
{
    if (rd_severity_parse(rd_str_of(optarg), &options->severity) < 0) {
        say_error("--severity %.40s: give info, warning, high or critical", optarg);
        return false;
    }
    return true;
}

static bool take(struct sub_options *options, int id)
{
    enum { TRIES_MAX = 1000000, STATUS_MAX = 255 };
    switch (id) {
    case OPTION_JSON:
        options->is_json = true;
        return true;
    case OPTION_EXEC:
        options->command = optarg;
        return true;
    case OPTION_TRIES:
        return take_number("tries", optarg, 1, TRIES_MAX, &options->tries);
    case OPTION_CURSOR:
        options->cursor_path = optarg;
        return true;
    case OPTION_FROM:
        options->from = optarg;
        return true;
    case OPTION_SEVERITY:
        return take_severity(options);
    case OPTION_TYPE:
        return take_type(options);
    case OPTION_ACK_BY:
        options->ack_by = optarg;
        return true;
    case OPTION_ACK_ON_EXIT:
        options->has_ack_status = true;
        return take_number("ack-on-exit", optarg, 0, STATUS_MAX, &options->ack_status);
    case OPTION_ON_SILENCE:
        options->on_silence = optarg;
        return true;
    case OPTION_COUNT:
        return take_number("count", optarg, 1, INT64_MAX, &options->count);
    case OPTION_UNTIL:
        return take_number("until-seq", optarg, 1, INT64_MAX, &options->until_seq);
    case OPTION_FOR:
        return take_span("for", optarg, &options->for_us);
    default:
        return ends_take(&options->ends, id, optarg) == 1; /* getopt_long() said the rest */
    }
}

static bool check(const struct sub_options *options)
{
    bool has_ack = options->ack_by != NULL;
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
    static struct sub_options options;
    /* The second one ends it at once. */
    struct sigaction action = {.sa_handler = on_signal, .sa_flags = (int)SA_RESETHAND};
    ends_init(&options.ends);
    options.tries = 5;
    options.signal = &stopped_by;
    for (int id; (id = getopt_long(argc, argv, "", long_options, NULL)) >= 0;) {
        if (id == ENDS_HELP) {
            (void)fputs(usage, stdout);
            return STATUS_OK;
        }
        if (id == ENDS_VERSION) {
            (void)printf("redress-sub %s\n", REDRESS_VERSION);
            return STATUS_OK;
        }
        if (!take(&options, id)) {
            return STATUS_USAGE;
        }
    }
    if (argc - optind > 1) {
        say_error("give at most one unit (--help says more)");
        return STATUS_USAGE;
    }
    options.unit = optind < argc ? argv[optind] : NULL;
    if (!check(&options)) {
        return STATUS_USAGE;
    }
    (void)sigaction(SIGINT, &action, NULL);
    (void)sigaction(SIGTERM, &action, NULL);
    (void)signal(SIGPIPE, SIG_IGN);
    return sub_run(&options);
}
