/* daemon/options.h — the command line of redressd(8). */
#pragma once

#include "daemon/clock.h"
#include "daemon/log.h"

enum options_action {
    OPTIONS_RUN,
    OPTIONS_CHECK_CONFIG,
    OPTIONS_PRINT_CONFIG,
    OPTIONS_RELOAD,
    OPTIONS_VERSION,
    OPTIONS_HELP,
};

struct options {
    enum options_action action;
    const char *config_path;
    const char *state_dir;   /* NULL: as configured */
    const char *runtime_dir; /* $RUNTIME_DIRECTORY; NULL: not set. Not read by options_parse() */
    uint64_t reload_pid;     /* OPTIONS_RELOAD: whom to tell */
    const char *cache_dir;   /* $CACHE_DIRECTORY, as above */
    bool is_recovery;        /* make the store anew of snapshot and journal, and end */
    bool is_new_state;       /* make a state in an empty folder, and end */
    enum clock_mode clock_mode;
    uint32_t clock_rate; /* with CLOCK_EVENTS; 0: events alone */
    enum log_target log_target;
    enum log_level log_level;
};

/* 0; -EINVAL: ret_what says what to mend (redressd then exits with EX_USAGE). Texts are borrowed
 * from argv. */
RD_MUST_USE int options_parse(
        int argc, char *const argv[], struct options *ret_options, char ret_what[static 256]);
extern const char options_usage[];
