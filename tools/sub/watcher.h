/* tools/sub/watcher.h — the run of redress-sub: alerts to the screen or to a command. */
#pragma once

#include <signal.h>

#include "common/client/subscriber.h"
#include "tools/shared/ends.h"

struct sub_options {
    struct ends ends;
    const char *unit;        /* NULL: all */
    const char *cursor_path; /* NULL: none is kept */
    const char *from;        /* NULL, "now", "start" or a number */
    const char *command, *on_silence;
    const char *ack_by;
    uint64_t ack_status; /* UINT64_MAX: not given */
    bool has_ack_status, is_json;
    enum rd_severity severity; /* at least */
    const char *type;          /* NULL: all */
    uint64_t count, until_seq, tries;
    int64_t for_us;     /* 0: without end */
    int64_t command_us; /* how long a command may take */
    const volatile sig_atomic_t *signal;
};

/* An exit status; what went wrong is said. */
int sub_run(const struct sub_options *options);

/* One line for a person. */
void show_alert(const struct rd_alert *alert, bool has_colour);

/* Makes this process the parent of whatever a command leaves behind, so that it can be ended with
 * the command. Once, before the first one. 0 or -errno. */
RD_MUST_USE int command_adopt(void);
/* Runs `command` by sh with the alert as JSON on its standard input, and REDRESS_SEQ, _UNIT, _TYPE
 * and _SEVERITY in its environment. Its exit status (128 + the signal); -ETIMEDOUT: it was ended
 * after timeout_us, with all of its process group; -errno. */
RD_MUST_USE int command_run(
        const char *command, const struct rd_alert *alert, rd_node map, int64_t timeout_us);
/* The same without an alert; "silent" or "heard" in REDRESS_FEED. */
RD_MUST_USE int command_tell(const char *command, bool is_silent, int64_t timeout_us);
