#include "daemon/engine/target.h"

#include <stdio.h>

#include "daemon/engine/cases.h"
#include "daemon/engine/clocks.h"
#include "daemon/engine/contacts.h"
#include "daemon/engine/lifecycle.h"
#include "daemon/engine/merge.h"
#include "daemon/engine/record.h"
#include "daemon/engine/silences.h"
#include "daemon/engine/state.h"
#include "daemon/engine/take.h"
#include "daemon/engine/take_shared.h"
#include "daemon/engine/units.h"
#include "daemon/store/rows/alert_row.h"
#include "daemon/store/rows/case_row.h"
#include "daemon/store/rows/index_row.h"
#include "daemon/store/rows/name_row.h"

/* What an event is about: unit, case, the contact a complaint grows from. Checks in the protocol's
 * order: unknown_unit, unknown_case, conflict, illegal_transition. */

static bool find_unit(
        struct engine *engine, struct take *take, enum rd_event_key key, uint32_t *ret_unit)
{
    struct rd_str name = event_str(engine, key);
    if (name.len == 0) {
        return true;
    }
    int32_t index = rd_plan_unit_find(engine->plan, name);
    if (index == RD_NO_INDEX) {
        char field[32];
        (void)snprintf(field, sizeof field, "data.%s", rd_event_key_name(key));
        return rd_reject_set(take->reject, "unknown_unit", field,
                "no unit has the path, or as the only one the id, \"%.*s\"", RD_FMT(name));
    }
    *ret_unit = unit_number(engine, index);
    if (key != RD_KEY_RESPONDENT) { /* a respondent stays what it was */
        *ret_unit = unit_present(engine, *ret_unit);
    }
    return true;
}

static bool unknown_case(struct take *take, const char *field, const char *what)
{
    return rd_reject_set(take->reject, "unknown_case", field, "%s", what);
}

/* How a message names a case: without its number if the sender may not know of it. */
static const char *named_case(struct engine *engine, uint64_t number)
{
    return engine_reaches(engine->sender->sees, engine->view, number)
                   ? rd_arena_printf(&engine->arena, "case %llu", (unsigned long long)number).ptr
                   : "another case";
}

/* The contact that a complaint names, or the customer's newest one within follow_up. */
static bool find_contact(struct engine *engine, struct take *take, uint64_t by_subject)
{
    take->bears = by_subject != 0 ? case_open(engine, by_subject) : NULL;
    struct rd_str named = event_str(engine, RD_KEY_CONTACT);
    if (named.len > 0) {
        uint64_t number = subject_find(engine->view, named);
        struct work *work = number != 0 ? case_open(engine, number) : NULL;
        if (work != NULL && work->row->kind != CASE_CONTACT) {
            return rd_reject_set(take->reject, "conflict", "data.contact", "%s is no contact",
                    named_case(engine, number));
        }
        take->grows = work; /* a contact below open_case_at has no case: it sets no first owner */
        return true;
    }
    if (take->bears != NULL) {
        take->grows = take->bears;
        return true;
    }
    const struct contacts *contacts = contacts_of(engine);
    for (size_t i = 0; i < contacts->count; i++) {
        struct work *work = contacts->at[i];
        rd_time oldest = engine->own.wall - engine->plan->assessment.follow_up_us;
        if (work != NULL && work->row->opened >= oldest && work->row->opened <= engine->own.wall) {
            take->grows = work;
            break;
        }
    }
    return true;
}

enum { REACH_BYTES_MAX = 4 * 1024 * 1024 }; /* of one case */

bool engine_reaches(const struct engine_reach *reach, struct store_view *view, uint64_t case_number)
{
    struct rd_str place = {0};
    struct case_row *row;
    RD_CLEANUP(rd_arena_done)
    struct rd_arena arena;
    rd_arena_init(&arena, REACH_BYTES_MAX);
    bool is_reached = reach == NULL;
    if (!is_reached && case_row_get(view, case_number, &arena, &row)) {
        place = name_text(view, row->unit);
        is_reached = reach->covers(reach->context, place);
    }
    for (uint64_t seq = 0;
            !is_reached && (seq = alert_row_next_of_case(view, case_number, seq)) != 0;) {
        struct alert_row alert;
        if (alert_row_get(view, seq, &alert)) {
            place = name_text(view, alert.unit);
            is_reached = reach->covers(reach->context, place);
        }
    }
    return is_reached;
}

