#include "daemon/engine/internal.h"
#include "daemon/store/rows/alert_row.h"

const struct rd_plan_ladder *ladder_of(const struct work *work)
{
    return &case_policy(work)->ladder;
}

struct rung_state *rung_state_of(struct case_ladder *ladder, uint8_t rung)
{
    for (size_t i = ladder->rung_count; i > 0; i--) {
        if (ladder->rungs[i - 1].rung == rung) {
            return &ladder->rungs[i - 1];
        }
    }
    return NULL;
}

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

void ladder_start(struct engine *engine, struct work *work, struct instant at)
{
    struct case_ladder *ladder = &work->row->ladder;
    if (ladder_of(work)->rung_count == 0) {
        return;
    }
    for (uint32_t i = 0; i < work->row->alert_count; i++) {
        work->row->alerts[i].rung = 0; /* of the run before: they satisfy no rung of this one */
    }
    ladder->state = LADDER_RUNNING;
    ladder->start = at;
    ladder->calendar = name_number(engine, unit_calendar(engine, work->row->unit)->name);
    ladder->fired = 0;
    ladder->is_exhausted = false;
    ladder->rung_count = ladder->held_count = 0;
    ladder_arm(engine, work);
}

/* Its `until` came: rungs, held alerts and missed answers wait no more; leases do. */
void ladder_stop(struct engine *engine, struct work *work)
{
    struct case_ladder *ladder = &work->row->ladder;
    if (ladder->state != LADDER_RUNNING) {
        return;
    }
    ladder->state = LADDER_STOPPED;
    ladder->held_count = 0;
    for (size_t i = 0; i < ladder->rung_count; i++) {
        ladder->rungs[i].is_missed = true;
    }
    ladder_arm(engine, work);
}

void ladder_end(struct engine *engine, struct work *work)
{
    struct case_ladder *ladder = &work->row->ladder;
    if (ladder->state == LADDER_NONE) {
        return;
    }
    ladder->state = LADDER_STOPPED;
    ladder->held_count = ladder->rung_count = 0;
    ladder_arm(engine, work);
}

void ladder_moment(struct engine *engine, struct work *work, enum rd_moment moment)
{
    const struct rd_plan_ladder *plan = ladder_of(work);
    if (plan->has_until && plan->until == moment) {
        ladder_stop(engine, work);
    }
}

/* The case has another unit: the position stays; what `acknowledged` had stopped starts anew. */
void ladder_moved(struct engine *engine, struct work *work, struct instant at)
{
    struct case_ladder *ladder = &work->row->ladder;
    const struct rd_plan_ladder *plan = ladder_of(work);
    if (ladder->state == LADDER_NONE) {
        return;
    }
    if (ladder->state == LADDER_STOPPED) {
        if (plan->has_until && plan->until == RD_MOMENT_ACKNOWLEDGED && !work->row->was_decided) {
            ladder_start(engine, work, at);
        }
        return;
    }
    /* Held alerts wait for the new unit's opening instead, those of other units stay. */
    const struct rd_calendar *calendar = unit_calendar(engine, work->row->unit);
    size_t kept = 0;
    for (size_t i = 0; i < ladder->held_count; i++) {
        struct held_alert held = ladder->held[i];
        bool is_for_unit = false;
        const struct rd_plan_rung *rung = &plan->rungs[held.rung];
        for (size_t k = 0; k < rung->notify.count; k++) {
            is_for_unit = is_for_unit || rung->notify.at[k].kind == RD_TARGET_UNIT;
        }
        if (is_for_unit) {
            rd_time opening = rd_calendar_next_opening(calendar, engine->now.wall);
            held.unit = work->row->unit;
            held.release = opening != RD_TIME_NONE ? opening : engine->now.wall;
        }
        ladder->held[kept++] = held;
    }
    ladder->held_count = (uint8_t)kept;
    ladder_arm(engine, work);
}

void ladder_keep(struct engine *engine, struct work *work)
{
    (void)engine;
    struct case_ladder *ladder = &work->row->ladder;
    for (size_t i = 0; i < ladder->rung_count; i++) {
        if (ladder->rungs[i].is_acked) {
            ladder->rungs[i].leased = (struct instant){RD_TIME_NONE, RD_TIME_NONE};
            work->is_dirty = true;
        }
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

static void ack_one(struct engine *engine, struct work *work, uint32_t place, struct rd_str by)
{
    struct case_row *row = work->row;
    struct open_alert alert = row->alerts[place];
    mark_acked(engine, alert.seq, engine->own.wall, by);
    alert_row_settle(engine->view, alert.unit, alert.seq);
    if (alert.rung > 0) {
        struct rung_state *state = rung_state_of(&row->ladder, (uint8_t)(alert.rung - 1));
        if (state != NULL && !state->is_acked) {
            state->is_acked = true;
            state->acked_unit = alert.unit;
            state->leased = engine->now; /* told now: a late word does not lapse at once */
        }
    }
    row->alerts[place] = row->alerts[--row->alert_count];
    /* Ascending seqs are the order of the list; the hole was filled from the end. */
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
    for (uint32_t i = work->row->alert_count; i > 0; i--) {
        if (unit == 0 || work->row->alerts[i - 1].unit == unit) {
            ack_one(engine, work, i - 1, by);
        }
    }
    ladder_arm(engine, work);
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
