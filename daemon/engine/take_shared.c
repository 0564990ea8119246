#include "daemon/engine/take_shared.h"

#include "common/base/digest.h"
#include "common/wire/event_table.h"
#include "daemon/engine/alerts.h"
#include "daemon/engine/arm.h"
#include "daemon/engine/cases.h"
#include "daemon/engine/chases.h"
#include "daemon/engine/clocks.h"
#include "daemon/engine/due.h"
#include "daemon/engine/housekeeping.h"
#include "daemon/engine/ladder.h"
#include "daemon/engine/ladder_pass.h"
#include "daemon/engine/lifecycle.h"
#include "daemon/engine/names.h"
#include "daemon/engine/notices.h"
#include "daemon/engine/pauses.h"
#include "daemon/engine/policy.h"
#include "daemon/engine/record.h"
#include "daemon/engine/rounds.h"
#include "daemon/engine/state.h"
#include "daemon/engine/take.h"
#include "daemon/engine/tallies.h"
#include "daemon/engine/unit_days.h"
#include "daemon/engine/units.h"
#include "daemon/store/rows/attribute_row.h"
#include "daemon/store/rows/case_row.h"
#include "daemon/store/rows/history_row.h"
#include "daemon/store/rows/index_row.h"

rd_time event_due(struct engine *engine, enum rd_event_key key, uint32_t unit)
{
    return value_due(engine, &engine->event->data[key], unit);
}

/* ---- attributes ---- */

static bool is_same(const struct rd_value *a, const struct rd_value *b)
{
    return a->type == b->type && a->integer == b->integer && rd_str_eq(a->bytes, b->bytes);
}

rd_key_set case_keys(void)
{
    return rd_keys_attributes() & ~(RD_KEY_BIT(RD_KEY_UNIT) | RD_KEY_BIT(RD_KEY_RESPONDENT));
}

/* What a case keeps under another name than its event brings it. */
static const struct {
    enum rd_event_type type;
    enum rd_event_key key, attribute;
} KEPT_AS[] = {
        {RD_EVENT_DECIDED, RD_KEY_AMOUNT, RD_KEY_DECIDED_AMOUNT},
        {RD_EVENT_DECIDED, RD_KEY_CURRENCY, RD_KEY_DECIDED_CURRENCY},
        {RD_EVENT_MEDIATION_SETTLED, RD_KEY_AMOUNT, RD_KEY_SETTLED_AMOUNT},
        {RD_EVENT_MEDIATION_SETTLED, RD_KEY_CURRENCY, RD_KEY_SETTLED_CURRENCY},
        {RD_EVENT_MEDIATION_CALLED, RD_KEY_BODY, RD_KEY_MEDIATION_BODY},
};

/* Whether kept_as() has anything to say of it. */
static bool is_kept_as(enum rd_event_type type)
{
    bool is_there = false;
    for (size_t i = 0; i < RD_COUNT(KEPT_AS); i++) {
        is_there = is_there || KEPT_AS[i].type == type;
    }
    return is_there;
}

static enum rd_event_key kept_as(enum rd_event_type type, enum rd_event_key key)
{
    for (size_t i = 0; i < RD_COUNT(KEPT_AS); i++) {
        if (KEPT_AS[i].type == type && KEPT_AS[i].key == key) {
            return KEPT_AS[i].attribute;
        }
    }
    return key;
}

static rd_key_set attributes_kept_as(enum rd_event_type type, rd_key_set keys)
{
    rd_key_set kept = 0;
    enum rd_event_key key;
    while (rd_key_next(&keys, &key)) {
        kept |= RD_KEY_BIT(kept_as(type, key));
    }
    return kept;
}

/* A second decision replaces the first as a whole, a second settlement its sum, so keys that it
 * leaves out are cleared. Other events leave such keys alone. */
rd_key_set take_attributes(struct engine *engine, struct work *work, rd_key_set keys)
{
    struct attribute_row *attributes = NULL; /* read once there is something to compare */
    enum rd_event_type type = engine->event->type;
    keys = is_kept_as(type) ? keys : keys & engine->event->present;
    rd_key_set changed = 0;
    enum rd_event_key key;
    while (rd_key_next(&keys, &key)) {
        const struct rd_value *value = &engine->event->data[key];
        attributes = attributes != NULL ? attributes : case_attributes(engine, work);
        enum rd_event_key as = kept_as(type, key);
        bool replaces = type == RD_EVENT_DECIDED || as != key;
        if ((value->type == RD_NIL && !replaces) || is_same(value, &attributes->values[as])) {
            continue;
        }
        attributes->values[as] = *value;
        changed |= RD_KEY_BIT(key);
        work->are_attributes_dirty = true;
    }
    return changed;
}

