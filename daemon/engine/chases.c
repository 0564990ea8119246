#include "daemon/engine/chases.h"

#include "daemon/engine/alerts.h"
#include "daemon/engine/arm.h"
#include "daemon/engine/ladder_fire.h"
#include "daemon/engine/record.h"
#include "daemon/engine/state.h"
#include "daemon/engine/tallies.h"
#include "daemon/engine/units.h"
#include "daemon/store/rows/case_row.h"
#include "daemon/store/rows/history_row.h"
#include "daemon/store/rows/name_row.h"
#include "daemon/store/rows/timer_row.h"

enum { SAID_BYTES_MAX = 1024 };

static struct timer_row timer_of(const struct work *work, const struct case_chase *chase)
{
    return (struct timer_row){.is_service = true,
            .kind = TIMER_CHASE,
            .owner = work->row->number,
            .slot = (uint16_t)(chase - work->row->chases)};
}

/* Drops questions that were answered or missed; the others keep their order. */
static void drop_done(struct engine *engine, struct work *work)
{
    struct case_row *row = work->row;
    uint32_t kept = 0;
    for (uint32_t i = 0; i < row->chase_count; i++) {
        struct case_chase chase = row->chases[i];
        rd_time armed = chase.armed;
        if (armed != RD_TIME_NONE && kept != i) { /* its timer names it by its place in the list */
            timer_arm(engine, &row->chases[i].armed, RD_TIME_NONE, timer_of(work, &row->chases[i]));
            chase.armed = RD_TIME_NONE;
            row->chases[kept] = chase;
            timer_arm(engine, &row->chases[kept].armed, armed, timer_of(work, &row->chases[kept]));
        }
        kept += armed != RD_TIME_NONE ? 1U : 0U;
    }
    row->chase_count = kept;
}

bool chases_are_full(struct engine *engine, struct work *work)
{
    if (work->row->chase_count == CASE_CHASES_MAX) {
        drop_done(engine, work);
    }
    return work->row->chase_count == CASE_CHASES_MAX;
}

/* What was asked or answered, in the alert. */
static struct rd_reason said(const char *what, struct rd_str text)
{
    return (struct rd_reason){.code = rd_str_of(what), .detail = rd_str_cut(text, SAID_BYTES_MAX)};
}

void chase_open(
        struct engine *engine, struct work *work, uint32_t asker, uint32_t asked, rd_time by)
{
    struct case_chase *chase = case_row_add_chase(work->row, &engine->arena);
    *chase = (struct case_chase){.asker = asker,
            .asked = asked,
            .entry = work->row->history,
            .answer_by = by,
            .armed = RD_TIME_NONE};
    timer_arm(engine, &chase->armed, by, timer_of(work, chase));
    work->is_dirty = true;
    tally_note(engine, asked, engine->own.wall, TALLY_CHASES);
    struct alert_draft draft = alert_draft_of(RD_ALERT_CASE_CHASED, RD_WARNING, asked);
    draft.due = by;
    draft.question = event_str(engine, RD_KEY_QUESTION);
    draft.extra = said("question", draft.question);
    draft.is_extra_said = true;
    (void)alert_send(engine, work, &draft);
}

bool chase_is_owed(const struct work *work)
{
    for (uint32_t i = 0; i < work->row->chase_count; i++) {
        if (work->row->chases[i].armed != RD_TIME_NONE) {
            return true;
        }
    }
    return false;
}

enum asked { ASKED_ITSELF, ASKED_BELOW, ASKED_ANY }; /* which questions a unit may answer */

/* Questions are kept in the order in which they were put. */
static struct case_chase *oldest_owed(
        struct engine *engine, struct work *work, uint32_t unit, enum asked whom)
{
    for (uint32_t i = 0; i < work->row->chase_count; i++) {
        struct case_chase *chase = &work->row->chases[i];
        if (chase->armed == RD_TIME_NONE) {
            continue;
        }
        uint32_t asked = unit_present(engine, chase->asked);
        if (whom == ASKED_ANY || asked == unit ||
                (whom == ASKED_BELOW && unit_is_within(engine, asked, unit))) {
            return chase;
        }
    }
    return NULL;
}

/* A unit answers what it was asked, then for those below it; only the holder for the whole case. */
static struct case_chase *find_answered(struct engine *engine, struct work *work, uint32_t unit)
{
    if (unit == 0) {
        return oldest_owed(engine, work, unit, ASKED_ANY);
    }
    struct case_chase *chase = oldest_owed(engine, work, unit, ASKED_ITSELF);
    if (chase == NULL) {
        chase = oldest_owed(engine, work, unit, ASKED_BELOW);
    }
    if (chase == NULL && unit_present(engine, work->row->unit) == unit) {
        chase = oldest_owed(engine, work, unit, ASKED_ANY);
    }
    return chase;
}

const struct case_chase *chase_answer(struct engine *engine, struct work *work, uint32_t unit)
{
    struct case_chase *chase = find_answered(engine, work, unit);
    if (chase != NULL) {
        timer_arm(engine, &chase->armed, RD_TIME_NONE, timer_of(work, chase));
        chase->is_answered = true;
        work->is_dirty = true;
    }
    return chase;
}

void chase_tell(struct engine *engine, struct work *work, const struct case_chase *chase)
{
    uint32_t asker = chase->asker != 0 ? unit_present(engine, chase->asker) : NAME_OPS;
    struct alert_draft draft = alert_draft_of(RD_ALERT_CASE_ANSWERED, RD_INFO, asker);
    draft.due = chase->answer_by;
    draft.extra = said("answer", event_str(engine, RD_KEY_TEXT));
    draft.is_extra_said = true;
    (void)alert_send(engine, work, &draft);
}

/* Points the chase to the event that asked it, in the case's history. */
static struct rd_str question_of(struct engine *engine, const struct case_chase *chase)
{
    struct history_row entry;
    return history_row_get(engine->view, chase->entry, &entry)
                   ? rd_arena_dup(&engine->arena, entry.note)
                   : (struct rd_str){0};
}

void chase_fire(struct engine *engine, struct work *work, uint16_t slot)
{
    struct case_chase *chase = &work->row->chases[slot];
    engine->cause = "chase";
    chase->is_missed = true;
    engine->cause_name = (struct rd_str){0};
    timer_arm(engine, &chase->armed, RD_TIME_NONE, timer_of(work, chase));
    uint32_t asker = chase->asker != 0 ? unit_present(engine, chase->asker) : NAME_OPS;
    struct alert_draft draft = alert_draft_of(RD_ALERT_CASE_UNANSWERED, RD_HIGH, work->row->unit);
    draft.due = chase->answer_by;
    draft.question = question_of(engine, chase);
    draft.asked = chase->asked;
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
