#include "daemon/engine/alerts.h"
#include "daemon/engine/attributes.h"
#include "daemon/engine/cases.h"
#include "daemon/engine/clocks.h"
#include "daemon/engine/event_rows.h"
#include "daemon/engine/ladder.h"
#include "daemon/engine/lifecycle.h"
#include "daemon/engine/names.h"
#include "daemon/engine/state.h"
#include "daemon/engine/take.h"
#include "daemon/engine/take_shared.h"
#include "daemon/engine/tallies.h"
#include "daemon/engine/units.h"
#include "daemon/store/rows/case_row.h"
#include "daemon/store/rows/history_row.h"
#include "daemon/store/rows/index_row.h"

/* Deciding, closing, going on. */

/* A call-back after the case was over: bad news goes one level up, too. */
bool take_surveyed(struct engine *engine, struct take *take)
{
    struct work *work = take->work;
    (void)take_note(engine, take);
    if (event_flag(engine, RD_KEY_SATISFIED)) {
        return true;
    }
    struct alert_draft draft =
            alert_draft_of(RD_ALERT_CASE_DISSATISFIED, RD_WARNING, work->row->unit);
    (void)alert_send(engine, work, &draft);
    draft.unit = unit_above(engine, work->row->unit, 1);
    if (draft.unit != 0) {
        (void)alert_send(engine, work, &draft);
    }
    return true;
}

/* The unit's authority in hundredths; 0 for a unit without one when others have one; -1: no unit
 * has one, so nothing is limited. */
static int64_t authority_of(struct engine *engine, uint32_t unit)
{
    const struct rd_plan *plan = engine->plan;
    int32_t index = unit_index(engine, unit);
    int64_t own = index == RD_NO_INDEX ? -1 : plan->units[index].authority;
    for (size_t i = 0; own < 0 && i < plan->unit_count; i++) {
        own = plan->units[i].authority >= 0 ? 0 : own;
    }
    return own;
}

static void check_authority(struct engine *engine, struct work *work)
{
    const struct rd_value *amount = &engine->event->data[RD_KEY_AMOUNT];
    int64_t authority = authority_of(engine, work->row->unit);
    if (amount->type != RD_VALUE_MONEY || authority < 0 || amount->integer <= authority) {
        return;
    }
    uint32_t parent = unit_above(engine, work->row->unit, 1);
    struct alert_draft draft = alert_draft_of(
            RD_ALERT_CASE_OVER_AUTHORITY, RD_WARNING, parent != 0 ? parent : work->row->unit);
    (void)alert_send(engine, work, &draft);
}

bool take_decided(struct engine *engine, struct take *take)
{
    struct work *work = take->work;
    (void)take_note(engine, take);
    if (take->lifecycle == LIFECYCLE_LATE) { /* judges the clocks by its own time, no more */
        clocks_moment(engine, work, RD_MOMENT_ACKNOWLEDGED, engine->own);
        clocks_moment(engine, work, RD_MOMENT_CUSTOMER_CONTACTED, engine->own);
        clocks_moment(engine, work, RD_MOMENT_DECIDED, engine->own);
        return true;
    }
    work->row->state = take->to;
    work->row->was_decided = true;
    take_acknowledge(engine, work);
    take_moment(engine, work, RD_MOMENT_CUSTOMER_CONTACTED, engine->own);
    take_moment(engine, work, RD_MOMENT_DECIDED, engine->own);
    ladder_arm(engine, work);
    check_authority(engine, work);
    take_outcome(engine, work);
    return true;
}

bool take_closed(struct engine *engine, struct take *take)
{
    struct work *work = take->work;
    bool was_decided = work->row->was_decided;
    tally_closing(engine, work);
    (void)take_note(engine, take);
    take_end(engine, work, CASE_CLOSED, engine->own);
    if (!was_decided) {
        take_outcome(engine, work);
    }
    return true;
}

bool take_defused(struct engine *engine, struct take *take)
{
    tally_acted(engine, take->work);
    take->work->row->was_defused = true;
    return take_closed(engine, take);
}

bool take_is_reopenable(struct engine *engine, struct take *take)
{
    struct work *work = take->work;
    struct rd_str subject = case_attributes(engine, work)->subject;
    if (subject_find(engine->view, subject) == work->row->number) {
        return true;
    }
    return rd_reject_set(take->reject, "conflict", "subject",
            "another case bears the subject of case %llu now",
            (unsigned long long)work->row->number);
}

void take_reopen_told(struct engine *engine, struct take *take)
{
    struct work *work = take->work;
    const struct attributes_seen *before = attributes_see(engine, work);
    (void)take_note(engine, take);
    take_reopen(engine, work, before);
    take->has_reopened = true;
    bool has_moment = take->rule->moment != RD_MOMENT_COUNT; /* duty.verified has none of its own */
    take_moment(engine, work, has_moment ? take->rule->moment : RD_MOMENT_REOPENED, engine->own);
    clocks_begin(engine, work, false); /* what came first while it was closed starts them now */
    struct alert_draft draft = alert_draft_of(RD_ALERT_CASE_REOPENED, RD_WARNING, work->row->unit);
    (void)alert_send(engine, work, &draft);
    draft.unit = unit_above(engine, work->row->unit, 1);
    if (work->row->reopened > 1 && draft.unit != 0) { /* again: the level above hears of it too */
        (void)alert_send(engine, work, &draft);
    }
}

bool take_reopened(struct engine *engine, struct take *take)
{
    if (!take_is_reopenable(engine, take)) {
        return false;
    }
    take_reopen_told(engine, take);
    return true;
}

/* Owned by the level above: the clocks of a review tell the parent, the case stays. */
bool take_review_requested(struct engine *engine, struct take *take)
{
    if (!take_is_reopenable(engine, take)) {
        return false;
    }
    take->work->row->review_open = true;
    take_reopen_told(engine, take);
    return true;
}

bool take_review_decided(struct engine *engine, struct take *take)
{
    if (!take->work->row->review_open) {
        return rd_reject_set(
                take->reject, "illegal_transition", "", "no review is open on this case");
    }
    take->work->row->review_open = false;
    return take_plain(engine, take);
}
