#include "daemon/engine/schedules.h"

#include "daemon/engine/alerts.h"
#include "daemon/engine/arm.h"
#include "daemon/engine/cases.h"
#include "daemon/engine/names.h"
#include "daemon/engine/take_shared.h"
#include "daemon/engine/units.h"
#include "daemon/engine/watch.h"
#include "daemon/store/rows/duty_row.h"
#include "daemon/store/rows/index_row.h"

/* One firing opens one duty, so that what a downtime has missed comes some at a time. */

static struct timer_row timer_of(uint32_t unit, uint32_t duty)
{
    return (struct timer_row){
            .is_service = true, .kind = TIMER_DUTY, .owner = (uint64_t)unit << 32 | duty};
}

static void arm(
        struct engine *engine, uint32_t unit, uint32_t duty, struct schedule_row *row, rd_time due)
{
    timer_arm(engine, &row->armed, due, timer_of(unit, duty));
    schedule_row_put(engine->view, unit, duty, row);
}

const struct rd_plan_duty *schedule_owed(struct engine *engine, uint32_t unit, uint32_t duty)
{
    const struct rd_plan_supervision *supervision = &engine->plan->supervision;
    int32_t index = watch_unit(engine, unit);
    struct rd_str name = name_shown(engine, duty);
    for (size_t i = 0; index != RD_NO_INDEX && i < supervision->duty_count; i++) {
        const struct rd_plan_duty *found = &supervision->duties[i];
        if (rd_str_eq(found->duty, name)) {
            return found->owes[index] ? found : NULL;
        }
    }
    return NULL;
}

static struct rd_str period_name(
        struct engine *engine, enum rd_every every, struct rd_period period)
{
    char text[RD_PERIOD_TEXT_MAX];
    rd_every_format(every, period, text);
    return rd_arena_dup(&engine->arena, rd_str_of(text));
}

/* ---- what is armed ---- */

/* An open case of another kind keeps a subject that it bears; the duty then gets the subject with a
 * mark appended, so that no sender can prevent a duty by opening a case under its name. */
static struct rd_str free_subject(struct engine *engine, struct rd_str subject)
{
    uint64_t number = subject_find(engine->view, subject);
    struct work *work = number != 0 ? case_open(engine, number) : NULL;
    bool is_taken = work != NULL && work->row->kind != CASE_DUTY && !case_is_over(work);
    return is_taken ? duty_subject_marked(engine, subject) : subject;
}

/* The period's duty is there; what comes for it opens nothing. */
static bool is_opened(struct engine *engine, uint32_t unit, const struct rd_plan_duty *duty,
        enum rd_every every, struct rd_period period)
{
    struct rd_str subject =
            duty_subject(engine, duty->duty, unit, period_name(engine, every, period));
    return duty_bearing(engine, subject) != NULL;
}

static struct rd_period next_period(enum rd_every every, rd_day behind)
{
    struct rd_period period = rd_every_period(every, behind);
    return period.first > behind ? period : rd_every_period(every, period.last + 1);
}

/* The first day of the period that is owed next by what has no timer that is due. */
static rd_day next_day(struct engine *engine, uint32_t unit, const struct rd_plan_duty *duty,
        const struct schedule_row *row, bool is_known)
{
    const struct rd_calendar *calendar = unit_calendar(engine, unit);
    struct rd_period now =
            rd_every_period(duty->every, rd_calendar_day(calendar, engine->now.wall));
    struct rd_period next = next_period(duty->every, now.last);
    if (duty->from == RD_DAY_NONE) {
        bool begins = rd_calendar_instant(calendar, now.first, 0) == engine->now.wall;
        return is_known && row->every == duty->every ? row->day
               : begins && !is_known                 ? now.first
                                                     : next.first;
    }
    if (duty->from > now.last) {
        return rd_every_period(duty->every, duty->from).first;
    }
    struct rd_str subject =
            duty_subject(engine, duty->duty, unit, period_name(engine, duty->every, now));
    return duty_bearing(engine, subject) != NULL ? next.first : now.first;
}

static void configure(struct engine *engine, uint32_t unit, const struct rd_plan_duty *duty)
{
    uint32_t name = name_number(engine, duty->duty);
    struct schedule_row row = {.armed = RD_TIME_NONE, .day = RD_DAY_NONE};
    bool is_known = schedule_row_get(engine->view, unit, name, &row);
    if (row.armed != RD_TIME_NONE && row.armed <= engine->now.wall) {
        return;
    }
    row.day = next_day(engine, unit, duty, &row, is_known);
    row.every = duty->every;
    rd_time due = rd_calendar_instant(unit_calendar(engine, unit), row.day, 0);
    arm(engine, unit, name, &row, due > engine->now.wall ? due : engine->now.wall);
}

static void drop_unwanted(struct engine *engine)
{
    uint32_t unit = 0, duty = 0;
    for (bool is_first = true; schedule_row_next(engine->view, is_first, &unit, &duty);
            is_first = false) {
        struct schedule_row row;
        if (schedule_owed(engine, unit, duty) == NULL &&
                schedule_row_get(engine->view, unit, duty, &row)) {
            timer_arm(engine, &row.armed, RD_TIME_NONE, timer_of(unit, duty));
            schedule_row_del(engine->view, unit, duty);
        }
    }
}

