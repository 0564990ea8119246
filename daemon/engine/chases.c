#include "daemon/engine/chases.h"

#include "daemon/engine/alerts.h"
#include "daemon/engine/arm.h"
#include "daemon/engine/ladder_fire.h"
#include "daemon/engine/state.h"
#include "daemon/engine/units.h"
#include "daemon/store/rows/case_row.h"
#include "daemon/store/rows/name_row.h"
#include "daemon/store/rows/timer_row.h"

static struct timer_row timer_of(const struct work *work, const struct case_chase *chase)
{
    return (struct timer_row){.is_service = true,
            .kind = TIMER_CHASE,
            .owner = work->row->number,
            .slot = (uint16_t)(chase - work->row->chases)};
}

void chase_open(
        struct engine *engine, struct work *work, uint32_t asker, uint32_t asked, rd_time by)
{
    struct case_chase *chase = case_row_add_chase(work->row, &engine->arena);
    *chase = (struct case_chase){
            .asker = asker, .asked = asked, .answer_by = by, .armed = RD_TIME_NONE};
    timer_arm(engine, &chase->armed, by, timer_of(work, chase));
    work->is_dirty = true;
    struct alert_draft draft = alert_draft_of(RD_ALERT_CASE_CHASED, RD_WARNING, asked);
    draft.due = by;
    (void)alert_send(engine, work, &draft);
}

/* Answers the oldest one owed. False: none is. */
bool chase_answer(struct engine *engine, struct work *work)
{
    for (uint32_t i = 0; i < work->row->chase_count; i++) {
        struct case_chase *chase = &work->row->chases[i];
        if (chase->armed != RD_TIME_NONE) {
            timer_arm(engine, &chase->armed, RD_TIME_NONE, timer_of(work, chase));
            work->is_dirty = true;
            return true;
        }
    }
    return false;
}

void chase_fire(struct engine *engine, struct work *work, uint16_t slot)
{
    struct case_chase *chase = &work->row->chases[slot];
    engine->cause = "chase";
    engine->cause_name = (struct rd_str){0};
    timer_arm(engine, &chase->armed, RD_TIME_NONE, timer_of(work, chase));
    uint32_t asker = chase->asker != 0 ? unit_present(engine, chase->asker) : NAME_OPS;
    struct alert_draft draft = alert_draft_of(RD_ALERT_CASE_UNANSWERED, RD_HIGH, work->row->unit);
    draft.due = chase->answer_by;
    draft.is_late = true;
    (void)alert_send(engine, work, &draft);
    if (asker != work->row->unit) {
        draft.unit = asker;
        (void)alert_send(engine, work, &draft);
    }
    (void)ladder_escalate(engine, work, 0);
}

void chases_drop(struct engine *engine, struct work *work)
{
    for (uint32_t i = 0; i < work->row->chase_count; i++) {
        struct case_chase *chase = &work->row->chases[i];
        timer_arm(engine, &chase->armed, RD_TIME_NONE, timer_of(work, chase));
    }
}
