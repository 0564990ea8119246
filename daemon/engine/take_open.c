#include "daemon/engine/alerts.h"
#include "daemon/engine/arm.h"
#include "daemon/engine/assess.h"
#include "daemon/engine/attributes.h"
#include "daemon/engine/cases.h"
#include "daemon/engine/clocks.h"
#include "daemon/engine/contacts.h"
#include "daemon/engine/event_rows.h"
#include "daemon/engine/ladder.h"
#include "daemon/engine/ladder_items.h"
#include "daemon/engine/ladder_pass.h"
#include "daemon/engine/ledger.h"
#include "daemon/engine/notices.h"
#include "daemon/engine/policy.h"
#include "daemon/engine/record.h"
#include "daemon/engine/state.h"
#include "daemon/engine/take.h"
#include "daemon/engine/take_shared.h"
#include "daemon/engine/tallies.h"
#include "daemon/engine/texts.h"
#include "daemon/engine/units.h"
#include "daemon/store/rows/case_row.h"
#include "daemon/store/rows/history_row.h"
#include "daemon/store/rows/index_row.h"

static void note_assessed(struct take *take, uint32_t unit)
{
    take->is_assessed = true;
    take->assessed_unit = unit;
}

/* The case carries the warning: its alerts show it. */
static void keep_warning(struct engine *engine, struct take *take, struct work *work)
{
    struct rd_warning *warning = &take->warning;
    warning->case_number = work->row->number;
    work->row->level = warning->level;
    work->row->score = warning->score;
    work->warning = warning;
    case_attributes(engine, work)->warning = warning_packed(engine, warning);
    work->are_attributes_dirty = work->is_dirty = true;
}

/* ---- contacts ---- */

/* The first rung of the case's ladder serves as the warning; a ladder without such a rung gets a
 * separate alert. */
static void warn_apart(struct engine *engine, struct work *work)
{
    const struct rd_plan_ladder *ladder = ladder_of(work);
    for (size_t i = 0; ladder->rung_count > 0 && ladder->rungs[0].after.count == 0 &&
                       i < ladder->rungs[0].notify.count;
            i++) {
        if (target_unit(engine, work, &ladder->rungs[0].notify.at[i]) == work->row->unit) {
            return;
        }
    }
    work->row->is_first_told = true;
    struct alert_draft draft = alert_draft_of(
            RD_ALERT_FIRST_CONTACT, level_severity(work->row->level), work->row->unit);
    draft.carries_warning = true;
    (void)alert_send(engine, work, &draft);
}

bool take_contact(struct engine *engine, struct take *take)
{
    const struct rd_plan_assessment *plan = &engine->plan->assessment;
    struct attribute_view view = {.engine = engine,
            .values = engine->event->data,
            .kind = RD_STR("contact"),
            .is_regulator = attributes_are_regulators(engine->plan, engine->event->data),
            .received = engine->own.wall};
    take->text_level = assess(engine, &view, take->unit, &take->warning);
    notices_tell(engine, &view, &take->warning);
    note_assessed(take, take->unit);
    tally_warned(engine, take->unit, take->warning.level);
    if (take->warning.level < plan->open_case_at) {
        return true; /* it only counts */
    }
    if (take->joins != NULL) { /* recontact.h does the rest */
        take->joined = take->touched = take->joins;
        take->case_number = take->warning.case_number = take->joins->row->number;
        return true;
    }
    struct work *work = take_open(engine, take, CASE_CONTACT, take->unit, engine->event->subject);
    work->row->contacts = 1;
    keep_warning(engine, take, work);
    take_begin(engine, work);
    notices_owe(engine, work, &take->warning);
    warn_apart(engine, work);
    return true;
}

/* ---- complaints ---- */

static void grow(struct engine *engine, struct work *contact, struct work *complaint)
{
    struct case_row *row = contact->row;
    if (row->state == CASE_GROWN) {
        return;
    }
    complaint->row->contacts += row->contacts;
    bool was_open = !case_is_over(contact);
    if (was_open) {
        take_end(engine, contact, CASE_GROWN, engine->own);
    }
    row->state = CASE_GROWN; /* a contact that was defused counts as relapsed now */
    row->gone_into = complaint->row->number;
    contact->is_dirty = true;
    case_history_event(engine, contact, HISTORY_EVENT);
    if (was_open) {
        struct alert_draft draft = alert_draft_of(RD_ALERT_CASE_GROWN, RD_WARNING, row->unit);
        (void)alert_send(engine, contact, &draft);
    }
}

/* The contact it grows from, the one whose subject it bears, and all open ones of the customer. */
static void grow_all(struct engine *engine, struct take *take, struct work *complaint,
        const struct contacts *growing)
{
    if (take->grows != NULL) {
        complaint->row->first_unit = take->grows->row->first_unit;
    }
    for (size_t i = 0; i < growing->count; i++) {
        grow(engine, growing->at[i], complaint);
    }
    if (take->grows != NULL) {
        ledger_grown(engine, take->grows->row, engine->own.wall);
    }
}