static bool is_reached(const struct engine *engine, uint64_t case_number)
{
    return engine_reaches(engine->sender->reach, engine->view, case_number);
}

/* case.merged: a case number, or the subject of another open case of the same kind. */
static bool find_into(struct engine *engine, struct take *take)
{
    const struct rd_value *into = &engine->event->data[RD_KEY_INTO];
    uint64_t number = 0;
    if (into->type == RD_VALUE_UINT) {
        number = (uint64_t)into->integer;
    } else {
        number = subject_find(engine->view, into->bytes);
    }
    take->into = number != 0 && is_reached(engine, number) ? case_open(engine, number) : NULL;
    if (take->into == NULL) {
        return rd_reject_set(take->reject, "unknown_case", "data.into",
                "no case has the number or subject that data.into names");
    }
    if (take->into == take->work || case_is_over(take->into) ||
            take->into->row->kind != take->work->row->kind) {
        return rd_reject_set(take->reject, "conflict", "data.into",
                "case %llu is not another open case of the same kind", (unsigned long long)number);
    }
    return true;
}

/* By subject, data.case, or both, which must agree. */
bool find_named(struct engine *engine, struct take *take)
{
    const struct rd_event *event = engine->event;
    uint64_t by_subject = 0, by_number = 0;
    bool is_new_allowed = event->type == RD_EVENT_FORWARDED;
    if (event->data[RD_KEY_CASE].type == RD_VALUE_UINT) {
        by_number = (uint64_t)event->data[RD_KEY_CASE].integer;
        if (case_open(engine, by_number) == NULL || !is_reached(engine, by_number)) {
            return unknown_case(take, "data.case", "no case has this number");
        }
    }
    if (event->subject.len > 0) {
        by_subject = subject_find(engine->view, event->subject);
        by_subject = by_subject != 0 && is_reached(engine, by_subject) ? by_subject : 0;
        if (by_subject == 0 && !(is_new_allowed && by_number == 0)) {
            return unknown_case(take, "subject",
                    "no case bears this subject; its opening event may still be on its way");
        }
    }
    if (by_subject != 0 && by_number != 0 && by_subject != by_number) {
        return rd_reject_set(take->reject, "conflict", "subject",
                "subject is that of case %llu, data.case says %llu", (unsigned long long)by_subject,
                (unsigned long long)by_number);
    }
    uint64_t number = by_number != 0 ? by_number : by_subject;
    take->work = number != 0 ? case_open(engine, number) : NULL;
    if (take->work != NULL && by_number == 0) {
        take->work = merge_follow(engine, take, take->work);
        take->merged = take->work->row->number != number ? number : 0;
    }
    if (event->type == RD_EVENT_MERGED) {
        return find_into(engine, take);
    }
    return take->work != NULL || find_contact(engine, take, 0);
}

/* A subject is taken while its case is not closed; a complaint may take that of an open contact. */
bool find_opening(struct engine *engine, struct take *take)
{
    const struct rd_event *event = engine->event;
    uint64_t number = subject_find(engine->view, event->subject);
    struct work *work = number != 0 ? case_open(engine, number) : NULL;
    bool is_taken = work != NULL && work->row->state != CASE_CLOSED;
    bool grows = is_taken && event->type == RD_EVENT_COMPLAINT_REGISTERED &&
                 work->row->kind == CASE_CONTACT && work->row->state != CASE_GROWN;
    if (is_taken && !grows) {
        return rd_reject_set(take->reject, "conflict", "subject",
                "%s, which is not closed, bears this subject", named_case(engine, number));
    }
    if (event->type == RD_EVENT_COMPLAINT_REGISTERED) {
        return find_contact(engine, take, grows ? number : 0);
    }
    return true;
}

/* NULL: the unit has none of the name and period. */
static struct work *duty_of(struct engine *engine, uint32_t unit)
{
    return duty_bearing(engine, duty_subject(engine, event_str(engine, RD_KEY_DUTY), unit,
                                        event_str(engine, RD_KEY_PERIOD)));
}

