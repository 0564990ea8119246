#include "daemon/engine/ladder.h"

#include "daemon/engine/arm.h"
#include "daemon/engine/housekeeping.h"
#include "daemon/engine/ladder_items.h"
#include "daemon/engine/names.h"
#include "daemon/engine/state.h"
#include "daemon/engine/units.h"
#include "daemon/store/rows/alert_row.h"
#include "daemon/store/rows/case_row.h"
#include "daemon/store/rows/timer_row.h"

void ladder_arm(struct engine *engine, struct work *work)
{
    struct case_ladder *ladder = &work->row->ladder;
    rd_time at[2];
    (void)ladder_next(engine, work, at);
    struct timer_row row = {.is_service = true, .kind = TIMER_LADDER, .owner = work->row->number};
    timer_arm(engine, &ladder->armed_wall, at[0], row);
    row.is_steady = true;
    timer_arm(engine, &ladder->armed_steady, at[1], row);
    work->is_dirty = true;
}

/* Open alerts of the run before go on asking; they satisfy no rung of this one. */
void ladder_start(struct engine *engine, struct work *work, struct instant at)
{
    struct case_ladder *ladder = &work->row->ladder;
    ladder->state = ladder_of(work)->rung_count > 0 ? LADDER_RUNNING : LADDER_NONE;
    ladder->start = at;
    ladder->begun = work->row->moment_count;
    ladder->calendar = name_number(engine, unit_calendar(engine, work->row->unit)->name);
    ladder->fired = 0;
    ladder->is_exhausted = false;
    ladder->call_count = 0;
    ladder_arm(engine, work);
}

/* The ladder's `until` has come: rungs, held alerts and missed answers stop; leases of
 * acknowledgements go on. */
static void ladder_stop(struct engine *engine, struct work *work)
{
    struct case_ladder *ladder = &work->row->ladder;
    if (ladder->state != LADDER_RUNNING) {
        return;
    }
    ladder->state = LADDER_STOPPED;
    uint32_t kept = 0;
    for (uint32_t i = 0; i < ladder->call_count; i++) {
        if (!ladder->calls[i].is_held) {
            ladder->calls[kept] = ladder->calls[i];
            ladder->calls[kept].is_after_until = false;
            ladder->calls[kept++].is_missed = true;
        }
    }
    ladder->call_count = kept;
    ladder_arm(engine, work);
}

void ladder_end(struct engine *engine, struct work *work)
{
    struct case_ladder *ladder = &work->row->ladder;
    if (ladder->state == LADDER_NONE) {
        return;
    }
    ladder->state = LADDER_STOPPED;
    ladder->call_count = 0;
    ladder_arm(engine, work);
}

void ladder_moment(struct engine *engine, struct work *work, enum rd_moment moment)
{
    const struct rd_plan_ladder *plan = ladder_of(work);
    if (plan->has_until && plan->until == moment) {
        ladder_stop(engine, work);
    }
}

/* Another policy's ladder at the same start and rung: what has happened since then counts. */
void ladder_go_on(struct engine *engine, struct work *work)
{
    struct case_ladder *ladder = &work->row->ladder;
    const struct rd_plan_ladder *plan = ladder_of(work);
    ladder->state = LADDER_RUNNING;
    ladder->is_exhausted = false;
    ladder->fired = (uint16_t)(ladder->fired & ((1U << plan->rung_count) - 1U));
    uint32_t kept = 0;
    for (uint32_t i = 0; i < ladder->call_count; i++) {
        if (ladder->calls[i].rung < plan->rung_count) {
            ladder->calls[kept++] = ladder->calls[i];
        }
    }
    ladder->call_count = kept;
    if (plan->has_until && work->row->last_place[plan->until] > ladder->begun) {
        ladder_stop(engine, work);
    }
    if (plan->rung_count == 0) {
        ladder->state = LADDER_NONE;
    }
    ladder_arm(engine, work);
}

void ladder_keep(struct engine *engine, struct work *work)
{
    (void)engine;
    struct case_ladder *ladder = &work->row->ladder;
    for (uint32_t i = 0; i < ladder->call_count; i++) {
        ladder->calls[i].leased = INSTANT_NONE;
        work->is_dirty = true;
    }
}

