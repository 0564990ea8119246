#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "tools/shared/text.h"
#include "tools/sub/watcher.h"

static const char *colour_of(enum rd_severity severity)
{
    switch (severity) {
    case RD_INFO:
        return "\033[36m";
    case RD_WARNING:
        return "\033[33m";
    case RD_HIGH:
        return "\033[31m";
    case RD_CRITICAL:
        return "\033[1;97;41m";
    }
    RD_UNREACHABLE("a severity");
}

static void show_time(const char *word, rd_time time)
{
    char text[LOCAL_TEXT_MAX];
    if (time != RD_TIME_NONE) {
        local_time(time, text);
        (void)printf(", %s %s", word, text);
    }
}

void show_alert(const struct rd_alert *alert, bool has_colour)
{
    char when[LOCAL_TEXT_MAX];
    local_time(alert->time, when);
    (void)printf("%s %s%-8s%s ", when, has_colour ? colour_of(alert->severity) : "",
            rd_severity_name(alert->severity), has_colour ? "\033[0m" : "");
    print_text(stdout, alert->unit);
    (void)printf(" %s #%" PRIu64, rd_alert_type_name(alert->type), alert->seq);
    if (alert->case_number > 0) {
        (void)printf(" case %" PRIu64 " ", alert->case_number);
        print_text(stdout, alert->subject);
    }
    (void)fputs(": ", stdout);
    print_text(stdout, alert->title);
    show_time("due", alert->due);
    show_time("acknowledge by", alert->ack_by);
    if (alert->late_by_s > 0) {
        (void)printf(", late by %" PRId64 " s", alert->late_by_s);
    }
    if (alert->supersedes > 0) {
        (void)printf(", instead of #%" PRIu64, alert->supersedes);
    }
    (void)fputc('\n', stdout);
}
