#include "daemon/engine/clocks_tell.h"

#include "daemon/engine/alerts.h"
#include "daemon/engine/arm.h"
#include "daemon/engine/clock_timer.h"
#include "daemon/engine/names.h"
#include "daemon/engine/state.h"
#include "daemon/engine/units.h"
#include "daemon/store/rows/alert_row.h"
#include "daemon/store/rows/case_row.h"
#include "daemon/store/rows/name_row.h"

/* What is told of a clock: its breach, that it was none, a calendar that knows no more. */

static uint32_t clock_unit(
        struct engine *engine, struct work *work, const struct rd_plan_clock *definition)
{
    /* A review is owned by the level above, the case stays where it is. */
    if (definition->start == RD_MOMENT_REVIEW_REQUESTED && definition->start_attribute.len == 0) {
        uint32_t parent = unit_above(engine, work->row->unit, 1);
        return parent != 0 ? parent : work->row->unit;
    }
    return work->row->unit;
}

struct alert_draft clock_draft(struct engine *engine, struct work *work,
        const struct case_clock *clock, enum rd_alert_type type)
{
    const struct rd_plan_clock *definition = clock_definition(work, clock);
    struct alert_draft draft = alert_draft_of(type, RD_INFO, clock_unit(engine, work, definition));
    draft.clock_name = definition->name;
    draft.clock_shown = definition->shown;
    if (clock->due != RD_TIME_NONE) { /* none in a pause that it began in */
        draft.due = timer_wall(engine, clock->due, clock->is_steady);
    }
    draft.is_provisional = clock->is_provisional;
    return draft;
}

/* Missed ones are dropped; one that never had an instant may get one from a later
 * due. */
static void reminders_drop(struct engine *engine, struct work *work, struct case_clock *clock)
{
    for (size_t i = 0; i < clock_definition(work, clock)->reminder_count; i++) {
        if (reminder_at(engine, work, clock, i) != RD_TIME_NONE) {
            clock->reminders_sent = (uint16_t)(clock->reminders_sent | 1U << i);
        }
    }
}

void clock_breach(struct engine *engine, struct work *work, struct case_clock *clock)
{
    const struct rd_plan_clock *definition = clock_definition(work, clock);
    clock->state = CLOCK_BREACHED;
    clock->stopped = timer_wall(engine, clock->due, clock->is_steady);
    clock->breach_seq = engine->counters.alert_seq + 1;
    reminders_drop(engine, work, clock);
    clock_arm(engine, work, clock);
    engine->cause_due = clock->stopped;
    struct alert_draft draft = clock_draft(engine, work, clock, RD_ALERT_CLOCK_BREACH);
    draft.severity = definition->breach_severity;
    draft.never_withheld = definition->is_statutory;
    draft.is_late = true;
    uint32_t told[RD_TARGETS_MAX + 1];
    size_t told_count = 0;
    told[told_count++] = draft.unit;
    for (size_t i = 0; i < definition->breach_notify.count; i++) {
        uint32_t unit = target_unit(engine, work, &definition->breach_notify.at[i]);
        bool is_new = unit != 0;
        for (size_t k = 0; k < told_count; k++) {
            is_new = is_new && told[k] != unit;
        }
        if (is_new && told_count < RD_COUNT(told)) {
            told[told_count++] = unit;
        }
    }
    for (size_t i = 0; i < told_count; i++) {
        draft.unit = told[i];
        (void)alert_send(engine, work, &draft);
    }
}

/* The breach turns out not to have been one: those who were told are told so. */
void clock_correct(struct engine *engine, struct work *work, struct case_clock *clock)
{
    struct rd_str name = clock_definition(work, clock)->name;
    uint64_t last = engine->counters.alert_seq; /* not the corrections themselves */
    for (uint64_t seq = clock->breach_seq - 1;  /* breaches from before a restart stand */
            (seq = alert_row_next_of_case(engine->view, work->row->number, seq)) != 0 &&
            seq <= last;) {
        struct alert_row row;
        struct rd_alert alert;
        if (!alert_row_get(engine->view, seq, &row) || row.superseded_by != 0 ||
                rd_alert_open(row.packed, &engine->arena, &alert) != 0 ||
                alert.type != RD_ALERT_CLOCK_BREACH || !rd_str_eq(alert.clock, name)) {
            continue;
        }
        struct alert_draft draft = clock_draft(engine, work, clock, RD_ALERT_CLOCK_CORRECTED);
        draft.unit = row.unit;
        draft.supersedes = seq;
        (void)alert_send(engine, work, &draft);
    }
}

/* Once per calendar and horizon: a limit reaches into a year without data. */
void clock_tell_horizon(struct engine *engine, struct work *work, struct case_clock *clock)
{
    const struct rd_calendar *calendar = calendar_named(engine, work, clock->calendar);
    struct rd_str mark = rd_arena_printf(&engine->arena, "calendar.horizon/%.*s/%d",
            RD_FMT(calendar->name), (int)calendar->horizon);
    if (name_known(engine, mark) != 0) {
        return;
    }
    (void)name_number(engine, mark);
    struct alert_draft draft = clock_draft(engine, work, clock, RD_ALERT_CALENDAR_HORIZON);
    draft.unit = NAME_OPS;
    draft.severity = RD_WARNING;
    (void)alert_send(engine, work, &draft);
}
