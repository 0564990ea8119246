#include <assert.h>

#include "daemon/engine/internal.h"

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
            .due_override = RD_TIME_NONE,
            .armed = RD_TIME_NONE,
            .stopped = RD_TIME_NONE};
}

void policy_apply(struct engine *engine, struct work *work)
{
    set_policy(engine, work);
    const struct rd_plan_policy *policy = case_policy(work);
    work->row->clock_count = (uint8_t)policy->clock_count;
    for (size_t i = 0; i < policy->clock_count; i++) {
        work->row->clocks[i] = fresh_clock(i);
    }
}

static void swap_clocks(struct engine *engine, struct work *work, const struct rd_plan_policy *old)
{
    struct case_row *row = work->row;
    const struct rd_plan_policy *policy = case_policy(work);
    struct case_clock before[RD_CLOCKS_MAX];
    size_t before_count = row->clock_count;
    for (size_t i = 0; i < before_count; i++) {
        timer_arm(engine, &row->clocks[i].armed, RD_TIME_NONE, (struct timer_row){0});
        before[i] = row->clocks[i];
    }
    row->clock_count = (uint8_t)policy->clock_count;
    for (size_t i = 0; i < policy->clock_count; i++) {
        row->clocks[i] = fresh_clock(i);
        for (size_t k = 0; k < before_count; k++) {
            const struct rd_plan_clock *was = &old->clocks[before[k].definition];
            bool is_same_version =
                    old->clock_valid_from[before[k].definition] == policy->clock_valid_from[i];
            if (rd_str_eq(was->name, policy->clocks[i].name) && is_same_version) {
                row->clocks[i] = before[k];
                row->clocks[i].definition = (uint8_t)i;
                if (row->clocks[i].extensions > policy->clocks[i].extension_count) {
                    row->clocks[i].extensions = (uint8_t)policy->clocks[i].extension_count;
                }
            }
        }
    }
}

static void swap_ladder(struct engine *engine, struct work *work)
{
    struct case_ladder *ladder = &work->row->ladder;
    size_t rungs = ladder_of(work)->rung_count;
    if (rungs == 0) {
        ladder_end(engine, work);
        ladder->state = LADDER_NONE;
        return;
    }
    if (ladder->state == LADDER_NONE) {
        if (!case_is_over(work)) {
            ladder_start(engine, work, instant_of(engine, work->row->opened));
        }
        return;
    }
    ladder->fired = (uint16_t)(ladder->fired & ((1U << rungs) - 1U));
    size_t kept = 0;
    for (size_t i = 0; i < ladder->rung_count; i++) {
        if (ladder->rungs[i].rung < rungs) {
            ladder->rungs[kept++] = ladder->rungs[i];
        }
    }
    ladder->rung_count = (uint8_t)kept;
    kept = 0;
    for (size_t i = 0; i < ladder->held_count; i++) {
        if (ladder->held[i].rung < rungs) {
            ladder->held[kept++] = ladder->held[i];
        }
    }
    ladder->held_count = (uint8_t)kept;
    const struct rd_plan_ladder *plan = ladder_of(work);
    if (plan->has_until && work->row->moments[plan->until] != RD_TIME_NONE &&
            work->row->moments[plan->until] >= ladder->start.wall) {
        ladder_stop(engine, work); /* its until has come already */
    }
    ladder_arm(engine, work);
}

/* What has happened already counts for the clocks that the new policy brings. */
static void catch_up(struct engine *engine, struct work *work, uint32_t fresh)
{
    static_assert(RD_CLOCKS_MAX <= 32, "a bit each");
    for (size_t i = 0; i < work->row->clock_count; i++) {
        struct case_clock *clock = &work->row->clocks[i];
        rd_time stop = work->row->moments[clock_definition(work, clock)->stop];
        if (has_bit(fresh, (uint32_t)i) && clock->state == CLOCK_RUNNING && stop != RD_TIME_NONE &&
                stop >= clock->start.wall) {
            clock_stop(engine, work, clock, instant_of(engine, stop), CLOCK_STOPPED);
        }
    }
}

void policy_reapply(struct engine *engine, struct work *work)
{
    const struct rd_plan_policy *old = case_policy(work);
    set_policy(engine, work);
    if (case_policy(work) == old) {
        return;
    }
    swap_clocks(engine, work, old);
    clocks_derive(engine, work, true);
    uint32_t waiting = 0;
    for (size_t i = 0; i < work->row->clock_count; i++) {
        waiting |= work->row->clocks[i].state == CLOCK_WAITING ? 1U << i : 0;
    }
    clocks_begin(engine, work);
    catch_up(engine, work, waiting);
    swap_ladder(engine, work);
    case_history(engine, work,
            &(struct history_row){.what = HISTORY_POLICY,
                    .time = engine->own.wall,
                    .taken = engine->now.wall,
                    .seq = engine->seq,
                    .note = case_policy(work)->name});
}

/* True if a change of the key could change what a policy matches. */
bool policy_watches(const struct rd_plan *plan, enum rd_event_key key)
{
    struct rd_str name = rd_str_of(rd_event_key_name(key));
    for (size_t i = 0; i < plan->policy_count; i++) {
        const struct rd_match *match = plan->policies[i].match;
        bool is_regulator = key == RD_KEY_CHANNEL || key == RD_KEY_REGULATOR_REF;
        if (rd_match_names(match, name) ||
                (key == RD_KEY_BIRTH_YEAR && rd_match_names(match, RD_STR("age"))) ||
                (key == RD_KEY_CONTRACT && rd_match_names(match, RD_STR("contract.screened"))) ||
                (is_regulator && rd_match_names(match, RD_STR("regulator")))) {
            return true;
        }
        for (size_t k = 0; key == RD_KEY_ATTRIBUTES && k < rd_match_count(match); k++) {
            if (rd_str_starts(rd_match_name_at(match, k), RD_STR("attributes."))) {
                return true;
            }
        }
    }
    return false;
}
