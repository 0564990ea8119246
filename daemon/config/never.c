/* daemon/config/never.c — what a policy's ladder says and can never happen: no error, but whoever
 * wrote it meant something else. */
#include <inttypes.h>

#include "common/time/limit.h"
#include "daemon/config/build.h"

/* Seconds of a limit in hours and minutes; 0: absent, or in days, which are not compared. */
static uint32_t seconds_of(const struct config_node *rung, const char *key)
{
    struct rd_limit limit;
    bool counts = rd_limit_parse(config_node_text(rung, key), &limit) == 0 &&
                  limit.unit == RD_LIMIT_SECONDS;
    return counts ? limit.count : 0;
}

static bool counts_working(const struct config_node *rung)
{
    return rd_str_is(config_node_text(rung, "time"), "working");
}

/* How long after a rung the next one fires at the latest: by its own time, or because nobody has
 * answered. At one instant the next rung goes first. 0: that is not known. */
static uint32_t span_of(const struct config_node *rung, const struct config_node *next)
{
    uint32_t first = seconds_of(rung, "after"), second = seconds_of(next, "after");
    uint32_t answer = seconds_of(rung, "ack_within");
    bool same_scale =
            counts_working(rung) == counts_working(next) || (first == 0 && !counts_working(next));
    uint32_t gap = same_scale && second > first ? second - first : 0;
    return gap == 0 || (answer > 0 && answer < gap) ? answer : gap;
}

static void check_renotify(struct config_load *load, const struct config_node *rung,
        const struct config_node *next, uint32_t number)
{
    const struct config_node *renotify = config_node_find(rung, "renotify");
    if (renotify == NULL || renotify->kind != CONFIG_MAP) {
        return;
    }
    const struct config_node *times = config_node_find(renotify, "times");
    int64_t wanted = times != NULL ? times->integer : 1;
    uint32_t every = seconds_of(renotify, "every"), span = span_of(rung, next);
    if (every == 0 || span == 0) {
        return;
    }
    uint32_t possible = (span - 1) / every;
    if (possible < wanted) {
        config_note_at(load, renotify,
                "of %" PRId64 " re-notifications at most %" PRIu32 " can come: rung %" PRIu32
                " fires before the next one and ends them",
                wanted, possible, number + 1);
    }
}

/* Whether a case of the policy can have the moment after its ladder has begun. */
static bool can_come(struct rd_str kind, struct rd_str moment)
{
    if (rd_str_is(moment, "received") || rd_str_is(moment, "registered")) {
        return false;
    }
    bool is_complaints =
            rd_str_starts(moment, RD_STR("mediation_")) || rd_str_is(moment, "forwarded");
    if (rd_str_is(kind, "contact")) {
        return !is_complaints && !rd_str_is(moment, "decided");
    }
    return !(rd_str_is(kind, "duty") && is_complaints);
}

void config_note_never(struct config_load *load, const struct config_node *policy)
{
    const struct config_node *ladder = config_node_find(policy, "ladder");
    const struct config_node *match = config_node_find(policy, "match");
    if (ladder == NULL || ladder->kind != CONFIG_MAP) {
        return;
    }
    const struct config_node *until = config_node_find(ladder, "until");
    struct rd_str kind = match != NULL ? config_node_text(match, "kind") : RD_STR("");
    if (until != NULL && !can_come(kind, until->text)) {
        config_note_at(load, until,
                "\"%.*s\" can never come after the ladder of such a case has begun: nothing but "
                "the "
                "closing stops it",
                CONFIG_QUOTED(until->text));
    }
    const struct config_node *rungs = config_node_find(ladder, "rungs");
    for (uint32_t i = 0; rungs != NULL && i + 1 < rungs->count; i++) {
        check_renotify(load, rungs->items[i], rungs->items[i + 1], i + 1);
    }
}
