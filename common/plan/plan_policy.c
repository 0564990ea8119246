/* common/plan/plan_policy.c — policies: what they match, their clocks, their ladder. */
#include <inttypes.h>

#include "common/base/digest.h"
#include "common/plan/plan_reader.h"
#include "common/time/civil.h"
#include "common/wire/pack.h"

enum { POLICIES_MAX = 1000, PAUSE_DAYS = 30, POLICY_BYTES_MAX = 64 * 1024 * 1024 };

static void read_rung(struct plan_reader *r, rd_node map, struct rd_plan_rung *rung)
{
    static const char *const TIMES[] = {"elapsed", "working", NULL};
    static const char *const HOLDS[] = {"none", "opening", NULL};
    rung->after = plan_limit(r, map, "after", 0);
    rung->counts_working = plan_word(r, map, "time", TIMES) == 1;
    rung->notify = plan_targets(r, map, "notify");
    if (rung->notify.count == 0) {
        plan_fault(r, "notify", "at least one target");
    }
    rung->severity = plan_severity(r, map, "severity");
    rung->name = plan_text_or_none(r, map, "name");
    rung->title = plan_text_or_none(r, map, "title");
    rung->holds_for_opening = plan_word(r, map, "hold", HOLDS) == 1;
    rung->closed = plan_targets(r, map, "closed");
    if (rung->closed.count > 0 && !rung->holds_for_opening) {
        plan_fault(r, "closed", "needs hold: opening: without it the rung asks who is closed too");
    }
    rung->has_ack_within = plan_has(map, "ack_within");
    if (rung->has_ack_within) {
        rung->ack_within = plan_limit(r, map, "ack_within", 1);
    }
    rung->has_ack_lease = plan_has(map, "ack_lease");
    if (rung->has_ack_lease) {
        rung->ack_lease = plan_limit(r, map, "ack_lease", 1);
    }
    rung->has_renotify = plan_has(map, "renotify");
    if (rung->has_renotify) {
        size_t at = plan_enter(r, "renotify");
        rd_node renotify = rd_node_find(map, "renotify");
        rung->renotify_every = plan_limit(r, renotify, "every", 1);
        rung->renotify_times = (uint32_t)plan_int(r, renotify, "times", 1, 100);
        plan_leave(r, at);
    }
    if (!rung->has_ack_within && (rung->has_renotify || rung->has_ack_lease)) {
        plan_fault(r, rung->has_renotify ? "renotify" : "ack_lease",
                "needs ack_within: without it the rung asks for no acknowledgement");
    }
}

/* Rungs in another order than their times would fire in the order of their times. */
static void check_order(struct plan_reader *r, const struct rd_plan_rung *rungs, uint32_t index)
{
    const struct rd_plan_rung *rung = &rungs[index];
    for (uint32_t i = 0; i < index; i++) {
        bool same_scale = rungs[i].after.unit == rung->after.unit &&
                          (rungs[i].counts_working == rung->counts_working ||
                                  rung->after.unit != RD_LIMIT_SECONDS);
        if (same_scale && rungs[i].after.count > rung->after.count) {
            plan_fault(r, "after",
                    "comes before rung %" PRIu32 "; rungs stand in the order of "
                    "their times",
                    i + 1);
            return;
        }
    }
}

void plan_read_ladder(struct plan_reader *r, rd_node map, struct rd_plan_ladder *ladder)
{
    ladder->has_until = plan_has(map, "until");
    if (ladder->has_until) {
        ladder->until = plan_moment(r, map, "until");
    }
    rd_node list = plan_array(r, map, "rungs", RD_RUNGS_MAX);
    uint32_t count = rd_node_count(list);
    struct rd_plan_rung *rungs = RD_ARENA_ARRAY(r->arena, struct rd_plan_rung, count);
    for (uint32_t i = 0; i < count; i++) {
        size_t at = plan_enter_at(r, "rungs", i);
        read_rung(r, rd_node_at(list, i), &rungs[i]);
        check_order(r, rungs, i);
        plan_leave(r, at);
    }
    if (count == 0) {
        plan_fault(r, "rungs", "a ladder has at least one rung");
    }
    ladder->rungs = rungs;
    ladder->rung_count = count;
}

static rd_day read_day(struct plan_reader *r, struct rd_str text, const char *key)
{
    rd_day day = RD_DAY_NONE;
    if (text.len > 0 && rd_day_parse(text, &day) < 0) {
        plan_fault(r, key, "\"%.*s\": not a date", RD_FMT(text));
    }
    return day;
}

