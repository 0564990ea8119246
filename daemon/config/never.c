/* daemon/config/never.c — what a policy says and can never happen: no error, but whoever wrote it
 * meant something else. */
#include "daemon/config/never.h"

#include <inttypes.h>

#include "common/base/num.h"
#include "common/time/limit.h"
#include "daemon/config/build.h"

/* The least time from a beginning to the closing of the next day. */
enum { DAY_S = 24 * 3600, LEAST_DAY_S = 4 * 3600 };

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

static bool has_closed(const struct config_node *rung)
{
    const struct config_node *closed = config_node_find(rung, "closed");
    return closed != NULL && (closed->kind != CONFIG_LIST || closed->count > 0);
}

/* Those of `closed` are asked at night, and where they do not answer the next rung fires at once.
 */
static void check_closed(struct config_load *load, const struct config_node *rung,
        const struct config_node *next, uint32_t number)
{
    if (has_closed(rung) && config_node_text(rung, "ack_within").len > 0 &&
            !rd_str_is(config_node_text(next, "hold"), "opening")) {
        config_note_at(load, config_node_find(rung, "closed"),
                "where these do not answer in closed hours, rung %" PRIu32
                " is told in closed hours too, before the unit has heard: hold: opening on it "
                "has it wait",
                number + 1);
    }
}

static bool holds(const struct config_node *rung)
{
    return rd_str_is(config_node_text(rung, "hold"), "opening") &&
           !rd_str_is(config_node_text(rung, "severity"), "critical");
}

/* A rung that waits for no opening comes by its own time while the first one still does. What is
 * critical is meant to. */
static void check_held(struct config_load *load, const struct config_node *rungs, uint32_t number)
{
    const struct config_node *first = rungs->items[0], *rung = rungs->items[number];
    struct rd_limit limit;
    bool counts_days = rd_limit_parse(config_node_text(rung, "after"), &limit) == 0 &&
                       limit.unit == RD_LIMIT_BUSINESS_DAYS;
    bool waits = counts_days || counts_working(rung) || holds(rung) ||
                 rd_str_is(config_node_text(rung, "severity"), "critical");
    bool is_told =
            number == 1 && has_closed(first) && config_node_text(first, "ack_within").len > 0;
    if (number > 0 && holds(first) && !waits && !is_told) {
        config_note_at(load, config_node_find(rung, "after"),
                "rung %" PRIu32
                " comes by its time in closed hours too, while rung 1 waits for the "
                "opening: its targets hear of the case before the unit; hold: opening or time: "
                "working on it has it wait",
                number + 1);
    }
}

/* Whether it can come after the ladder has begun. */
static bool can_come(struct rd_str kind, struct rd_str moment)
{
    return !never_is_past(moment) && never_has_moment(kind, moment);
}

/* A rung that waits for the closing of a day comes behind one of few hours. */
static void check_order(struct config_load *load, const struct config_node *rung,
        const struct config_node *next, uint32_t number)
{
    struct rd_limit first;
    uint32_t second = seconds_of(next, "after");
    if (rd_limit_parse(config_node_text(rung, "after"), &first) < 0 ||
            first.unit == RD_LIMIT_SECONDS || first.count == 0 || second == 0) {
        return;
    }
    uint64_t least = (uint64_t)(first.count - 1) * DAY_S + LEAST_DAY_S;
    if (!counts_working(next) && second <= least) {
        config_note_at(load, config_node_find(next, "after"),
                "comes before rung %" PRIu32 ", which waits for the closing of a day: rungs stand "
                "in the order of their times",
                number);
    }
}

/* A target above the root, and a hold that nothing waits for. */
static void check_rung(struct config_load *load, const struct config_node *rung, uint32_t levels)
{
    const struct config_node *notify = config_node_find(rung, "notify");
    bool is_list = notify != NULL && notify->kind == CONFIG_LIST;
    for (uint32_t i = 0; notify != NULL && i < (is_list ? notify->count : 1); i++) {
        const struct config_node *target = is_list ? notify->items[i] : notify;
        uint64_t steps = 0;
        struct rd_str text = target->kind == CONFIG_STR ? target->text : (struct rd_str){0};
        if (rd_str_starts(text, RD_STR("ancestor: ")) &&
                rd_u64_parse((struct rd_str){text.ptr + 10, text.len - 10}, &steps) == 0 &&
                steps >= levels) {
            config_note_at(load, target,
                    "no unit has an ancestor %" PRIu64 ": the tree of units has %" PRIu32
                    " level%s",
                    steps, levels, levels == 1 ? "" : "s");
        }
    }
    const struct config_node *hold = config_node_find(rung, "hold");
    if (hold != NULL && rd_str_is(config_node_text(rung, "severity"), "critical")) {
        config_note_at(load, hold, "what is critical never waits for an opening");
    }
}