void schedules_configure(struct engine *engine)
{
    const struct rd_plan_supervision *supervision = &engine->plan->supervision;
    if (engine->now.wall <= 0) {
        return; /* by the events' own clock no time was yet */
    }
    drop_unwanted(engine);
    for (size_t k = 0; k < supervision->duty_count; k++) {
        (void)name_number(engine, supervision->duties[k].duty); /* their order is the file's */
    }
    for (size_t i = 0; i < engine->plan->unit_count; i++) {
        uint32_t unit = unit_number(engine, (int32_t)i);
        for (size_t k = 0; k < supervision->duty_count && watch_unit(engine, unit) != RD_NO_INDEX;
                k++) {
            if (supervision->duties[k].owes[i]) {
                size_t works = engine->work_count;
                configure(engine, unit, &supervision->duties[k]);
                engine->work_count = works; /* what it looked at is not changed */
            }
        }
    }
}

bool schedule_timer_is_live(struct engine *engine, const struct timer_row *row)
{
    struct schedule_row schedule;
    return !row->is_steady &&
           schedule_row_get(engine->view, schedule_unit(row), schedule_duty(row), &schedule) &&
           schedule.armed == row->due;
}

enum { AHEAD_MAX = 400 }; /* periods that were opened before they began */

bool schedule_next(
        struct engine *engine, uint32_t unit, uint32_t duty, struct schedule_row *ret_row)
{
    const struct rd_plan_duty *owed = schedule_owed(engine, unit, duty);
    struct schedule_row *row = ret_row;
    if (owed == NULL || !schedule_row_get(engine->view, unit, duty, row) ||
            row->armed == RD_TIME_NONE) {
        return false;
    }
    for (int i = 0; i < AHEAD_MAX; i++) {
        struct rd_period period = rd_every_period(row->every, row->day);
        if (!is_opened(engine, unit, owed, row->every, period)) {
            break;
        }
        row->day = next_period(owed->every, period.last).first;
        row->every = owed->every;
        row->armed = rd_calendar_instant(unit_calendar(engine, unit), row->day, 0);
    }
    return true;
}

uint64_t schedules_armed(struct engine *engine)
{
    uint64_t armed = 0;
    uint32_t unit = 0, duty = 0;
    for (bool is_first = true; schedule_row_next(engine->view, is_first, &unit, &duty);
            is_first = false) {
        struct schedule_row row;
        armed += schedule_row_get(engine->view, unit, duty, &row) && row.armed != RD_TIME_NONE;
    }
    return armed;
}

/* ---- what is opened ---- */

static void fill(struct attribute_row *attributes, const struct rd_plan_duty *duty,
        struct rd_str period, rd_day last_day)
{
    struct rd_value *values = attributes->values;
    values[RD_KEY_DUTY] = (struct rd_value){.type = RD_VALUE_STR, .bytes = duty->duty};
    values[RD_KEY_PERIOD] = (struct rd_value){.type = RD_VALUE_STR, .bytes = period};
    values[RD_KEY_DUE] = (struct rd_value){.type = RD_VALUE_DATE, .integer = last_day};
    if (duty->title.len > 0) {
        values[RD_KEY_TITLE] = (struct rd_value){.type = RD_VALUE_STR, .bytes = duty->title};
    }
    if (duty->has_total) {
        values[RD_KEY_TOTAL] =
                (struct rd_value){.type = RD_VALUE_UINT, .integer = (int64_t)duty->total};
    }
    if (duty->attributes.len > 0) {
        values[RD_KEY_ATTRIBUTES] =
                (struct rd_value){.type = RD_VALUE_MAP, .bytes = duty->attributes};
    }
}

static void open_duty(struct engine *engine, uint32_t unit, const struct rd_plan_duty *duty,
        enum rd_every every, struct rd_period period)
{
    const struct rd_calendar *calendar = unit_calendar(engine, unit);
    struct rd_str name = period_name(engine, every, period);
    struct rd_str subject = duty_subject(engine, duty->duty, unit, name);
    if (duty_bearing(engine, subject) != NULL) {
        return; /* whoever opened it */
    }
    subject = free_subject(engine, subject);
    rd_day last_day = rd_due_day(&duty->due, period, calendar);
    struct work *work = case_scheduled(engine, unit, subject);
    fill(case_attributes(engine, work), duty, name, last_day);
    take_begin(engine, work);
    struct alert_draft draft = alert_draft_of(RD_ALERT_DUTY_OWED, RD_INFO, unit);
    draft.due = rd_calendar_instant(calendar, last_day, 24 * 60);
    draft.is_late = true;
    (void)alert_send(engine, work, &draft);
}

void schedule_fire(struct engine *engine, const struct timer_row *timer)
{
    uint32_t unit = schedule_unit(timer), name = schedule_duty(timer);
    struct schedule_row row;
    const struct rd_plan_duty *duty = schedule_owed(engine, unit, name);
    bool is_found = schedule_row_get(engine->view, unit, name, &row);
    RD_ASSERT(is_found && duty != NULL); /* a duty that is no longer owed keeps no row */
    struct rd_period period = rd_every_period(row.every, row.day);
    struct rd_period next = next_period(duty->every, period.last);
    engine->cause = "duty";
    engine->cause_name = duty->duty;
    engine->own = instant_of(engine, timer->due);
    open_duty(engine, unit, duty, row.every, period);
    engine->own = engine->now;
    row.day = next.first;
    row.every = duty->every;
    arm(engine, unit, name, &row, rd_calendar_instant(unit_calendar(engine, unit), row.day, 0));
}
