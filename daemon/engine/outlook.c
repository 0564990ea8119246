#include "daemon/engine/arm.h"
#include "daemon/engine/aside.h"
#include "daemon/engine/cases.h"
#include "daemon/engine/clock_timer.h"
#include "daemon/engine/due.h"
#include "daemon/engine/ladder_items.h"
#include "daemon/engine/names.h"
#include "daemon/engine/policy.h"
#include "daemon/engine/record.h"
#include "daemon/engine/state.h"
#include "daemon/engine/sweep.h"
#include "daemon/store/rows/case_row.h"
#include "daemon/store/rows/meta_row.h"

/* Where a case stands, and where it would under the present configuration: for those who ask before
 * a reload. What is changed on the way is undone. */

static void next_rung(struct engine *engine, struct work *work, struct engine_outlook *outlook)
{
    const struct case_ladder *ladder = &work->row->ladder;
    if (ladder->state != LADDER_RUNNING || case_is_over(work) || case_is_paused(work)) {
        return;
    }
    const struct rd_plan_ladder *plan = ladder_of(work);
    for (uint8_t i = 0; i < plan->rung_count; i++) {
        if (has_bit(ladder->fired, (uint32_t)i)) {
            continue;
        }
        struct due due = rung_due(engine, work, i);
        rd_time wall = timer_wall(engine, due.at, due.is_steady);
        if (outlook->rung == 0 || wall < outlook->rung_due) {
            outlook->rung = i + 1U;
            outlook->rung_due = wall;
        }
    }
}

/* Of a rung's alerts that wait for an opening the one that is sent first. */
static void next_held(struct engine *engine, struct work *work, struct engine_outlook *outlook)
{
    const struct case_ladder *ladder = &work->row->ladder;
    for (uint32_t i = 0; i < ladder->call_count && !case_is_paused(work); i++) {
        const struct rung_call *call = &ladder->calls[i];
        rd_time due = call->is_held ? call_opening(engine, work, call) : RD_TIME_NONE;
        if (due != RD_TIME_NONE && (outlook->held == 0 || due < outlook->held_due)) {
            outlook->held = call->rung + 1U;
            outlook->held_due = due;
        }
    }
}

static void look(struct engine *engine, struct work *work, struct engine_outlook *outlook)
{
    const struct case_row *row = work->row;
    outlook->subject = case_attributes(engine, work)->subject;
    outlook->unit = name_shown(engine, row->unit);
    outlook->policy = case_policy(work)->name;
    for (size_t i = 0; i < row->clock_count; i++) {
        const struct case_clock *clock = &row->clocks[i];
        if (clock->state == CLOCK_RUNNING && clock->due != RD_TIME_NONE) {
            outlook->clocks[outlook->clock_count++] =
                    (struct engine_outlook_clock){.name = clock_definition(work, clock)->name,
                            .due = timer_wall(engine, clock->due, clock->is_steady),
                            .is_provisional = clock->is_provisional};
        }
    }
    next_rung(engine, work, outlook);
    next_held(engine, work, outlook);
}

bool engine_outlook(struct engine *engine, uint64_t number, enum engine_outlook_as as,
        struct engine_outlook *ret_outlook)
{
    struct counters before = engine->counters;
    *ret_outlook = (struct engine_outlook){.rung_due = RD_TIME_NONE, .held_due = RD_TIME_NONE};
    record_begin(engine, &(struct engine_time){.wall = before.wall, .steady = before.steady});
    store_mark(engine->view);
    struct work *work = case_open(engine, number);
    bool is_there = work != NULL && !case_is_over(work);
    if (is_there && as != OUTLOOK_AS_IS) {
        sweep_case(engine, work);
    }
    if (is_there && as == OUTLOOK_REAPPLIED) {
        (void)policy_reapply(engine, work);
    }
    if (is_there) {
        look(engine, work, ret_outlook);
    }
    store_undo(engine->view);
    if (engine->is_aside_changed) {
        aside_load(engine);
    }
    if (engine->counters.names != before.names) {
        names_forget(engine);
    }
    engine->counters = before;
    engine->work_count = 0;
    engine->alert_count = 0;
    return is_there;
}