rd_key_set take_note(struct engine *engine, struct take *take)
{
    if (take->lifecycle == LIFECYCLE_LATE) {
        case_history_event(engine, take->work, HISTORY_LATE);
        return 0;
    }
    struct work *work = take->work;
    rd_key_set changed = take_attributes(engine, work, take->rule->keeps);
    case_history_event(engine, work, HISTORY_EVENT);
    if ((take->rule->flags & EVENT_IS_MATCHED) != 0 && changed != 0 && !case_is_over(work)) {
        (void)policy_follow_keys(engine, work, attributes_kept_as(engine->event->type, changed));
    }
    return changed;
}

/* ---- opening and ending ---- */

/* Among the open cases of its customer, or no longer. */
static void index_open(struct engine *engine, struct work *work, bool is_open)
{
    const struct rd_value *customer = &case_attributes(engine, work)->values[RD_KEY_CUSTOMER];
    uint8_t digest[RD_DIGEST_BYTES];
    if (customer->type != RD_VALUE_STR || work->row->kind == CASE_DUTY) {
        return;
    }
    rd_digest1(customer->bytes, digest);
    if (is_open) {
        customer_open_put(engine->view, digest, work->row->number, (uint8_t)work->row->kind);
    } else {
        customer_open_del(engine->view, digest, work->row->number, (uint8_t)work->row->kind);
    }
}

struct rd_str duty_subject(
        struct engine *engine, struct rd_str duty, uint32_t unit, struct rd_str period)
{
    if (period.len == 0) { /* the year it is due in */
        rd_time due = event_due(engine, RD_KEY_DUE, unit);
        due = due == RD_TIME_NONE ? engine->own.wall : due;
        rd_day day = rd_calendar_day(unit_calendar(engine, unit), due - 1);
        period = rd_arena_printf(&engine->arena, "%d", rd_date_of(day).year);
    }
    return rd_arena_printf(&engine->arena, "%.*s/%.*s/%.*s", RD_FMT(duty),
            RD_FMT(name_shown(engine, unit)), RD_FMT(period));
}

struct rd_str duty_subject_marked(struct engine *engine, struct rd_str subject)
{
    return rd_arena_printf(&engine->arena, "%.*s/duty", RD_FMT(subject));
}

static struct work *duty_at(struct engine *engine, struct rd_str subject)
{
    uint64_t number = subject_find(engine->view, subject);
    struct work *work = number != 0 ? case_open(engine, number) : NULL;
    return work != NULL && work->row->kind == CASE_DUTY ? work : NULL;
}

struct work *duty_bearing(struct engine *engine, struct rd_str subject)
{
    struct work *plain = duty_at(engine, subject);
    if (plain != NULL && !case_is_over(plain)) {
        return plain;
    }
    struct work *marked = duty_at(engine, duty_subject_marked(engine, subject));
    return plain == NULL || (marked != NULL && !case_is_over(marked)) ? marked : plain;
}

static struct work *open_at(
        struct engine *engine, enum case_kind kind, uint32_t unit, struct rd_str subject)
{
    struct work *work = case_create(engine, kind);
    struct case_row *row = work->row;
    row->unit = row->first_unit = row->respondent = unit;
    row->opened = row->received = engine->own.wall;
    row->opened_seq = engine->seq;
    row->is_quiet = engine->is_quiet;
    work->attributes->subject = subject;
    subject_put(engine->view, subject, row->number);
    if (kind != CASE_DUTY) {
        unit_day_opened(engine, unit, row->opened);
        tally_note(engine, unit, row->opened, TALLY_OPENED);
    }
    unit_case_put(engine->view, unit, row->number, (uint8_t)kind);
    return work;
}

struct work *case_scheduled(struct engine *engine, uint32_t unit, struct rd_str subject)
{
    return open_at(engine, CASE_DUTY, unit, subject);
}

struct work *take_open(struct engine *engine, struct take *take, enum case_kind kind, uint32_t unit,
        struct rd_str subject)
{
    struct work *work = open_at(engine, kind, unit, subject);
    struct case_row *row = work->row;
    const struct rd_value *received = &engine->event->data[RD_KEY_RECEIVED];
    row->respondent = take->respondent != 0 ? take->respondent : unit;
    if (received->type == RD_VALUE_TIME && received->integer <= engine->own.wall) {
        row->received = received->integer;
    }
    (void)take_attributes(engine, work, case_keys());
    struct rd_str customer = event_str(engine, RD_KEY_CUSTOMER);
    if (customer.len > 0) {
        const uint8_t *digest = customer_digest(engine);
        customer_case_put(engine->view, digest, row->number, (uint8_t)kind);
        if (kind != CASE_DUTY) {
            customer_open_put(engine->view, digest, row->number, (uint8_t)kind);
        }
    }
    if (engine->is_quiet) {
        struct unit_row counts = unit_row_get(engine->view, unit);
        counts.taken_over++;
        unit_row_put(engine->view, unit, &counts);
        engine->counters.has_taken_over = true;
    }
    take->case_number = row->number;
    take->touched = work;
    return work;
}