/* One name may stand several times only for versions that never hold on the same day. */
static void check_clock_name(
        struct plan_reader *r, const struct rd_plan_policy *policy, uint32_t index)
{
    for (uint32_t i = 0; i < index; i++) {
        rd_day until = policy->clock_valid_until[i];
        rd_day until_2 = policy->clock_valid_until[index];
        rd_day from = policy->clock_valid_from[i];
        rd_day from_2 = policy->clock_valid_from[index];
        bool is_apart = (until != RD_DAY_NONE && from_2 != RD_DAY_NONE && until <= from_2) ||
                        (until_2 != RD_DAY_NONE && from != RD_DAY_NONE && until_2 <= from);
        if (!is_apart && rd_str_eq(policy->clocks[i].name, policy->clocks[index].name)) {
            plan_fault(r, "name", "\"%.*s\" stands twice; the first is number %" PRIu32,
                    RD_FMT(policy->clocks[i].name), i + 1);
            return;
        }
    }
}

/* Reads the list `clocks` of a map and leaves room for `more` after it. */
static struct rd_plan_clock *read_clocks(
        struct plan_reader *r, rd_node map, struct rd_plan_policy *policy, size_t more)
{
    rd_node list = plan_array(r, map, "clocks", RD_CLOCKS_MAX);
    uint32_t count = rd_node_count(list);
    struct rd_plan_clock *clocks = RD_ARENA_ARRAY(r->arena, struct rd_plan_clock, count + more);
    policy->clock_valid_from = RD_ARENA_ARRAY(r->arena, rd_day, count + more);
    policy->clock_valid_until = RD_ARENA_ARRAY(r->arena, rd_day, count + more);
    policy->clocks = clocks;
    policy->clock_count = count;
    for (uint32_t i = 0; i < count; i++) {
        size_t at = plan_enter_at(r, "clocks", i);
        plan_read_clock(r, rd_node_at(list, i), &clocks[i]);
        policy->clock_valid_from[i] = read_day(r, clocks[i].valid_from, "valid_from");
        policy->clock_valid_until[i] = read_day(r, clocks[i].valid_until, "valid_until");
        check_clock_name(r, policy, i);
        plan_leave(r, at);
    }
    return clocks;
}

static void digest_node(rd_node node, uint8_t ret_digest[static RD_DIGEST_BYTES])
{
    RD_CLEANUP(rd_buf_done)
    struct rd_buf buf;
    rd_buf_init(&buf, POLICY_BYTES_MAX);
    rd_pack_node(&buf, node);
    RD_ASSERT(buf.error == 0);
    rd_digest1(rd_buf_str(&buf), ret_digest);
}

/* A tree written by an older version has no common clocks. */
static void read_commons(struct plan_reader *r, rd_node root, struct rd_plan_policy *ret_commons)
{
    if (!plan_has(root, "clocks")) {
        return;
    }
    struct rd_plan_clock *clocks = read_clocks(r, root, ret_commons, 0);
    for (uint32_t i = 0; i < ret_commons->clock_count; i++) {
        size_t at = plan_enter_at(r, "clocks", i);
        rd_node row = rd_node_at(rd_node_find(root, "clocks"), i);
        clocks[i].match = plan_match(r, row, "match");
        if (!plan_has(row, "match")) {
            plan_fault(r, "match", "is required of a common clock; {} matches all");
        }
        digest_node(row, clocks[i].text);
        plan_leave(r, at);
    }
    r->plan->common_clocks = clocks;
    r->plan->common_clock_count = ret_commons->clock_count;
}

/* A case may have all of a policy's clocks and all common ones. */
static void add_commons(struct plan_reader *r, struct rd_plan_policy *policy,
        struct rd_plan_clock *clocks, const struct rd_plan_policy *commons)
{
    size_t own = policy->clock_count;
    if (own + commons->clock_count > RD_CLOCKS_MAX) {
        plan_fault(r, "clocks",
                "%zu of its own and %zu common ones, each version of a pack's counted; at most %d",
                own, commons->clock_count, (int)RD_CLOCKS_MAX);
        return;
    }
    for (size_t i = 0; i < commons->clock_count; i++) {
        clocks[own + i] = commons->clocks[i];
        policy->clock_valid_from[own + i] = commons->clock_valid_from[i];
        policy->clock_valid_until[own + i] = commons->clock_valid_until[i];
    }
    policy->clock_count = own + commons->clock_count;
}

