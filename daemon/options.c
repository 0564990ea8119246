#include "daemon/options.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "common/base/num.h"

const char options_usage[] =
        "usage: redressd [--config FILE] [--state DIR] [--clock real|events[:RATE]]\n"
        "                [--log auto|stderr|syslog] [--log-level "
        "err|warning|notice|info|debug]\n"
        "       redressd [--config FILE] [--state DIR] --recover | --new-state\n"
        "       redressd [--config FILE] --check-config | --print-config\n"
        "       redressd --reload PID\n"
        "       redressd --version | --help\n";

enum option_id {
    OPTION_CONFIG = 256,
    OPTION_STATE,
    OPTION_CLOCK,
    OPTION_LOG,
    OPTION_LOG_LEVEL,
    OPTION_CHECK,
    OPTION_PRINT,
    OPTION_RELOAD,
    OPTION_RECOVER,
    OPTION_NEW_STATE,
    OPTION_VERSION,
    OPTION_HELP,
};

static const struct option long_options[] = {
        {"config", required_argument, NULL, OPTION_CONFIG},
        {"state", required_argument, NULL, OPTION_STATE},
        {"clock", required_argument, NULL, OPTION_CLOCK},
        {"log", required_argument, NULL, OPTION_LOG},
        {"log-level", required_argument, NULL, OPTION_LOG_LEVEL},
        {"check-config", no_argument, NULL, OPTION_CHECK},
        {"check", no_argument, NULL, OPTION_CHECK},
        {"print-config", no_argument, NULL, OPTION_PRINT},
        {"recover", no_argument, NULL, OPTION_RECOVER},
        {"new-state", no_argument, NULL, OPTION_NEW_STATE},
        {"reload", required_argument, NULL, OPTION_RELOAD},
        {"version", no_argument, NULL, OPTION_VERSION},
        {"help", no_argument, NULL, OPTION_HELP},
        {NULL, 0, NULL, 0},
};

enum { CLOCK_RATE_MAX = 1000000 };

static int parse_clock(const char *text, struct options *options, char ret_what[static 256])
{
    uint64_t rate = 0;
    struct rd_str rest = rd_str_of(text);
    if (strcmp(text, "real") == 0) {
        options->clock_mode = CLOCK_REAL;
        return 0;
    }
    options->clock_mode = CLOCK_EVENTS;
    if (strcmp(text, "events") == 0) {
        options->clock_rate = 0;
        return 0;
    }
    if (rd_str_starts(rest, RD_STR("events:"))) {
        rest.ptr += 7;
        rest.len -= 7;
        if (rd_u64_parse(rest, &rate) == 0 && rate >= 1 && rate <= CLOCK_RATE_MAX) {
            options->clock_rate = (uint32_t)rate;
            return 0;
        }
    }
    (void)snprintf(ret_what, 256,
            "--clock %.60s: give real, events, or events:RATE with 1 to 1000000 seconds a second",
            text);
    return -EINVAL;
}

/* The index of `text` in `names`, or -EINVAL. */
static int find_name(const char *const *names, size_t count, const char *text)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(names[i], text) == 0) {
            return (int)i;
        }
    }
    return -EINVAL;
}

static int parse_log(const char *text, struct options *options, char ret_what[static 256])
{
    static const char *const names[] = {"auto", "stderr", "syslog"};
    int index = find_name(names, RD_COUNT(names), text);
    if (index < 0) {
        (void)snprintf(ret_what, 256, "--log %.60s: give auto, stderr or syslog", text);
        return -EINVAL;
    }
    options->log_target = (enum log_target)index;
    return 0;
}

static int parse_level(const char *text, struct options *options, char ret_what[static 256])
{
    static const char *const names[] = {"err", "warning", "notice", "info", "debug"};
    int index = find_name(names, RD_COUNT(names), text);
    if (index < 0) {
        (void)snprintf(
                ret_what, 256, "--log-level %.60s: give err, warning, notice, info or debug", text);
        return -EINVAL;
    }
    options->log_level = (enum log_level)index;
    return 0;
}

static int parse_pid(const char *text, struct options *options, char ret_what[static 256])
{
    uint64_t pid = 0;
    if (rd_u64_parse(rd_str_of(text), &pid) < 0 || pid == 0 || pid > INT32_MAX) {
        (void)snprintf(ret_what, 256, "--reload %.60s: give the number of a process", text);
        return -EINVAL;
    }
    options->action = OPTIONS_RELOAD;
    options->reload_pid = pid;
    return 0;
}

static int take(int id, const char *value, const char *word, struct options *options,
        char ret_what[static 256])
{
    switch (id) {
    case OPTION_CONFIG:
        options->config_path = value;
        return 0;
    case OPTION_STATE:
        options->state_dir = value;
        return 0;
    case OPTION_CLOCK:
        return parse_clock(value, options, ret_what);
    case OPTION_LOG:
        return parse_log(value, options, ret_what);
    case OPTION_LOG_LEVEL:
        return parse_level(value, options, ret_what);
    case OPTION_CHECK:
        options->action = OPTIONS_CHECK_CONFIG;
        return 0;
    case OPTION_PRINT:
        options->action = OPTIONS_PRINT_CONFIG;
        return 0;
    case OPTION_RECOVER:
        options->is_recovery = true;
        return 0;
    case OPTION_NEW_STATE:
        options->is_new_state = true;
        return 0;
    case OPTION_RELOAD:
        return parse_pid(value, options, ret_what);
    case OPTION_VERSION:
        options->action = OPTIONS_VERSION;
        return 0;
    case OPTION_HELP:
        options->action = OPTIONS_HELP;
        return 0;
    case ':':
        (void)snprintf(ret_what, 256, "%.60s: its value is missing", word);
        return -EINVAL;
    default:
        (void)snprintf(ret_what, 256, "%.60s: there is no such option", word);
        return -EINVAL;
    }
}

int options_parse(
        int argc, char *const argv[], struct options *ret_options, char ret_what[static 256])
{
    struct options options = {
            .config_path = REDRESS_ETC_DIR "/redress.yaml", .log_level = LOG_LEVEL_INFO};
    optind = 0; /* from the start, whatever parsed before */
    for (;;) {
        int id = getopt_long(argc, argv, ":", long_options, NULL);
        if (id < 0) {
            break;
        }
        const char *word = optind >= 1 && optind <= argc ? argv[optind - 1] : "";
        int r = take(id, optarg, word, &options, ret_what);
        if (r < 0) {
            return r;
        }
    }
    if (optind < argc) {
        (void)snprintf(ret_what, 256, "%.60s: redressd takes options only", argv[optind]);
        return -EINVAL;
    }
    if (options.is_recovery && options.is_new_state) {
        (void)snprintf(ret_what, 256,
                "--recover keeps the state that there is, --new-state makes one: give one of them");
        return -EINVAL;
    }
    *ret_options = options;
    return 0;
}