bool find_duty_opened(struct engine *engine, struct take *take)
{
    struct rd_str subject = duty_subject(
            engine, event_str(engine, RD_KEY_DUTY), take->unit, event_str(engine, RD_KEY_PERIOD));
    struct work *work = duty_bearing(engine, subject);
    if (work != NULL) {
        return rd_reject_set(take->reject, "conflict", "data.duty",
                "%s is this duty of the unit and period already",
                named_case(engine, work->row->number));
    }
    uint64_t number = subject_find(engine->view, subject);
    work = number != 0 ? case_open(engine, number) : NULL;
    return work == NULL || work->row->state == CASE_CLOSED ||
           rd_reject_set(take->reject, "conflict", "data.duty",
                   "%s, which is no duty and not closed, bears the subject of this one",
                   named_case(engine, number));
}

/* A case that the event names besides must be the duty that its keys name. */
static bool is_this_duty(struct engine *engine, const struct take *take, struct work *work)
{
    const struct rd_value *values = case_attributes(engine, work)->values;
    struct rd_str period = event_str(engine, RD_KEY_PERIOD);
    uint32_t unit = take->unit;
    return work->row->kind == CASE_DUTY &&
           rd_str_eq(values[RD_KEY_DUTY].bytes, event_str(engine, RD_KEY_DUTY)) &&
           (period.len == 0 || values[RD_KEY_PERIOD].type == RD_NIL ||
                   rd_str_eq(values[RD_KEY_PERIOD].bytes, period)) &&
           (unit_present(engine, work->row->unit) == unit ||
                   unit_present(engine, work->row->respondent) == unit);
}

/* By data.case, by the subject where a duty bears it, else by duty, unit and period. */
bool find_duty_progressed(struct engine *engine, struct take *take)
{
    const struct rd_event *event = engine->event;
    const struct rd_value *told = &event->data[RD_KEY_CASE];
    uint64_t number = told->type == RD_VALUE_UINT ? (uint64_t)told->integer : 0;
    if (told->type == RD_VALUE_UINT &&
            (case_open(engine, number) == NULL || !is_reached(engine, number))) {
        return unknown_case(take, "data.case", "no case has this number");
    }
    if (number == 0 && event->subject.len > 0) {
        struct work *work = duty_bearing(engine, event->subject);
        number = work != NULL && is_reached(engine, work->row->number) ? work->row->number : 0;
    }
    if (number != 0) {
        take->work = case_open(engine, number);
        return is_this_duty(engine, take, take->work) ||
               rd_reject_set(take->reject, "conflict",
                       told->type == RD_VALUE_UINT ? "data.case" : "subject",
                       "%s is not the duty that data.duty, unit and period name",
                       named_case(engine, number));
    }
    int32_t named = rd_plan_unit_find(engine->plan, event_str(engine, RD_KEY_UNIT));
    if (named != RD_NO_INDEX) { /* a unit that is gone: the duty that was its own */
        take->work = duty_of(engine, unit_number(engine, named));
    }
    take->work = take->work != NULL ? take->work : duty_of(engine, take->unit);
    return take->work != NULL ||
           unknown_case(take, "data.duty", "no such duty is owed by the unit in this period");
}

/* An unknown alert, silence or clock is a bad value, which is said before any conflict. */
bool find_silence(struct engine *engine, struct take *take)
{
    uint64_t number = (uint64_t)engine->event->data[RD_KEY_SILENCE].integer;
    return silence_exists(engine, number) ||
           rd_reject_set(take->reject, "bad_value", "data.silence",
                   "no silence has the number %llu", (unsigned long long)number);
}