void take_begin(struct engine *engine, struct work *work)
{
    policy_apply(engine, work);
    if (engine->event != NULL) {
        case_history_event(engine, work, HISTORY_EVENT);
    } else {
        case_history_scheduled(engine, work);
    }
    clocks_moment(engine, work, RD_MOMENT_RECEIVED, instant_of(engine, work->row->received));
    clocks_moment(engine, work, RD_MOMENT_REGISTERED, engine->own);
    clocks_begin(engine, work, false);
    ladder_start(engine, work, engine->own);
}

void take_moment(struct engine *engine, struct work *work, enum rd_moment moment, struct instant at)
{
    clocks_moment(engine, work, moment, at);
    ladder_moment(engine, work, moment);
}

/* Its unit has it in hand. */
void take_acknowledge(struct engine *engine, struct work *work)
{
    tally_acted(engine, work);
    case_acks(engine, work, work->row->unit, event_str(engine, RD_KEY_BY));
    ladder_acknowledged(engine, work);
    work->row->was_acknowledged = true;
    take_moment(engine, work, RD_MOMENT_ACKNOWLEDGED, engine->own);
}

void take_outcome(struct engine *engine, struct work *work)
{
    uint32_t first = unit_present(engine, work->row->first_unit);
    if (first == work->row->unit || first == 0) {
        return;
    }
    struct alert_draft draft = alert_draft_of(RD_ALERT_CASE_OUTCOME, RD_INFO, first);
    (void)alert_send(engine, work, &draft);
}

void take_end(struct engine *engine, struct work *work, enum case_state state, struct instant at)
{
    struct case_row *row = work->row;
    RD_ASSERT(!case_is_over(work));
    pauses_end_all(engine, work, at);
    clocks_close(engine, work, at);
    case_acks(engine, work, 0, event_str(engine, RD_KEY_BY));
    ladder_end(engine, work);
    chases_drop(engine, work);
    notices_close(engine, work);
    row->state = state;
    row->closed = at.wall;
    RD_ASSERT(engine->counters.open_cases > 0);
    engine->counters.open_cases--;
    unit_case_del(engine->view, row->unit, row->number);
    if (state == CASE_CLOSED && row->kind != CASE_DUTY) {
        unit_day_closed(engine, row->unit, at.wall);
        tally_note(engine, row->unit, at.wall, TALLY_CLOSED);
    }
    index_open(engine, work, false);
    clocks_moment(engine, work, RD_MOMENT_CLOSED, at);
}

/* Goes on: clocks from their first start, the ladder anew. */
/* A closed case stays with a unit that has gone; when it is reopened it moves to the unit that took
 * the cases. */
static void reopen_where_present(struct engine *engine, struct work *work)
{
    uint32_t before = work->row->unit;
    work->row->unit = unit_present(engine, before);
    if (work->row->unit != before) {
        case_history_moved(engine, work, before, engine->own.wall);
    }
}

void take_reopen(struct engine *engine, struct work *work, const struct attributes_seen *before)
{
    struct case_row *row = work->row;
    if (row->state == CASE_CLOSED) {
        reopen_where_present(engine, work);
        engine->counters.open_cases++;
        unit_case_put(engine->view, row->unit, row->number, (uint8_t)row->kind);
        index_open(engine, work, true);
    }
    row->state = CASE_OPEN;
    row->closed = RD_TIME_NONE;
    row->gone_into = 0;
    row->reopened++;
    row->was_acknowledged = row->was_decided = false;
    (void)(before == NULL ? policy_reapply(engine, work) : policy_follow(engine, work, before));
    clocks_reopen(engine, work, engine->own);
    ladder_start(engine, work, engine->own);
    work->is_dirty = true;
}

/* Questions to the old unit need no answer any more. */
static void release_alerts(struct engine *engine, struct work *work, uint32_t unit)
{
    struct case_row *row = work->row;
    uint32_t kept = 0;
    for (uint32_t i = 0; i < row->alert_count; i++) {
        if (row->alerts[i].unit == unit) {
            alert_settle(engine, unit, row->alerts[i].seq);
        } else {
            row->alerts[kept++] = row->alerts[i];
        }
    }
    row->alert_count = kept;
}

void case_move(struct engine *engine, struct work *work, uint32_t unit, struct instant at,
        const struct attributes_seen *before)
{
    struct case_row *row = work->row;
    uint32_t left = row->unit;
    unit_case_del(engine->view, left, row->number);
    unit_case_put(engine->view, unit, row->number, (uint8_t)row->kind);
    row->unit = unit;
    row->was_acknowledged = false;
    work->is_dirty = true;
    round_follow(engine, work, left);
    release_alerts(engine, work, left);
    if (before != NULL) {
        (void)policy_follow(engine, work, before);
    }
    ladder_moved(engine, work, left, at);
    struct alert_draft draft = alert_draft_of(RD_ALERT_CASE_ASSIGNED, RD_WARNING, unit);
    (void)alert_send(engine, work, &draft);
}
