#include "daemon/engine/policy.h"

#include <string.h>

#include "common/wire/event_table.h"
#include "daemon/engine/arm.h"
#include "daemon/engine/attributes.h"
#include "daemon/engine/cases.h"
#include "daemon/engine/clocks.h"
#include "daemon/engine/ladder.h"
#include "daemon/engine/plans.h"
#include "daemon/engine/state.h"
#include "daemon/store/rows/case_row.h"
#include "daemon/store/rows/history_row.h"
#include "daemon/store/rows/timer_row.h"

static uint32_t first_match(struct engine *engine, struct work *work)
{
    struct attribute_view view = case_view(engine, work);
    const struct rd_plan *plan = engine->plan;
    for (uint32_t i = 0; i < plan->policy_count; i++) {
        if (rd_match_holds(plan->policies[i].match, attribute_lookup, &view)) {
            return i;
        }
    }
    RD_UNREACHABLE("the last policy matches all: the loader made sure");
}

static void set_policy(struct engine *engine, struct work *work)
{
    work->row->config = engine->counters.config;
    work->plan = plan_of(engine, work->row->config);
    work->row->policy = first_match(engine, work);
    work->is_dirty = true;
}

static struct case_clock fresh_clock(size_t definition)
{
    return (struct case_clock){.state = CLOCK_WAITING,
            .definition = (uint8_t)definition,
            .start = {RD_TIME_NONE, RD_TIME_NONE},
            .due = RD_TIME_NONE,
            .graced_at = RD_TIME_NONE,
            .armed = RD_TIME_NONE,
            .stopped = RD_TIME_NONE,
            .told = INSTANT_NONE};
}

/* The policy's own clocks, and the common ones whose match holds. */
struct clocks_due {
    uint8_t at[RD_CLOCKS_MAX]; /* indexes into the policy's */
    size_t count;
};

static struct clocks_due clocks_of_case(struct engine *engine, struct work *work)
{
    const struct rd_plan_policy *policy = case_policy(work);
    struct attribute_view view = case_view(engine, work);
    struct clocks_due clocks = {.count = 0};
    for (size_t i = 0; i < policy->clock_count; i++) {
        const struct rd_match *match = policy->clocks[i].match;
        if (match == NULL || rd_match_holds(match, attribute_lookup, &view)) {
            clocks.at[clocks.count++] = (uint8_t)i;
        }
    }
    return clocks;
}

void policy_apply(struct engine *engine, struct work *work)
{
    set_policy(engine, work);
    struct clocks_due clocks = clocks_of_case(engine, work);
    work->row->clock_count = (uint8_t)clocks.count;
    for (size_t i = 0; i < clocks.count; i++) {
        work->row->clocks[i] = fresh_clock(clocks.at[i]);
    }
}

/* A common clock's text says whether it is the same; those of a policy are judged with it. */
static bool has_same_commons(
        const struct work *work, const struct rd_plan_policy *old, const struct clocks_due *clocks)
{
    const struct case_row *row = work->row;
    const struct rd_plan_policy *policy = case_policy(work);
    if (row->clock_count != clocks->count) {
        return false;
    }
    for (size_t i = 0; i < clocks->count; i++) {
        const struct rd_plan_clock *was = &old->clocks[row->clocks[i].definition];
        const struct rd_plan_clock *now = &policy->clocks[clocks->at[i]];
        if (memcmp(was->text, now->text, sizeof was->text) != 0) {
            return false;
        }
    }
    return true;
}

static void swap_clocks(struct engine *engine, struct work *work, const struct rd_plan_policy *old,
        const struct clocks_due *clocks)
{
    struct case_row *row = work->row;
    const struct rd_plan_policy *policy = case_policy(work);
    struct case_clock before[RD_CLOCKS_MAX];
    size_t before_count = row->clock_count;
    for (size_t i = 0; i < before_count; i++) {
        timer_arm(engine, &row->clocks[i].armed, RD_TIME_NONE, (struct timer_row){0});
        before[i] = row->clocks[i];
    }
    row->clock_count = (uint8_t)clocks->count;
    for (size_t i = 0; i < clocks->count; i++) {
        uint8_t now = clocks->at[i];
        row->clocks[i] = fresh_clock(now);
        for (size_t k = 0; k < before_count; k++) {
            const struct rd_plan_clock *was = &old->clocks[before[k].definition];
            bool is_same_version =
                    old->clock_valid_from[before[k].definition] == policy->clock_valid_from[now];
            if (rd_str_eq(was->name, policy->clocks[now].name) && is_same_version) {
                row->clocks[i] = before[k];
                row->clocks[i].definition = now;
                if (row->clocks[i].extensions > policy->clocks[now].extension_count) {
                    row->clocks[i].extensions = (uint8_t)policy->clocks[now].extension_count;
                }
            }
        }
    }
}