bool find_roster(struct engine *engine, struct take *take)
{
    const struct rd_value *data = engine->event->data;
    struct rd_str name = event_str(engine, RD_KEY_ROSTER);
    if (rd_plan_roster_find(engine->plan, name) == NULL) {
        char room[RD_NEAREST_HINT_MAX];
        struct rd_nearest nearest = rd_nearest_of(name);
        for (size_t i = 0; i < engine->plan->roster_count; i++) {
            rd_nearest_try(&nearest, engine->plan->rosters[i].name);
        }
        return rd_reject_set(take->reject, "bad_value", "data.roster",
                "no roster has the name \"%.*s\"%s", RD_FMT(rd_str_cut(name, 64)),
                rd_nearest_hint(&nearest, room));
    }
    return data[RD_KEY_UNTIL].integer > data[RD_KEY_FROM].integer ||
           rd_reject_set(take->reject, "bad_value", "data.until", "until must be later than from");
}

bool find_alert(struct engine *engine, struct take *take)
{
    struct alert_row row;
    uint64_t seq = (uint64_t)engine->event->data[RD_KEY_ALERT].integer;
    const struct engine_reach *reach = engine->sender->reach;
    if (!alert_row_get(engine->view, seq, &row) ||
            (reach != NULL && !reach->covers(reach->context, name_text(engine->view, row.unit)))) {
        return rd_reject_set(take->reject, "bad_value", "data.alert",
                "no alert has the number %llu, or it is no longer kept", (unsigned long long)seq);
    }
    struct rd_alert *alert = RD_ARENA_ARRAY(&engine->arena, struct rd_alert, 1);
    int r = rd_alert_open(rd_arena_dup(&engine->arena, row.packed), &engine->arena, alert);
    RD_ASSERT(r == 0);
    take->alert = alert;
    take->asked = alert->case_number != 0 ? case_open(engine, alert->case_number) : NULL;
    return true;
}

static bool check_clock(struct engine *engine, struct take *take)
{
    struct rd_str name = event_str(engine, RD_KEY_CLOCK);
    char room[RD_NEAREST_HINT_MAX];
    if (clock_named(engine, take->work, name) != NULL) {
        return true;
    }
    struct rd_nearest nearest = rd_nearest_of(name);
    clocks_try(take->work, &nearest);
    return rd_reject_set(take->reject, "bad_value", "data.clock",
            "the case's policy has no clock \"%.*s\"%s", RD_FMT(rd_str_cut(name, 64)),
            rd_nearest_hint(&nearest, room));
}

static bool check_lifecycle(struct engine *engine, struct take *take)
{
    const struct rd_event *event = engine->event;
    const struct case_row *row = take->work->row;
    take->lifecycle = lifecycle_of(&take->rule->lifecycle, row->kind, row->state, &take->to);
    bool is_late = engine->own.wall > row->closed;
    if (take->lifecycle != LIFECYCLE_ILLEGAL && (take->lifecycle != LIFECYCLE_LATE || !is_late)) {
        return true;
    }
    if (take->merged != 0) {
        return rd_reject_set(take->reject, "illegal_transition", "",
                "case %llu was merged into case %llu, and %s does not apply to a %s that is %s",
                (unsigned long long)take->merged, (unsigned long long)row->number,
                rd_event_type_name(event->type), case_kind_name(row->kind),
                case_state_name(row->state));
    }
    return rd_reject_set(take->reject, "illegal_transition", "",
            "%s does not apply to a %s that is %s", rd_event_type_name(event->type),
            case_kind_name(row->kind), case_state_name(row->state));
}

bool target_find(struct engine *engine, struct take *take)
{
    /* A roster that there is not is a bad value, which is said before an unknown unit. */
    if (take->rule->find == find_roster && !find_roster(engine, take)) {
        return false;
    }
    if (!find_unit(engine, take, RD_KEY_UNIT, &take->unit) ||
            !find_unit(engine, take, RD_KEY_RESPONDENT, &take->respondent) ||
            !find_unit(engine, take, RD_KEY_ASKER, &take->asker)) {
        return false;
    }
    if (take->rule->find != NULL && !take->rule->find(engine, take)) {
        return false;
    }
    take->case_number = take->work != NULL ? take->work->row->number : 0;
    return true;
}

/* After the case's due timers have fired: they may have moved it. */
bool target_check(struct engine *engine, struct take *take)
{
    if (take->work == NULL) {
        return true;
    }
    bool is_known = engine->event->type != RD_EVENT_EXTENDED || check_clock(engine, take);
    return is_known && check_lifecycle(engine, take);
}