static bool is_same(const struct config_node *a, const struct config_node *b)
{
    bool is_equal = a->kind == b->kind && a->count == b->count && a->integer == b->integer &&
                    rd_str_eq(a->text, b->text);
    for (uint32_t i = 0; i < a->count && is_equal; i++) {
        is_equal = (a->kind != CONFIG_MAP || rd_str_eq(a->keys[i], b->keys[i])) &&
                   is_same(a->items[i], b->items[i]);
    }
    return is_equal;
}

/* Each test of `wide` stands in `narrow` too: what the latter fits, the former does. */
static bool covers(const struct config_node *wide, const struct config_node *narrow)
{
    bool is_whole = wide->kind == CONFIG_MAP && narrow->kind == CONFIG_MAP;
    for (uint32_t i = 0; is_whole && i < wide->count; i++) {
        bool is_there = false;
        for (uint32_t k = 0; k < narrow->count && !is_there; k++) {
            is_there = rd_str_eq(wide->keys[i], narrow->keys[k]) &&
                       is_same(wide->items[i], narrow->items[k]);
        }
        is_whole = is_there;
    }
    return is_whole;
}

static void check_shadow(
        struct config_load *load, const struct config_node *policies, uint32_t number)
{
    const struct config_node *match = config_node_find(policies->items[number], "match");
    for (uint32_t i = 0; match != NULL && i < number; i++) {
        const struct config_node *before = config_node_find(policies->items[i], "match");
        if (before != NULL && covers(before, match)) {
            config_note_at(load, match,
                    "no case ever has this policy: whatever it fits, policies[%" PRIu32
                    "] before it fits",
                    i);
            return;
        }
    }
}

static uint32_t levels_of(const struct config_node *unit)
{
    const struct config_node *below = config_node_find(unit, "units");
    uint32_t deepest = 0;
    for (uint32_t i = 0; below != NULL && below->kind == CONFIG_LIST && i < below->count; i++) {
        uint32_t levels = levels_of(below->items[i]);
        deepest = levels > deepest ? levels : deepest;
    }
    return deepest + 1;
}

static void check_ladder(struct config_load *load, const struct config_node *ladder,
        struct rd_str kind, uint32_t levels)
{
    const struct config_node *until = config_node_find(ladder, "until");
    const struct config_node *rungs = config_node_find(ladder, "rungs");
    if (until != NULL && !can_come(kind, until->text)) {
        config_note_at(load, until,
                "\"%.*s\" can never come after the ladder of such a case has begun: nothing but "
                "the closing stops it",
                CONFIG_QUOTED(until->text));
    }
    for (uint32_t i = 0; rungs != NULL && i < rungs->count; i++) {
        check_rung(load, rungs->items[i], levels);
        check_held(load, rungs, i);
        if (i + 1 < rungs->count) {
            check_order(load, rungs->items[i], rungs->items[i + 1], i + 1);
            check_renotify(load, rungs->items[i], rungs->items[i + 1], i + 1);
            check_closed(load, rungs->items[i], rungs->items[i + 1], i + 1);
        }
    }
}

void config_note_never(struct config_load *load, const struct config_node *root)
{
    const struct config_node *policies = config_node_find(root, "policies");
    const struct config_node *common = config_node_find(root, "clocks");
    const struct config_node *units = config_node_find(root, "units");
    uint32_t levels = units != NULL ? levels_of(units) : UINT32_MAX;
    for (uint32_t i = 0; policies != NULL && i < policies->count; i++) {
        const struct config_node *policy = policies->items[i];
        const struct config_node *match = config_node_find(policy, "match");
        const struct config_node *ladder = config_node_find(policy, "ladder");
        const struct config_node *clocks = config_node_find(policy, "clocks");
        struct rd_str kind = match != NULL ? config_node_text(match, "kind") : RD_STR("");
        for (uint32_t k = 0; clocks != NULL && k < clocks->count; k++) {
            config_note_clock(load, root, kind, clocks->items[k]);
        }
        if (ladder != NULL && ladder->kind == CONFIG_MAP) {
            check_ladder(load, ladder, kind, levels);
        }
        config_note_match(load, root, match);
        check_shadow(load, policies, i);
    }
    for (uint32_t i = 0; common != NULL && i < common->count; i++) {
        const struct config_node *match = config_node_find(common->items[i], "match");
        config_note_match(load, root, match);
        config_note_clock(load, root, config_node_text(match, "kind"), common->items[i]);
    }
}
