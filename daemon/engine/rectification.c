#include "daemon/engine/rectification.h"

#include "common/base/digest.h"
#include "daemon/engine/alerts.h"
#include "daemon/engine/arm.h"
#include "daemon/engine/cases.h"
#include "daemon/engine/duties.h"
#include "daemon/engine/event_rows.h"
#include "daemon/engine/ladder.h"
#include "daemon/engine/record.h"
#include "daemon/engine/take_shared.h"
#include "daemon/engine/target.h"
#include "daemon/engine/units.h"
#include "daemon/store/rows/duty_row.h"
#include "daemon/store/rows/index_row.h"

/* The day on which a limit in days ends at the unit. */
static rd_day last_day_of(
        struct engine *engine, uint32_t unit, rd_time start, struct rd_limit limit)
{
    struct rd_day_limit days = {.unit = limit.unit, .count = limit.count};
    return rd_calendar_day_limit(unit_calendar(engine, unit), start, &days).last_day;
}

/* ---- the cause ---- */

static void open_duty(struct engine *engine, struct take *take)
{
    struct rd_str period =
            rd_arena_printf(&engine->arena, "%llu", (unsigned long long)take->work->row->number);
    struct rd_str subject = duty_subject(engine, RD_STR(RECTIFICATION), take->unit, period);
    if (subject_find(engine->view, subject) != 0) {
        return;
    }
    rd_day last_day = last_day_of(
            engine, take->unit, engine->own.wall, engine->plan->supervision.rectification.due);
    struct take apart = {.reject = take->reject, .unit = take->unit};
    struct work *duty = take_open(engine, &apart, CASE_DUTY, take->unit, subject);
    struct rd_value *values = case_attributes(engine, duty)->values;
    values[RD_KEY_DUTY] = (struct rd_value){.type = RD_VALUE_STR, .bytes = RD_STR(RECTIFICATION)};
    values[RD_KEY_PERIOD] = (struct rd_value){.type = RD_VALUE_STR, .bytes = period};
    values[RD_KEY_CAUSE] = engine->event->data[RD_KEY_CAUSE];
    if (last_day != RD_DAY_NONE) {
        values[RD_KEY_DUE] = (struct rd_value){.type = RD_VALUE_DATE, .integer = last_day};
    }
    take_begin(engine, duty);
    struct alert_draft draft = alert_draft_of(RD_ALERT_DUTY_OWED, RD_INFO, take->unit);
    draft.due = value_due(engine, &values[RD_KEY_DUE], take->unit);
    (void)alert_send(engine, duty, &draft);
}

/* The newest check that found this cause mended at the unit, or at a unit whose cases it took
 * over. */
static bool find_mended(struct engine *engine, uint32_t unit, struct mended_row *ret_row)
{
    const struct rd_plan *plan = engine->plan;
    uint8_t cause[RD_DIGEST_BYTES];
    rd_digest1(event_str(engine, RD_KEY_CAUSE), cause);
    bool is_found = mended_row_get(engine->view, unit, cause, ret_row);
    for (size_t i = 0; i < plan->unit_count; i++) {
        struct mended_row row;
        uint32_t gone = plan->units[i].moved_to.len > 0 ? unit_number(engine, (int32_t)i) : 0;
        if (gone != 0 && unit_present(engine, gone) == unit &&
                mended_row_get(engine->view, gone, cause, &row) &&
                (!is_found || row.verified > ret_row->verified)) {
            *ret_row = row;
            is_found = true;
        }
    }
    return is_found;
}

static void tell_recurred(struct engine *engine, struct take *take)
{
    struct alert_draft draft = alert_draft_of(RD_ALERT_CAUSE_RECURRED, RD_WARNING, take->unit);
    draft.about = take->unit;
    (void)alert_send(engine, take->work, &draft);
    draft.unit = unit_above(engine, take->unit, 1);
    if (draft.unit != 0) {
        (void)alert_send(engine, take->work, &draft);
    }
}