bool policy_reapply(struct engine *engine, struct work *work)
{
    const struct rd_plan_policy *old = case_policy(work);
    set_policy(engine, work);
    struct clocks_due clocks = clocks_of_case(engine, work);
    bool is_same = memcmp(case_policy(work)->text, old->text, sizeof old->text) == 0;
    if (is_same && has_same_commons(work, old, &clocks)) {
        return false;
    }
    swap_clocks(engine, work, old, &clocks);
    clocks_revise(engine, work);
    clocks_begin(engine, work, true);
    if (is_same) {
        return false;
    }
    ladder_go_on(engine, work);
    case_history(engine, work,
            &(struct history_row){.what = HISTORY_POLICY,
                    .time = engine->own.wall,
                    .taken = engine->now.wall,
                    .seq = engine->seq,
                    .note = case_policy(work)->name});
    return true;
}

/* The index-th of the policies' matches, then of the common clocks'; NULL after the last. */
static const struct rd_match *match_at(const struct rd_plan *plan, size_t index)
{
    if (index < plan->policy_count) {
        return plan->policies[index].match;
    }
    index -= plan->policy_count;
    return index < plan->common_clock_count ? plan->common_clocks[index].match : NULL;
}

static bool policy_names(const struct rd_plan *plan, struct rd_str attribute)
{
    const struct rd_match *match;
    for (size_t i = 0; (match = match_at(plan, i)) != NULL; i++) {
        if (rd_match_names(match, attribute)) {
            return true;
        }
    }
    return false;
}

/* Custom attributes stand in one key: whichever a match names may have changed. */
static bool policy_names_custom(const struct rd_plan *plan)
{
    const struct rd_match *match;
    for (size_t i = 0; (match = match_at(plan, i)) != NULL; i++) {
        for (size_t k = 0; k < rd_match_count(match); k++) {
            if (rd_str_starts(rd_match_name_at(match, k), RD_STR("attributes."))) {
                return true;
            }
        }
    }
    return false;
}

static bool differs(const struct rd_value *a, const struct rd_value *b)
{
    return a->type != b->type || a->integer != b->integer || !rd_str_eq(a->bytes, b->bytes);
}

static bool is_concerned(
        struct engine *engine, struct work *work, const struct attributes_seen *before)
{
    const struct rd_plan *plan = engine->plan;
    const struct attributes_seen *now = attributes_see(engine, work);
    rd_key_set keys = rd_keys_attributes();
    enum rd_event_key key;
    while (rd_key_next(&keys, &key)) {
        if (differs(&before->of_key[key], &now->of_key[key]) &&
                (key == RD_KEY_ATTRIBUTES
                                ? policy_names_custom(plan)
                                : policy_names(plan, rd_str_of(rd_event_key_name(key))))) {
            return true;
        }
    }
    for (int i = 0; i < RD_DERIVED_COUNT; i++) {
        if (differs(&before->derived[i], &now->derived[i]) &&
                policy_names(plan, rd_str_of(rd_derived_name((enum rd_derived)i)))) {
            return true;
        }
    }
    return false;
}

bool policy_follow(struct engine *engine, struct work *work, const struct attributes_seen *before)
{
    return is_concerned(engine, work, before) && policy_reapply(engine, work);
}

bool policy_follow_keys(struct engine *engine, struct work *work, rd_key_set keys)
{
    bool is_named = false;
    enum rd_event_key key;
    while (!is_named && rd_key_next(&keys, &key)) {
        is_named = policy_names(engine->plan, rd_str_of(rd_event_key_name(key)));
    }
    return is_named && policy_reapply(engine, work);
}
