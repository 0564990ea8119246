#include "daemon/engine/internal.h"

/* What a ladder waits for. At one instant: a rung by its time, a held alert, a missed answer, a
 * re-notification, a lapsed lease (DOMAIN "Order"). */

struct due rung_wait(
        struct engine *engine, struct work *work, const struct rung_wait *wait, struct instant from)
{
    const struct rd_plan_rung *plan = &ladder_of(work)->rungs[wait->rung];
    struct waits waits = {.limit = wait->limit,
            .counts_working = plan->counts_working,
            .at_closing = true,
            .calendar = calendar_named(engine, work, wait->calendar)};
    struct stretches apart = case_stretches(engine, work, NULL, from);
    return due_after(engine, &waits, from, &apart);
}

struct due rung_due(struct engine *engine, struct work *work, uint8_t rung)
{
    const struct rd_plan_rung *plan = &ladder_of(work)->rungs[rung];
    if (plan->after.count == 0) {
        return (struct due){.at = work->row->ladder.start.steady, .is_steady = true};
    }
    struct rung_wait wait = {rung, plan->after, work->row->ladder.calendar};
    return rung_wait(engine, work, &wait, work->row->ladder.start);
}

/* Keeps the earlier: by wall time at the present offset, then by kind. */
static void consider(struct engine *engine, struct ladder_item *best, rd_time at[static 2],
        struct ladder_item item)
{
    if (item.at == RD_TIME_NONE) {
        return;
    }
    rd_time *slot = &at[item.is_steady];
    *slot = *slot == RD_TIME_NONE || item.at < *slot ? item.at : *slot;
    rd_time wall = timer_wall(engine, item.at, item.is_steady);
    rd_time best_wall = best->kind == ITEM_NONE ? 0 : timer_wall(engine, best->at, best->is_steady);
    if (best->kind == ITEM_NONE || wall < best_wall ||
            (wall == best_wall && item.kind < best->kind)) {
        *best = item;
    }
}

static bool is_open(const struct case_row *row, uint8_t rung)
{
    for (uint32_t i = 0; i < row->alert_count; i++) {
        if (row->alerts[i].rung == rung + 1U) {
            return true;
        }
    }
    return false;
}

/* An acknowledgement that no other event follows in time lapses; a pause shifts it. */
static struct due lease_due(
        struct engine *engine, struct work *work, const struct rung_state *state)
{
    const struct rd_plan_rung *rung = &ladder_of(work)->rungs[state->rung];
    struct waits waits = {.limit = rung->ack_lease};
    struct stretches apart = case_stretches(engine, work, NULL, state->leased);
    return due_after(engine, &waits, state->leased, &apart);
}

static void consider_state(struct engine *engine, struct work *work, struct ladder_item *best,
        rd_time at[static 2], uint8_t place)
{
    struct case_ladder *ladder = &work->row->ladder;
    const struct rd_plan_ladder *plan = ladder_of(work);
    const struct rung_state *state = &ladder->rungs[place];
    const struct rd_plan_rung *rung = &plan->rungs[state->rung];
    bool is_last = (size_t)state->rung + 1 == plan->rung_count;
    bool is_next_fired = !is_last && has_bit(ladder->fired, (uint32_t)(state->rung + 1));
    bool is_sent = state->fired.wall != RD_TIME_NONE;
    if (rung->has_ack_within && is_sent && !state->is_acked && !state->is_missed &&
            !is_next_fired) {
        struct rung_wait wait = {state->rung, rung->ack_within, state->calendar};
        struct due due = rung_wait(engine, work, &wait, state->fired);
        consider(engine, best, at, (struct ladder_item){ITEM_MISSED, place, due.at, due.is_steady});
    }
    bool is_newest = ladder->fired >> (state->rung + 1) == 0;
    if (rung->has_renotify && is_sent && !state->is_acked && is_newest &&
            is_open(work->row, state->rung) && ladder->state == LADDER_RUNNING &&
            state->renotified < rung->renotify_times) {
        struct rung_wait wait = {state->rung, rung->renotify_every, state->calendar};
        struct due due = rung_wait(engine, work, &wait, state->notified);
        consider(engine, best, at,
                (struct ladder_item){ITEM_RENOTIFY, place, due.at, due.is_steady});
    }
    if (rung->has_ack_lease && state->is_acked && state->leased.wall != RD_TIME_NONE &&
            !work->row->was_decided) {
        struct due due = lease_due(engine, work, state);
        consider(engine, best, at, (struct ladder_item){ITEM_LEASE, place, due.at, due.is_steady});
    }
}

struct ladder_item ladder_next(struct engine *engine, struct work *work, rd_time ret_at[static 2])
{
    struct case_ladder *ladder = &work->row->ladder;
    struct ladder_item best = {.kind = ITEM_NONE};
    ret_at[0] = ret_at[1] = RD_TIME_NONE;
    if (ladder->state == LADDER_NONE || case_is_over(work) || case_is_paused(work)) {
        return best; /* frozen with any open pause */
    }
    const struct rd_plan_ladder *plan = ladder_of(work);
    for (uint8_t i = 0; i < plan->rung_count && ladder->state == LADDER_RUNNING; i++) {
        if (!has_bit(ladder->fired, (uint32_t)i)) {
            struct due due = rung_due(engine, work, i);
            consider(engine, &best, ret_at,
                    (struct ladder_item){ITEM_RUNG, i, due.at, due.is_steady});
        }
    }
    for (uint8_t i = 0; i < ladder->held_count; i++) {
        consider(engine, &best, ret_at,
                (struct ladder_item){ITEM_HELD, i, ladder->held[i].release, false});
    }
    for (uint8_t i = 0; i < ladder->rung_count; i++) {
        consider_state(engine, work, &best, ret_at, i);
    }
    return best;
}
