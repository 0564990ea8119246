#include "daemon/engine/alerts.h"
#include "daemon/engine/attributes.h"
#include "daemon/engine/cases.h"
#include "daemon/engine/chases.h"
#include "daemon/engine/clocks.h"
#include "daemon/engine/due.h"
#include "daemon/engine/event_rows.h"
#include "daemon/engine/known.h"
#include "daemon/engine/ladder_fire.h"
#include "daemon/engine/lifecycle.h"
#include "daemon/engine/names.h"
#include "daemon/engine/panels.h"
#include "daemon/engine/pauses.h"
#include "daemon/engine/policy.h"
#include "daemon/engine/record.h"
#include "daemon/engine/state.h"
#include "daemon/engine/take.h"
#include "daemon/engine/take_shared.h"
#include "daemon/engine/units.h"
#include "daemon/store/rows/case_row.h"
#include "daemon/store/rows/name_row.h"

/* The daily work on a case: who has it, what is owed, what is said. */

static void tell_above(struct engine *engine, struct work *work, enum rd_alert_type type)
{
    uint32_t parent = unit_above(engine, work->row->unit, 1);
    struct alert_draft draft =
            alert_draft_of(type, RD_WARNING, parent != 0 ? parent : work->row->unit);
    draft.count = type == RD_ALERT_CASE_BOUNCED ? work->row->transfers : 0;
    (void)alert_send(engine, work, &draft);
}

static void transfer(struct engine *engine, struct work *work, uint32_t unit,
        const struct attributes_seen *before)
{
    work->row->transfers++;
    case_move(engine, work, unit, engine->own, before);
    uint32_t most = engine->plan->supervision.transfers_max;
    if (most > 0 && work->row->transfers > most) {
        tell_above(engine, work, RD_ALERT_CASE_BOUNCED);
    }
}

bool take_assigned(struct engine *engine, struct take *take)
{
    struct work *work = take->work;
    const struct attributes_seen *before = attributes_see(engine, work);
    work->row->state = take->to;
    (void)take_note(engine, take);
    if (take->unit != work->row->unit) {
        transfer(engine, work, take->unit, before);
    } else {
        (void)policy_follow(engine, work, before);
    }
    take_moment(engine, work, RD_MOMENT_ASSIGNED, engine->own);
    const struct rd_value *values = case_attributes(engine, work)->values;
    struct rd_str handler = event_str(engine, RD_KEY_HANDLER);
    if (handler.len > 0 && values[RD_KEY_SELLER].type == RD_VALUE_STR &&
            rd_str_eq(handler, values[RD_KEY_SELLER].bytes)) {
        tell_above(engine, work, RD_ALERT_CASE_RECUSAL); /* handles a complaint about himself */
    }
    return true;
}

/* A line of history and its moment: whatever else there is to do is told by a handler of its own.
 */
bool take_plain(struct engine *engine, struct take *take)
{
    (void)take_note(engine, take);
    if (take->rule->moment != RD_MOMENT_COUNT) {
        take_moment(engine, take->work, take->rule->moment, engine->own);
    }
    return true;
}

bool take_acknowledged(struct engine *engine, struct take *take)
{
    struct work *work = take->work;
    (void)take_note(engine, take);
    if (take->lifecycle == LIFECYCLE_LATE) { /* judges the clocks by its own time, no more */
        clocks_moment(engine, work, RD_MOMENT_ACKNOWLEDGED, engine->own);
        return true;
    }
    work->row->state = take->to;
    take_acknowledge(engine, work);
    return true;
}

/* The newest by its own time, for whoever speaks to the customer next. */
static void note_contact(struct engine *engine, struct work *work)
{
    struct attribute_row *attributes = case_attributes(engine, work);
    if (attributes->contacted == RD_TIME_NONE || engine->own.wall >= attributes->contacted) {
        attributes->contacted = engine->own.wall;
        attributes->contacted_by = event_str(engine, RD_KEY_BY);
        work->are_attributes_dirty = true;
    }
}

bool take_customer_contacted(struct engine *engine, struct take *take)
{
    note_contact(engine, take->work);
    (void)take_acknowledged(engine, take); /* who speaks to the customer has the case in hand */
    if (take->lifecycle == LIFECYCLE_LATE) {
        clocks_moment(engine, take->work, RD_MOMENT_CUSTOMER_CONTACTED, engine->own);
    } else {
        take_moment(engine, take->work, RD_MOMENT_CUSTOMER_CONTACTED, engine->own);
    }
    return true;
}

bool take_facts_added(struct engine *engine, struct take *take)
{
    (void)take_plain(engine, take);
    clocks_derive(engine, take->work);
    return true;
}

/* ---- escalation, chasing ---- */

bool take_escalated(struct engine *engine, struct take *take)
{
    const struct rd_value *to = &engine->event->data[RD_KEY_TO];
    (void)take_note(engine, take);
    uint32_t rung =
            to->type == RD_VALUE_UINT && to->integer <= RD_RUNGS_MAX ? (uint32_t)to->integer : 0;
    bool is_too_high = to->type == RD_VALUE_UINT && (to->integer > RD_RUNGS_MAX);
    if (is_too_high || !ladder_escalate(engine, take->work, rung)) {
        struct alert_draft draft = alert_draft_of(RD_ALERT_LADDER_EXHAUSTED, RD_WARNING, NAME_OPS);
        int64_t most = (int64_t)case_policy(take->work)->ladder.rung_count;
        if (to->type == RD_VALUE_UINT && to->integer > most) { /* a slip, not the end */
            draft.extra = (struct rd_reason){.code = RD_STR("no_rung"),
                    .detail = rd_arena_printf(&engine->arena, "rung %lld of %lld",
                            (long long)to->integer, (long long)most)};
        }
        (void)alert_send(engine, take->work, &draft);
    }
    return true;
}

