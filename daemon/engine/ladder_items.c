#include "daemon/engine/ladder_items.h"

#include "daemon/engine/arm.h"
#include "daemon/engine/cases.h"
#include "daemon/engine/due.h"
#include "daemon/engine/state.h"
#include "daemon/engine/units.h"
#include "daemon/store/rows/case_row.h"

/* What a ladder waits for. At one instant: a rung by its time, a held alert, a missed answer, a
 * re-notification, a lapsed lease (redress-events(7), "Order of timers"). */

/* `calendar`: the name of the one that it counts in. */
static struct due wait_from(struct engine *engine, struct work *work, uint32_t calendar,
        const struct waits *waits, struct instant from)
{
    struct stretches apart = case_stretches(engine, work, NULL, from, &PAUSES_ENDED);
    return due_after(engine, calendar_named(engine, work, calendar), waits, from, &apart);
}

struct due call_answer_due(struct engine *engine, struct work *work, const struct rung_call *call)
{
    struct waits waits = {
            .limit = call->ack, .counts_working = call->counts_working, .at_closing = true};
    return wait_from(engine, work, call->calendar, &waits, call->sent);
}

rd_time call_opening(struct engine *engine, struct work *work, const struct rung_call *call)
{
    rd_time since = call->notified.wall;
    for (uint32_t i = 0; i < work->row->pause_count; i++) {
        rd_time end = work->row->pauses[i].end.wall;
        since = end != RD_TIME_NONE && end > since ? end : since;
    }
    rd_time opening = rd_calendar_next_opening(calendar_waited(engine, work, call->unit), since);
    return opening != RD_TIME_NONE ? opening : since;
}

struct due rung_due(struct engine *engine, struct work *work, uint8_t rung)
{
    const struct rd_plan_rung *plan = &ladder_of(work)->rungs[rung];
    if (plan->after.count == 0) {
        return (struct due){.at = work->row->ladder.start.steady, .is_steady = true};
    }
    struct waits waits = {
            .limit = plan->after, .counts_working = plan->counts_working, .at_closing = true};
    const struct case_ladder *ladder = &work->row->ladder;
    return wait_from(engine, work, ladder->calendar, &waits, ladder->start);
}

/* Keeps the earlier of the two, by wall time at the present offset, then by kind. */
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

bool call_may_wait(const struct work *work, const struct rung_call *call)
{
    return ladder_of(work)->rungs[call->rung].holds_for_opening && call->severity != RD_CRITICAL &&
           !call->is_stand_in;
}

/* What is sent again of a rung with `hold: opening` waits for its unit's opening. Its limit lies on
 * the wall scale, as openings do: a step of the clock does not change which of them it is. */
static struct due wait_to_tell(struct engine *engine, struct work *work,
        const struct rung_call *call, struct waits waits, struct instant from)
{
    bool holds = call_may_wait(work, call);
    waits.on_wall = holds;
    struct due due = wait_from(engine, work, call->calendar, &waits, from);
    if (!holds || due.at == RD_TIME_NONE) {
        return due;
    }
    const struct rd_calendar *calendar = calendar_waited(engine, work, call->unit);
    rd_time opening = rd_calendar_next_opening(calendar, due.at);
    if (!rd_calendar_is_open(calendar, due.at) && opening != RD_TIME_NONE) {
        due.at = opening;
    }
    return due;
}

/* What an unanswered alert waits for: the answer overdue, the next re-notification. */
static void consider_answer(struct engine *engine, struct work *work, struct ladder_item *best,
        rd_time at[static 2], uint16_t place)
{
    const struct case_ladder *ladder = &work->row->ladder;
    const struct rung_call *call = &ladder->calls[place];
    const struct rd_plan_rung *rung = &ladder_of(work)->rungs[call->rung];
    if (!call->has_ack || call->is_old || case_rung_is_answered(work, call->rung)) {
        return;
    }
    if (!call->is_missed && !has_bit(ladder->fired, call->rung + 1U)) {
        struct due due = call_answer_due(engine, work, call);
        consider(engine, best, at, (struct ladder_item){ITEM_MISSED, place, due.at, due.is_steady});
    }
    bool is_newest = call->is_again || ladder->fired >> (call->rung + 1U) == 0;
    bool is_asked = ladder->state == LADDER_RUNNING || call->is_after_until;
    if (rung->has_renotify && is_newest && !call->is_held && call->seq != 0 && is_asked &&
            call->renotified < rung->renotify_times) {
        struct waits waits = {.limit = rung->renotify_every,
                .counts_working = call->counts_working,
                .at_closing = true};
        struct due due = wait_to_tell(engine, work, call, waits, call->notified);
        consider(engine, best, at,
                (struct ladder_item){ITEM_RENOTIFY, place, due.at, due.is_steady});
    }
}

static void consider_call(struct engine *engine, struct work *work, struct ladder_item *best,
        rd_time at[static 2], uint16_t place)
{
    const struct rung_call *call = &work->row->ladder.calls[place];
    const struct rd_plan_rung *rung = &ladder_of(work)->rungs[call->rung];
    if (call->is_held) {
        consider(engine, best, at,
                (struct ladder_item){ITEM_HELD, place, call_opening(engine, work, call), false});
        if (call->is_passed_on) { /* the limit counts from the first time it was passed on */
            consider_answer(engine, work, best, at, place);
        }
    } else if (!call->is_acked) {
        consider_answer(engine, work, best, at, place);
    } else if (call->leased.wall != RD_TIME_NONE && rung->has_ack_lease &&
               !work->row->was_decided) {
        /* An acknowledgement lapses unless another event of the case follows in time; a pause
         * defers that. */
        struct waits waits = {.limit = rung->ack_lease, .at_closing = true};
        struct due due = wait_to_tell(engine, work, call, waits, call->leased);
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
    for (uint32_t i = 0; i < ladder->call_count; i++) {
        consider_call(engine, work, &best, ret_at, (uint16_t)i);
    }
    return best;
}

const struct rd_plan_ladder *ladder_of(const struct work *work)
{
    return &case_policy(work)->ladder;
}

/* The newest fired rung that names the case's unit; RD_RUNGS_MAX: none does. */
static uint8_t newest_of_unit(const struct work *work)
{
    uint8_t newest = RD_RUNGS_MAX;
    for (uint8_t i = 0; i < ladder_of(work)->rung_count; i++) {
        const struct rd_targets *notify = &ladder_of(work)->rungs[i].notify;
        for (size_t k = 0; k < notify->count && has_bit(work->row->ladder.fired, i); k++) {
            newest = notify->at[k].kind == RD_TARGET_UNIT ? i : newest;
        }
    }
    return newest;
}

const struct rung_call *call_unanswered(const struct work *work, uint32_t unit)
{
    const struct case_ladder *ladder = &work->row->ladder;
    const struct rung_call *found = NULL;
    uint8_t rung = newest_of_unit(work);
    for (uint32_t i = 0; i < ladder->call_count; i++) {
        const struct rung_call *call = &ladder->calls[i];
        if (call->rung >= rung && call->is_acked) {
            return NULL;
        }
        bool asks = call->has_ack && !call->is_old && !call->is_held;
        if (call->rung == rung && call->unit == unit && asks) {
            found = call;
        }
    }
    return found;
}
