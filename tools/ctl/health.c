#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "tools/ctl/ctl.h"
#include "tools/shared/json.h"
#include "tools/shared/text.h"

/* health: is the daemon well? One line, for a person and for a monitor. */

enum { LATE_S = 60, LAG_MS_MAX = 5000, LINE_BYTES_MAX = 2048 };

struct health {
    rd_node status;
    struct rd_buf faults; /* one after the other, "; " between; empty: it is well */
};

static void add(struct health *health, const char *format, ...) RD_PRINTF(2, 3);

static void add(struct health *health, const char *format, ...)
{
    char text[END_WHY_MAX];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(text, sizeof text, format, args);
    va_end(args);
    rd_buf_printf(&health->faults, "%s%s", health->faults.len > 0 ? "; " : "", text);
}

static bool is_set(const struct health *health, const char *key)
{
    return rd_node_bool(rd_node_find(health->status, key));
}

/* A flag of `status` that is a fault while it is set. */
static void look_at_flags(struct health *health)
{
    static const struct {
        const char *key, *fault;
    } flags[] = {
            {"disk_low", "the disk is nearly full: only events on known cases are taken"},
            {"tail_full", "the journal's tail is full: events are answered busy"},
            {"clock_behind", "the clock was set back: time stands still until it has caught up"},
            {"clock_held", "the clock jumped and is held: redressctl clock accept"},
    };
    for (size_t i = 0; i < RD_COUNT(flags); i++) {
        if (is_set(health, flags[i].key)) {
            add(health, "%s", flags[i].fault);
        }
    }
}

static void look_at_time(struct health *health)
{
    rd_time now = rd_node_time(rd_node_find(health->status, "time"));
    rd_time next = rd_node_time(rd_node_find(health->status, "next_timer"));
    int64_t lag_ms = rd_node_int(rd_node_find(health->status, "lag"));
    bool is_watched = !is_set(health, "start_grace") && !is_set(health, "time_from_events");
    if (is_watched && now != RD_TIME_NONE && next != RD_TIME_NONE &&
            next < now - LATE_S * RD_SECOND_US) {
        add(health, "timers are late by %" PRId64 " s", (now - next) / RD_SECOND_US);
    }
    if (lag_ms > LAG_MS_MAX) {
        add(health, "its turns lag by %" PRId64 " ms", lag_ms);
    }
}

static void look_at_reload(struct health *health)
{
    rd_node why = rd_node_find(health->status, "reload_refused");
    if (rd_node_type(why) == RD_NODE_STR) {
        add(health, "the last reload was refused, the configuration before it stays: %.*s",
                RD_FMT(rd_node_str(why)));
    }
}

static void look_at_proof(struct health *health)
{
    rd_node proof = rd_node_find(health->status, "self_proof");
    uint64_t faults = rd_node_uint(rd_node_find(proof, "faults"));
    if (faults > 0) {
        add(health, "the self-proof found %" PRIu64 " faults: redressctl check", faults);
    }
}

static void tell(const struct ctl *ctl, const struct health *health)
{
    struct rd_str faults = rd_buf_str(&health->faults);
    bool is_well = faults.len == 0;
    uint64_t open_cases = rd_node_uint(rd_node_find(health->status, "open_cases"));
    if (ctl->is_json) {
        json_print(stdout,
                json_pack("{s:b, s:o}", "healthy", is_well, "why",
                        is_well ? json_null() : json_text(faults)),
                false);
        return;
    }
    if (!is_well) {
        (void)fputs("not healthy: ", stdout);
        print_text(stdout, faults);
        (void)fputc('\n', stdout);
        return;
    }
    char next[LOCAL_TEXT_MAX];
    local_time(rd_node_time(rd_node_find(health->status, "next_timer")), next);
    (void)printf("healthy: %" PRIu64 " open cases, next timer %s%s\n", open_cases, next,
            is_set(health, "start_grace") ? ", in its start grace" : "");
}

enum exit_status ctl_health(struct ctl *ctl)
{
    char why[END_WHY_MAX];
    RD_CLEANUP(ctl_answer_done)
    struct ctl_answer answer = {0};
    struct health health = {.status = NULL};
    rd_buf_init(&health.faults, LINE_BYTES_MAX);
    enum exit_status status = ctl_try(ctl, "status", NULL, &answer, why);
    if (status == STATUS_USAGE) {
        say_error("%s", why);
        rd_buf_done(&health.faults);
        return status;
    }
    health.status = answer.got.result;
    if (status != STATUS_OK) {
        add(&health, "%s", why);
    } else {
        look_at_flags(&health);
        look_at_time(&health);
        look_at_proof(&health);
        look_at_reload(&health);
    }
    tell(ctl, &health);
    bool is_well = health.faults.len == 0;
    rd_buf_done(&health.faults);
    return is_well ? STATUS_OK : STATUS_FINDING;
}