static void open_complaint(struct engine *engine, struct take *take)
{
    struct contacts growing = contacts_growing(engine, take);
    struct work *work = take_open(engine, take, CASE_COMPLAINT, take->unit, engine->event->subject);
    work->row->is_regulator = engine->event->type == RD_EVENT_FORWARDED;
    if (work->row->is_regulator && engine->event->data[RD_KEY_RECEIVED].type == RD_NIL) {
        work->row->received = engine->own.wall;
    }
    grow_all(engine, take, work, &growing);
    struct attribute_view view = case_view(engine, work);
    (void)assess(engine, &view, take->unit, &take->warning);
    notices_tell(engine, &view, &take->warning);
    note_assessed(take, take->unit);
    keep_warning(engine, take, work);
    work->row->is_first_told = true;
    take_begin(engine, work);
    notices_owe(engine, work, &take->warning);
    ledger_complained(engine, engine->own.wall);
}

bool take_complaint(struct engine *engine, struct take *take)
{
    open_complaint(engine, take);
    return true;
}

/* ---- forwarded by a regulator ---- */

static bool needs(struct engine *engine, struct take *take, enum rd_event_key key)
{
    if (engine->event->data[key].type != RD_NIL) {
        return true;
    }
    char field[96] = "data.";
    struct rd_str name = rd_str_of(rd_event_key_name(key));
    for (size_t i = 0; i < name.len && i < 80; i++) {
        field[5 + i] = name.ptr[i];
        field[6 + i] = 0;
    }
    return rd_reject_set(take->reject, "missing_field", field,
            "a forwarded complaint that is new needs %s", rd_event_key_name(key));
}

static void tell_forwarded(struct engine *engine, struct work *work, rd_time due)
{
    struct alert_draft draft = alert_draft_of(RD_ALERT_CASE_FORWARDED, RD_HIGH, work->row->unit);
    draft.due = due;
    (void)alert_send(engine, work, &draft);
}

/* Clocks start at the letter; the holder hears of it, unless the ladder's first rung says so. */
static void end_letter(
        struct engine *engine, struct work *work, struct instant letter, rd_time due, bool is_new)
{
    take_moment(engine, work, RD_MOMENT_FORWARDED, letter);
    clocks_derive(engine, work);
    clocks_begin(engine, work, false);
    if (is_new || !ladder_tells_holder(engine, work)) {
        tell_forwarded(engine, work, due);
    }
}

static void begin_letter(struct engine *engine, struct work *work)
{
    work->row->is_regulator = true;
    (void)policy_reapply(engine, work);
    work->row->was_acknowledged = false;
    ladder_start(engine, work, engine->own);
}

void take_letter(struct engine *engine, struct work *work, struct instant letter)
{
    const struct rd_value *by = &case_attributes(engine, work)->values[RD_KEY_ANSWER_BY];
    begin_letter(engine, work);
    end_letter(engine, work, letter, value_due(engine, by, work->row->unit), false);
}

/* A known complaint: policies are matched again, the ladder begins anew, whoever had stopped it. */
static bool forward_known(struct engine *engine, struct take *take)
{
    struct work *work = take->work;
    bool was_closed = work->row->state == CASE_CLOSED;
    if (was_closed && subject_find(engine->view, case_attributes(engine, work)->subject) !=
                              work->row->number) {
        return rd_reject_set(take->reject, "conflict", "subject",
                "another case bears the subject of case %llu now",
                (unsigned long long)work->row->number);
    }
    work->row->is_regulator = true;
    (void)take_note(engine, take);
    if (was_closed) {
        take_reopen(engine, work, NULL);
        take->has_reopened = true;
    } else {
        begin_letter(engine, work);
    }
    take->touched = work;
    return true;
}

bool take_forwarded(struct engine *engine, struct take *take)
{
    bool is_new = take->work == NULL;
    if (is_new) {
        if (!needs(engine, take, RD_KEY_CUSTOMER) || !needs(engine, take, RD_KEY_CHANNEL) ||
                !needs(engine, take, RD_KEY_UNIT)) {
            return false;
        }
        open_complaint(engine, take);
    } else if (!forward_known(engine, take)) {
        return false;
    }
    const struct rd_value *received = &engine->event->data[RD_KEY_RECEIVED];
    struct instant letter = engine->own;
    if (received->type == RD_VALUE_TIME && received->integer < engine->own.wall) {
        letter = instant_of(engine, received->integer);
    }
    end_letter(engine, take->touched, letter,
            event_due(engine, RD_KEY_ANSWER_BY, take->touched->row->unit), is_new);
    return true;
}

/* ---- duties ---- */

bool take_duty_opened(struct engine *engine, struct take *take)
{
    struct rd_str subject = duty_subject(
            engine, event_str(engine, RD_KEY_DUTY), take->unit, event_str(engine, RD_KEY_PERIOD));
    struct work *work = take_open(engine, take, CASE_DUTY, take->unit, subject);
    take_begin(engine, work);
    struct alert_draft draft = alert_draft_of(RD_ALERT_DUTY_OWED, RD_INFO, take->unit);
    draft.due = event_due(engine, RD_KEY_DUE, take->unit);
    (void)alert_send(engine, work, &draft);
    return true;
}
