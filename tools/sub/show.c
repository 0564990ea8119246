#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "common/base/words.h"
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

/* A word that leads to it, then a text between others; what the title has told already is left
 * out. */
static void show_part(
        const struct rd_alert *alert, const char *word, size_t *count, struct rd_str text)
{
    if (text.len == 0 || (alert->title.len > 0 && memmem(alert->title.ptr, alert->title.len,
                                                          text.ptr, text.len) != NULL)) {
        return;
    }
    (void)printf("%s", (*count)++ == 0 ? word : ", ");
    print_text(stdout, text);
}

/* What was found, but what is part of something longer; a rung that names nobody is none of it. */
static void show_found(const struct rd_alert *alert)
{
    struct rd_words words = {.count = 0};
    size_t count = 0;
    for (size_t i = 0; i < alert->reason_count; i++) {
        const struct rd_reason *reason = &alert->reasons[i];
        if (rd_str_is(reason->code, "empty_target")) {
            (void)printf("; nobody there: ");
            print_text(stdout, reason->detail);
        } else {
            rd_words_add(&words, reason->detail);
        }
    }
    for (size_t i = 0; i < words.count; i++) {
        show_part(alert, "; found: ", &count, words.at[i]);
    }
}

static void show_late(int64_t seconds)
{
    static const struct {
        int64_t least, size;
        const char *name;
    } units[] = {{2 * 86400, 86400, "days"}, {2 * 3600, 3600, "hours"}, {0, 60, "minutes"}};
    size_t i = 0;
    while (seconds < units[i].least) {
        i++;
    }
    (void)printf("; late by %" PRId64 " %s", seconds / units[i].size, units[i].name);
}

/* What it wants to be done by when, and how somebody says that it is seen to. */
static void show_answer(const struct rd_alert *alert)
{
    char text[LOCAL_TEXT_MAX];
    if (alert->ack_by == RD_TIME_NONE) {
        return;
    }
    local_time(alert->ack_by, text);
    (void)printf("; ack by %s: redressctl ack %" PRIu64, text, alert->seq);
}

void show_alert(const struct rd_alert *alert, bool has_colour)
{
    char when[LOCAL_TEXT_MAX];
    size_t actions = 0;
    local_time(alert->time, when);
    (void)printf("%s %s%-8s%s ", when, has_colour ? colour_of(alert->severity) : "",
            rd_severity_name(alert->severity), has_colour ? "\033[0m" : "");
    print_text(stdout, alert->unit_name.len > 0 ? alert->unit_name : alert->unit);
    (void)printf(" #%" PRIu64 ": ", alert->seq);
    print_text(stdout, alert->title);
    for (size_t i = 0; i < alert->action_count; i++) {
        show_part(alert, "; to do: ", &actions, alert->actions[i]);
    }
    show_found(alert);
    if (alert->late_by_s > 0) {
        show_late(alert->late_by_s);
    }
    if (alert->supersedes > 0) {
        (void)printf("; instead of #%" PRIu64, alert->supersedes);
    }
    show_answer(alert);
    (void)fputc('\n', stdout);
}