/* A clock's name must identify one clock, whatever policy a case has. */
static void check_common_names(struct plan_reader *r, const struct rd_plan_policy *policy)
{
    size_t own = policy->clock_count - r->plan->common_clock_count;
    for (uint32_t i = 0; i < r->plan->common_clock_count; i++) {
        struct rd_str name = r->plan->common_clocks[i].name;
        for (size_t k = 0; k < own; k++) {
            if (rd_str_eq(policy->clocks[k].name, name)) {
                size_t at = plan_enter_at(r, "clocks", i);
                plan_fault(r, "name",
                        "\"%.*s\" is a clock of policy %.*s too: name one of them "
                        "otherwise",
                        RD_FMT(name), RD_FMT(policy->name));
                plan_leave(r, at);
                break;
            }
        }
    }
}

static void read_pause_limits(struct plan_reader *r, rd_node map, struct rd_plan_policy *policy)
{
    rd_node given = rd_node_find(map, "pause_limits");
    uint32_t count = rd_node_count(given), at = 0;
    struct rd_plan_pause_limit *limits =
            RD_ARENA_ARRAY(r->arena, struct rd_plan_pause_limit, count + 1U);
    struct rd_limit others = {.unit = RD_LIMIT_CALENDAR_DAYS, .count = PAUSE_DAYS};
    for (uint32_t i = 0; i < count; i++) {
        struct rd_str reason;
        struct rd_limit limit = others;
        rd_node value = rd_node_pair(given, i, &reason);
        if (rd_node_type(value) != RD_NODE_STR || rd_limit_parse(rd_node_str(value), &limit) < 0 ||
                limit.count == 0) {
            plan_fault(r, "pause_limits", "\"%.*s\": not a limit", RD_FMT(reason));
        }
        if (rd_str_is(reason, "*")) {
            others = limit;
        } else {
            limits[at++] = (struct rd_plan_pause_limit){.reason = reason, .limit = limit};
        }
    }
    limits[at++] = (struct rd_plan_pause_limit){.reason = RD_STR("*"), .limit = others};
    policy->pause_limits = limits;
    policy->pause_limit_count = at;
}

static void read_policy(struct plan_reader *r, rd_node map, const struct rd_plan_policy *commons,
        struct rd_plan_policy *policy)
{
    policy->name = plan_text(r, map, "name");
    policy->shown = plan_text_or_none(r, map, "shown");
    policy->shown = policy->shown.len > 0 ? policy->shown : policy->name;
    policy->match = plan_match(r, map, "match");
    if (!plan_has(map, "match")) {
        plan_fault(r, "match", "is required; {} matches all");
    }
    struct rd_plan_clock *clocks = read_clocks(r, map, policy, commons->clock_count);
    add_commons(r, policy, clocks, commons);
    read_pause_limits(r, map, policy);
    if (plan_has(map, "ladder")) {
        size_t at = plan_enter(r, "ladder");
        plan_read_ladder(r, rd_node_find(map, "ladder"), &policy->ladder);
        plan_leave(r, at);
    }
}

/* Every case has a policy, and every policy may get a case. */
static void check_reach(struct plan_reader *r, rd_node list)
{
    uint32_t count = rd_node_count(list);
    for (uint32_t i = 0; i < count; i++) {
        rd_node match = rd_node_find(rd_node_at(list, i), "match");
        bool matches_all = rd_node_count(match) == 0;
        size_t at = plan_enter_at(r, "policies", i);
        if (i + 1 == count && !matches_all) {
            plan_fault(r, "match", "the last policy must match all: {}");
        } else if (i + 1 < count && matches_all) {
            plan_fault(r, "match", "matches all, and no later policy would ever be looked at");
        }
        plan_leave(r, at);
    }
}

void plan_read_policies(struct plan_reader *r, rd_node root)
{
    rd_node list = plan_array(r, root, "policies", POLICIES_MAX);
    uint32_t count = rd_node_count(list);
    struct rd_plan_policy *policies = RD_ARENA_ARRAY(r->arena, struct rd_plan_policy, count);
    struct rd_plan_policy commons = {0};
    read_commons(r, root, &commons);
    for (uint32_t i = 0; i < count; i++) {
        size_t at = plan_enter_at(r, "policies", i);
        size_t faults = r->error_count;
        read_policy(r, rd_node_at(list, i), &commons, &policies[i]);
        digest_node(rd_node_at(list, i), policies[i].text);
        plan_distinct(r, "name", &policies[0].name, sizeof *policies, i);
        plan_leave(r, at);
        if (r->error_count == faults) {
            check_common_names(r, &policies[i]);
        }
    }
    if (count == 0) {
        plan_fault(r, "policies", "at least one policy");
    }
    check_reach(r, list);
    r->plan->policies = policies;
    r->plan->policy_count = count;
}