bool take_cause_found(struct engine *engine, struct take *take)
{
    (void)take_plain(engine, take);
    struct mended_row row;
    if (find_mended(engine, take->unit, &row) && row.verified <= engine->own.wall) {
        rd_day last_day = last_day_of(engine, take->unit, row.verified,
                engine->plan->supervision.rectification.recurrence);
        take->has_recurred =
                last_day == RD_DAY_NONE ||
                rd_calendar_day(unit_calendar(engine, take->unit), engine->own.wall) <= last_day;
    }
    if (take->has_recurred) {
        tell_recurred(engine, take);
    }
    open_duty(engine, take);
    return true;
}

/* ---- mended ---- */

static bool mends(struct engine *engine, struct work *duty)
{
    return duty_mends(duty->row, case_attributes(engine, duty)) != 0;
}

/* Told of the duty, or of the case whose cause it was: its oldest one that is open. */
bool find_rectified(struct engine *engine, struct take *take)
{
    if (!find_named(engine, take)) {
        return false;
    }
    uint64_t duty = take->work->row->kind != CASE_DUTY
                            ? mending_first(engine->view, take->work->row->number)
                            : 0;
    take->into = duty != 0 ? case_open(engine, duty) : NULL;
    return true;
}

static void decide(struct engine *engine, struct work *duty)
{
    duty->row->state = CASE_DECIDED;
    duty->row->was_decided = true;
    take_acknowledge(engine, duty); /* a decision implies both */
    take_moment(engine, duty, RD_MOMENT_CUSTOMER_CONTACTED, engine->own);
    take_moment(engine, duty, RD_MOMENT_DECIDED, engine->own);
    ladder_arm(engine, duty);
    take_outcome(engine, duty);
    duty->is_dirty = true;
}

bool take_rectified(struct engine *engine, struct take *take)
{
    (void)take_plain(engine, take);
    struct work *duty = take->work;
    if (take->into != NULL) {
        duty = take->into;
        case_history_event(engine, duty, HISTORY_EVENT);
        ladder_keep(engine, duty);
        take_moment(engine, duty, RD_MOMENT_RECTIFIED, engine->own);
    }
    if (mends(engine, duty) && duty->row->state < CASE_DECIDED) {
        decide(engine, duty);
    }
    return true;
}

/* ---- the check of its effect ---- */

static void note_effect(struct engine *engine, struct work *duty, bool is_effective)
{
    const struct rd_value *cause = &case_attributes(engine, duty)->values[RD_KEY_CAUSE];
    uint8_t digest[RD_DIGEST_BYTES];
    uint32_t unit = duty->row->first_unit;
    struct mended_row row = {.verified = engine->own.wall, .duty = duty->row->number}, before;
    if (!mends(engine, duty) || cause->type != RD_VALUE_STR) {
        return;
    }
    rd_digest1(cause->bytes, digest);
    if (is_effective) {
        mended_row_put(engine->view, unit, digest, &row);
    } else if (mended_row_get(engine->view, unit, digest, &before) && before.duty == row.duty) {
        mended_row_del(engine->view, unit, digest);
    }
}

bool take_duty_verified(struct engine *engine, struct take *take)
{
    struct work *work = take->work;
    bool is_effective = event_flag(engine, RD_KEY_EFFECTIVE);
    bool is_over = case_is_over(work);
    if (!is_effective) {
        if (!take_is_reopenable(engine, take)) {
            return false;
        }
        note_effect(engine, work, false);
        take_reopen_told(engine, take);
        return true;
    }
    (void)take_note(engine, take);
    note_effect(engine, work, true);
    if (!is_over) {
        take_end(engine, work, CASE_CLOSED, engine->own);
    }
    return true;
}

void engine_reindex_duty(struct engine *engine, uint64_t number)
{
    rd_arena_reset(&engine->arena);
    engine->work_count = 0;
    struct work *work = case_open(engine, number);
    if (work != NULL && work->row->kind == CASE_DUTY) {
        duty_save(engine, work->row, case_attributes(engine, work));
    }
    engine->work_count = 0;
}