/* ---- acknowledgements ---- */

static void mark_acked(struct engine *engine, uint64_t seq, rd_time at, struct rd_str by)
{
    struct alert_row row;
    if (!alert_row_get(engine->view, seq, &row) || (row.flags & ALERT_ACKED) != 0) {
        return;
    }
    row.packed = rd_arena_dup(&engine->arena, row.packed);
    row.flags |= ALERT_ACKED;
    row.acked = at;
    row.acked_by = by;
    alert_row_put(engine->view, seq, &row);
}

/* An acknowledgement that comes with a contact or a decision needs no lease: the work it would
 * promise is done. */
static bool is_bare(const struct engine *engine)
{
    return engine->event != NULL && (engine->event->type == RD_EVENT_ACKNOWLEDGED ||
                                            engine->event->type == RD_EVENT_ALERT_ACKNOWLEDGED);
}

static void ack_one(struct engine *engine, struct work *work, uint32_t place, struct rd_str by)
{
    struct case_row *row = work->row;
    struct open_alert alert = row->alerts[place];
    mark_acked(engine, alert.seq, engine->own.wall, by);
    alert_settle(engine, alert.unit, alert.seq);
    struct case_ladder *ladder = &row->ladder;
    for (uint32_t i = 0; i < ladder->call_count; i++) {
        struct rung_call *call = &ladder->calls[i];
        if (call->seq == alert.seq) {
            if (ladder_of(work)->rungs[call->rung].has_ack_lease && !call->is_old &&
                    is_bare(engine)) {
                call->leased = engine->now; /* or one that arrives late would lapse at once */
            }
            call->is_acked = true;
        }
    }
    row->alerts[place] = row->alerts[--row->alert_count];
    /* Restores the ascending order of the list, whose hole was filled with the last entry. */
    for (uint32_t i = place; i + 1 < row->alert_count; i++) {
        if (row->alerts[i].seq > row->alerts[i + 1].seq) {
            struct open_alert other = row->alerts[i];
            row->alerts[i] = row->alerts[i + 1];
            row->alerts[i + 1] = other;
        }
    }
    work->is_dirty = true;
}

void case_acks(struct engine *engine, struct work *work, uint32_t unit, struct rd_str by)
{
    bool is_acked = false;
    for (uint32_t i = work->row->alert_count; i > 0; i--) {
        if (unit == 0 || work->row->alerts[i - 1].unit == unit) {
            ack_one(engine, work, i - 1, by);
            is_acked = true;
        }
    }
    if (is_acked) {
        ladder_arm(engine, work);
    }
}

/* What a silence or another alert withheld has no number to be acknowledged by: once the case is
 * acknowledged it fires no next rung. */
void ladder_acknowledged(struct engine *engine, struct work *work)
{
    struct case_ladder *ladder = &work->row->ladder;
    bool is_changed = false;
    for (uint32_t i = 0; i < ladder->call_count; i++) {
        struct rung_call *call = &ladder->calls[i];
        bool is_withheld = call->seq == 0 && !call->is_held;
        is_changed = is_changed || (is_withheld && !call->is_missed);
        call->is_missed = call->is_missed || is_withheld;
    }
    if (is_changed) {
        ladder_arm(engine, work);
    }
}

/* The alert, or the one of its chain that is still open. */
bool case_ack_alert(struct engine *engine, struct work *work, uint64_t seq, struct rd_str by)
{
    uint64_t at = seq;
    for (int links = 0; links < 1000; links++) {
        for (uint32_t i = 0; i < work->row->alert_count; i++) {
            if (work->row->alerts[i].seq == at) {
                ack_one(engine, work, i, by);
                mark_acked(engine, seq, engine->own.wall, by);
                ladder_arm(engine, work);
                return true;
            }
        }
        struct alert_row row;
        if (!alert_row_get(engine->view, at, &row) || row.superseded_by == 0) {
            break;
        }
        at = row.superseded_by;
    }
    mark_acked(engine, seq, engine->own.wall, by);
    return false;
}
