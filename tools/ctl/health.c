#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "tools/ctl/ctl.h"
#include "tools/shared/json.h"
#include "tools/shared/text.h"

/* health: is the daemon well? One line, for a person and for a monitor. */

enum { LAG_MS_MAX = 5000, LINE_BYTES_MAX = 2048 };

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
            {"map_low",
                    "limits.map_size is nearly used up: only what acknowledges, decides or ends "
                    "is taken; raise it in the configuration and restart redressd"},
            {"tail_full", "the journal's tail is full: events are answered busy"},
            {"clock_behind", "the clock was set back: time stands still until it has caught up"},
            {"clock_held", "the clock jumped and is held: redressctl clock accept"},
    };
    if (is_set(health, "disk_low") && !is_set(health, "map_low")) {
        add(health,
                "the disk is nearly full: only what acknowledges, decides or ends is taken; make "
                "room");
    }
    for (size_t i = 0; i < RD_COUNT(flags); i++) {
        if (is_set(health, flags[i].key)) {
            add(health, "%s", flags[i].fault);
        }
    }
}

/* Not where time comes from events: it goes as they say. */
static void look_at_time(struct health *health)
{
    int64_t lag_ms = rd_node_int(rd_node_find(health->status, "lag"));
    if (lag_ms > LAG_MS_MAX && !is_set(health, "time_from_events")) {
        add(health, "timers fire %" PRId64 " s late", lag_ms / 1000);
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

static void look_at_sockets(struct health *health)
{
    rd_node lost = rd_node_find(health->status, "socket_lost");
    if (rd_node_type(lost) == RD_NODE_STR) {
        add(health, "nobody reaches it at %.*s: its log says what lies there",
                RD_FMT(rd_node_str(lost)));
    }
}

static void look_at_keeping(struct health *health)
{
    rd_node why = rd_node_find(health->status, "keeping_fails");
    if (rd_node_type(why) == RD_NODE_STR) {
        add(health, "%.*s", RD_FMT(rd_node_str(why)));
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
    (void)printf("healthy: %" PRIu64 " open cases, next timer %s%s%s\n", open_cases, next,
            is_set(health, "start_grace") ? ", in its start grace" : "",
            is_set(health, "state_new") ? "; a new state began with this start" : "");
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
        look_at_sockets(&health);
        look_at_keeping(&health);
    }
    tell(ctl, &health);
    bool is_well = health.faults.len == 0;
    rd_buf_done(&health.faults);
    return is_well ? STATUS_OK : STATUS_FINDING;
}
