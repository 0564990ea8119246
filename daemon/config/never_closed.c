/* daemon/config/never_closed.c — `closed` that tells nobody new: who has a roster's turn is among
 * those that are told anyway. No error, as it is told at once then; but nobody else is. */
#include <stdio.h>

#include "daemon/config/build.h"

struct closed_look {
    struct config_load *load;
    const struct rd_plan *plan;
    uint32_t *height; /* of each unit: levels below it */
};

/* Whether some case has the unit among these, while it has the roster's turn. */
static bool can_be(const struct closed_look *look, const struct rd_target *target,
        const struct rd_target *roster, int32_t unit)
{
    switch (target->kind) {
    case RD_TARGET_UNIT:
    case RD_TARGET_FIRST:
        return true; /* of a case that is its own */
    case RD_TARGET_PARENT:
    case RD_TARGET_ANCESTOR:
        return look->height[unit] >= target->steps;
    case RD_TARGET_NAMED:
        return target->unit == unit;
    case RD_TARGET_ROSTER:
        return target->unit == roster->unit;
    }
    return false;
}

struct asked {
    const struct config_node *place;
    const struct rd_targets *closed, *notify;
    bool is_unit_too; /* the case's unit is told besides `notify` */
    const char *what; /* "rung 2", "a breach" */
};

static bool is_told_anyway(const struct closed_look *look, const struct asked *asked, int32_t unit)
{
    bool is_told = asked->is_unit_too;
    for (size_t i = 0; i < asked->notify->count && !is_told; i++) {
        is_told = can_be(look, &asked->notify->at[i], asked->closed->at, unit);
    }
    return is_told;
}

/* A second target tells somebody else; one roster alone is looked at. */
static void check(const struct closed_look *look, const struct asked *asked)
{
    const struct rd_target *roster = asked->closed->at;
    if (asked->place == NULL || asked->closed->count != 1 || roster->kind != RD_TARGET_ROSTER) {
        return;
    }
    const struct rd_plan_roster *turns = &look->plan->rosters[roster->unit];
    uint32_t count = 0;
    int32_t first = RD_NO_INDEX;
    for (uint32_t i = 0; i < turns->rounds.count; i++) {
        if (is_told_anyway(look, asked, turns->turns[i])) {
            first = count++ == 0 ? turns->turns[i] : first;
        }
    }
    if (count == 0) {
        return;
    }
    char more[64] = "";
    if (count > 1) {
        (void)snprintf(more, sizeof more, ", as can %u more of its turns", (unsigned)count - 1);
    }
    config_note_at(look->load, asked->place,
            "%.*s can have the turn of roster %.*s and be told by %s itself%s: it is told at once "
            "then, and nobody else is; a second target is told besides",
            RD_FMT(look->plan->units[first].path), RD_FMT(turns->name), asked->what, more);
}

static void check_clock(const struct closed_look *look, const struct config_node *node,
        const struct rd_plan_clock *clock)
{
    struct asked asked = {.place = config_node_find(config_node_find(node, "on_breach"), "closed"),
            .closed = &clock->breach_closed,
            .notify = &clock->breach_notify,
            .is_unit_too = true,
            .what = "a breach"};
    check(look, &asked);
}

static void check_ladder(const struct closed_look *look, const struct config_node *node,
        const struct rd_plan_ladder *ladder)
{
    const struct config_node *rungs = config_node_find(node, "rungs");
    for (uint32_t i = 0; rungs != NULL && i < rungs->count && i < ladder->rung_count; i++) {
        char what[32];
        (void)snprintf(what, sizeof what, "rung %u", (unsigned)i + 1);
        struct asked asked = {.place = config_node_find(rungs->items[i], "closed"),
                .closed = &ladder->rungs[i].closed,
                .notify = &ladder->rungs[i].notify,
                .what = what};
        check(look, &asked);
    }
}

void config_note_closed(
        struct config_load *load, const struct config_node *tree, const struct rd_plan *plan)
{
    const struct config_node *policies = config_node_find(tree, "policies");
    const struct config_node *common = config_node_find(tree, "clocks");
    struct closed_look look = {load, plan, RD_ARENA_ARRAY(load->arena, uint32_t, plan->unit_count)};
    for (size_t i = plan->unit_count; i-- > 0;) { /* a parent stands before its children */
        int32_t parent = plan->units[i].parent;
        if (parent != RD_NO_INDEX && look.height[parent] < look.height[i] + 1) {
            look.height[parent] = look.height[i] + 1;
        }
    }
    for (uint32_t i = 0; policies != NULL && i < policies->count && i < plan->policy_count; i++) {
        const struct rd_plan_policy *policy = &plan->policies[i];
        const struct config_node *clocks = config_node_find(policies->items[i], "clocks");
        for (uint32_t k = 0; clocks != NULL && k < clocks->count && k < policy->clock_count; k++) {
            check_clock(&look, clocks->items[k], &policy->clocks[k]);
        }
        check_ladder(&look, config_node_find(policies->items[i], "ladder"), &policy->ladder);
    }
    for (uint32_t i = 0; common != NULL && i < common->count && i < plan->common_clock_count; i++) {
        check_clock(&look, common->items[i], &plan->common_clocks[i]);
    }
}