bool take_chased(struct engine *engine, struct take *take)
{
    struct work *work = take->work;
    if (chases_are_full(engine, work)) {
        return rd_reject_set(take->reject, "illegal_transition", "",
                "%d questions wait for an answer on this case, which is the most: let one be "
                "answered (case.answered)",
                CASE_CHASES_MAX);
    }
    uint32_t asker = take->asker;
    if (engine->sender->unit.len > 0) { /* the key's own unit says more */
        asker = name_number(engine, engine->sender->unit);
    }
    uint32_t asked = take->unit != 0 ? take->unit : work->row->unit;
    rd_time answer_by = event_due(engine, RD_KEY_ANSWER_BY, asked);
    if (answer_by <= engine->own.wall) {
        return rd_reject_set(take->reject, "bad_value", "data.answer_by",
                "must be later than the event's own time: nobody can answer before the question");
    }
    (void)take_note(engine, take);
    chase_open(engine, work, asker, asked, answer_by);
    return true;
}

bool take_answered(struct engine *engine, struct take *take)
{
    uint32_t unit = take->unit;
    if (engine->sender->unit.len > 0) { /* the key's own unit says more */
        unit = unit_present(engine, name_number(engine, engine->sender->unit));
    }
    if (!chase_is_owed(take->work)) {
        return rd_reject_set(take->reject, "illegal_transition", "",
                "no answer is owed on this case: each question is answered, or its time is over; "
                "note a late answer by case.noted");
    }
    (void)take_note(engine, take);
    const struct case_chase *chase = chase_answer(engine, take->work, unit);
    if (chase != NULL) {
        chase_tell(engine, take->work, chase);
    } else {
        take->noted = RD_STR(RD_NOTED_NO_QUESTION);
    }
    return true;
}

/* ---- joint decision ---- */

bool take_panel_opened(struct engine *engine, struct take *take)
{
    if (take->work->row->panel_open) {
        return rd_reject_set(take->reject, "illegal_transition", "", "a panel is open already");
    }
    take->work->row->panel_open = true;
    (void)take_plain(engine, take);
    panel_tell(engine, take->work);
    return true;
}

bool take_panel_concluded(struct engine *engine, struct take *take)
{
    if (!take->work->row->panel_open) {
        return rd_reject_set(take->reject, "illegal_transition", "", "no panel is open");
    }
    take->work->row->panel_open = false;
    return take_plain(engine, take);
}

/* ---- pauses and extensions ---- */

bool take_paused(struct engine *engine, struct take *take)
{
    struct rd_str reason = event_str(engine, RD_KEY_REASON);
    uint32_t known = name_known(engine, reason);
    if (known != 0 && pause_open(take->work, known) != NULL) {
        return rd_reject_set(take->reject, "illegal_transition", "data.reason",
                "the case is paused for \"%.*s\" already", RD_FMT(reason));
    }
    if (pauses_are_full(take->work, take->reject)) {
        return false;
    }
    (void)take_note(engine, take);
    const struct rd_value *until = &engine->event->data[RD_KEY_UNTIL];
    pause_begin(engine, take->work, reason, engine->own,
            until->type == RD_VALUE_TIME ? until->integer : RD_TIME_NONE);
    return true;
}

/* ", only for X, Y": what it is paused for. */
static struct rd_str open_reasons(struct engine *engine, const struct work *work)
{
    struct rd_str text = RD_STR(", or for anything");
    bool is_first = true;
    for (uint32_t i = 0; i < work->row->pause_count; i++) {
        const struct case_pause *pause = &work->row->pauses[i];
        if (pause->end.wall == RD_TIME_NONE) {
            text = rd_arena_printf(&engine->arena, "%.*s%.*s",
                    RD_FMT(is_first ? RD_STR(", only for ") : text),
                    RD_FMT(name_shown(engine, pause->reason)));
            is_first = false;
        }
    }
    return text;
}

bool take_resumed(struct engine *engine, struct take *take)
{
    struct rd_str reason = event_str(engine, RD_KEY_REASON);
    uint32_t known = name_known(engine, reason);
    struct case_pause *pause = known != 0 ? pause_open(take->work, known) : NULL;
    if (pause == NULL) {
        return rd_reject_set(take->reject, "illegal_transition", "data.reason",
                "the case is not paused for \"%.*s\"%.*s", RD_FMT(rd_str_cut(reason, 64)),
                RD_FMT(open_reasons(engine, take->work)));
    }
    (void)take_note(engine, take);
    pause_end(engine, take->work, pause, engine->own);
    return true;
}

bool take_extended(struct engine *engine, struct take *take)
{
    struct rd_str name = event_str(engine, RD_KEY_CLOCK);
    struct case_clock *clock = clock_named(engine, take->work, name);
    if (!clock_extend(engine, take->work, clock, take->reject)) {
        return false;
    }
    (void)take_note(engine, take);
    case_history(engine, take->work,
            &(struct history_row){.what = HISTORY_CLOCK,
                    .time = engine->own.wall,
                    .taken = engine->now.wall,
                    .seq = engine->seq,
                    .note = rd_arena_printf(&engine->arena, "extended %.*s", RD_FMT(name))});
    return true;
}
