#include "tools/backtest/tally.h"

#include <stdlib.h>

#include "daemon/store/rows/case_row.h"

enum { CASE_BYTES_MAX = 16 * 1024 * 1024 };

void tally_begin(struct run *run)
{
    run->units = calloc(run->config->plan->unit_count + 1, sizeof run->units[0]);
    run->clocks = calloc(RUN_NAMES_MAX, sizeof run->clocks[0]);
    run->codes = calloc(RUN_NAMES_MAX, sizeof run->codes[0]);
    run->rejects = calloc(RUN_NAMES_MAX, sizeof run->rejects[0]);
    if (run->units == NULL || run->clocks == NULL || run->codes == NULL || run->rejects == NULL) {
        rd_oom();
    }
}

/* ---- by name ---- */

/* The last place takes what there is no room for. */
static struct rd_str name_for(struct run *run, struct rd_str name, size_t place)
{
    return place == RUN_NAMES_MAX - 1 ? RD_STR("…") : rd_arena_dup(&run->arena, name);
}

static struct clock_counts *clock_of(struct run *run, struct rd_str name)
{
    size_t i = 0;
    while (i < run->clock_count && !rd_str_eq(run->clocks[i].name, name)) {
        i++;
    }
    i = i < RUN_NAMES_MAX ? i : RUN_NAMES_MAX - 1;
    if (i == run->clock_count) {
        run->clocks[run->clock_count++].name = name_for(run, name, i);
    }
    return &run->clocks[i];
}

static struct code_counts *code_of(struct run *run, struct rd_str code)
{
    size_t i = 0;
    while (i < run->code_count && !rd_str_eq(run->codes[i].code, code)) {
        i++;
    }
    i = i < RUN_NAMES_MAX ? i : RUN_NAMES_MAX - 1;
    if (i == run->code_count) {
        run->codes[run->code_count++].code = name_for(run, code, i);
    }
    return &run->codes[i];
}

static struct reject_counts *reject_of(struct run *run, struct rd_str code)
{
    size_t i = 0;
    while (i < run->reject_count && !rd_str_eq(run->rejects[i].code, code)) {
        i++;
    }
    i = i < RUN_NAMES_MAX ? i : RUN_NAMES_MAX - 1;
    if (i == run->reject_count) {
        run->rejects[run->reject_count++].code = name_for(run, code, i);
    }
    return &run->rejects[i];
}

/* ---- events ---- */

struct moment { /* in the unit's day; Monday is 0 */
    uint32_t day, hour;
};

static struct moment moment_of(const struct rd_plan *plan, int32_t unit, rd_time time)
{
    enum { THURSDAY = 3 }; /* 1970-01-01 */
    int32_t index = plan->units[unit].calendar;
    int64_t local_us = time;
    if (index != RD_NO_INDEX) {
        local_us += rd_calendar_offset_s(&plan->calendars[index], time) * RD_SECOND_US;
    }
    int64_t of_day_us = (local_us % RD_DAY_US + RD_DAY_US) % RD_DAY_US;
    int64_t day = (local_us - of_day_us) / RD_DAY_US + THURSDAY;
    return (struct moment){.day = (uint32_t)((day % RUN_DAYS + RUN_DAYS) % RUN_DAYS),
            .hour = (uint32_t)(of_day_us / (RD_DAY_US / RUN_HOURS))};
}

static void count_outcome(struct outcome_counts *counts, enum row_outcome outcome)
{
    counts->assessed++;
    counts->yes += outcome == ROW_OUTCOME_YES;
    counts->no += outcome == ROW_OUTCOME_NO;
}

static void tally_warning(struct run *run, const struct history_event *made,
        const struct rd_event *event, const struct rd_warning *warning)
{
    bool is_contact = event->type == RD_EVENT_CONTACT_RECEIVED;
    run->levels[is_contact ? MEASURED_CONTACT : MEASURED_COMPLAINT][warning->level]++;
    count_outcome(&run->outcomes[warning->level], made->outcome);
    for (size_t i = 0; i < warning->reason_count; i++) {
        bool is_first = true;
        for (size_t k = 0; k < i; k++) {
            is_first = is_first && !rd_str_eq(warning->reasons[k].code, warning->reasons[i].code);
        }
        if (is_first) {
            count_outcome(&code_of(run, warning->reasons[i].code)->outcome, made->outcome);
        }
    }
}

/* Later events of a case may be assessed too: by their text, which says nothing of a warning. */
static bool opens(enum rd_event_type type)
{
    return type == RD_EVENT_CONTACT_RECEIVED || type == RD_EVENT_COMPLAINT_REGISTERED ||
           type == RD_EVENT_FORWARDED;
}

void tally_event(struct run *run, const struct history_event *made, const struct rd_event *event,
        const struct rd_receipt *receipt)
{
    struct moment moment = moment_of(run->config->plan, 0, made->time);
    switch (receipt->status) {
    case RD_ACCEPTED:
        run->accepted++;
        run->hour_events[moment.hour]++;
        run->week_events[moment.day][moment.hour]++;
        if (receipt->warning != NULL && opens(event->type)) {
            tally_warning(run, made, event, receipt->warning);
        }
        return;
    case RD_DUPLICATE:
        run->duplicate++;
        return;
    case RD_REJECTED:
        run->rejected++;
        reject_of(run, rd_str_of(receipt->error->code))->events++;
        return;
    case RD_BUSY:
        RD_UNREACHABLE("the engine is never busy");
    }
}

/* ---- alerts ---- */

static void tally_rung(struct run *run, const struct rd_alert *alert)
{
    uint32_t rung = alert->rung <= RUN_RUNGS ? alert->rung : RUN_RUNGS;
    if (alert->type == RD_ALERT_LADDER_RENOTIFY) {
        run->renotified[rung]++;
    } else if (rung > 0) {
        run->rungs[rung]++;
    }
}

static void tally_clock(struct run *run, const struct rd_alert *alert)
{
    if (alert->clock.len == 0) {
        return;
    }
    struct clock_counts *clock = clock_of(run, alert->clock);
    clock->reminders += alert->type == RD_ALERT_CLOCK_REMINDER;
    clock->breaches += alert->type == RD_ALERT_CLOCK_BREACH;
    clock->corrected += alert->type == RD_ALERT_CLOCK_CORRECTED;
    clock->moved += alert->type == RD_ALERT_CLOCK_MOVED;
}

static void tally_alert(struct run *run, const struct rd_alert *alert)
{
    const struct rd_plan *plan = run->config->plan;
    int32_t unit = rd_plan_unit_find(plan, alert->unit);
    struct unit_counts *counts = &run->units[unit != RD_NO_INDEX ? (size_t)unit : plan->unit_count];
    bool wants_ack = alert->ack_by != RD_TIME_NONE;
    struct moment moment = moment_of(plan, unit != RD_NO_INDEX ? unit : 0, alert->time);
    run->alerts++;
    run->types[alert->type]++;
    run->types_want_ack[alert->type] += wants_ack;
    run->hour_alerts[moment.hour]++;
    run->hour_want_ack[moment.hour] += wants_ack;
    run->week_alerts[moment.day][moment.hour]++;
    counts->alerts++;
    counts->want_ack += wants_ack;
    counts->warnings += alert->type == RD_ALERT_FIRST_CONTACT;
    counts->rungs += alert->rung > 0 && alert->type != RD_ALERT_LADDER_RENOTIFY;
    counts->reminders += alert->type == RD_ALERT_CLOCK_REMINDER;
    counts->breaches += alert->type == RD_ALERT_CLOCK_BREACH;
    tally_rung(run, alert);
    tally_clock(run, alert);
}

void tally_alerts(struct run *run)
{
    size_t count;
    const struct rd_alert *alerts = engine_alerts(run->engine, &count);
    for (size_t i = 0; i < count; i++) {
        tally_alert(run, &alerts[i]);
    }
}

/* ---- the cases at the end ---- */

static void tally_case_clocks(struct run *run, const struct case_row *row)
{
    const struct rd_plan *plan = engine_plan_of(run->engine, row->config);
    const struct rd_plan_policy *policy = &plan->policies[row->policy];
    for (size_t i = 0; i < row->clock_count; i++) {
        const struct case_clock *clock = &row->clocks[i];
        struct clock_counts *counts = clock_of(run, policy->clocks[clock->definition].name);
        switch (clock->state) {
        case CLOCK_WAITING:
            counts->waiting++;
            break;
        case CLOCK_RUNNING:
            counts->running++;
            break;
        case CLOCK_STOPPED:
        case CLOCK_ENDED:
            counts->in_time++;
            break;
        case CLOCK_LATE:
            counts->late++;
            break;
        case CLOCK_BREACHED:
            counts->breached++;
            break;
        case CLOCK_UNUSED:
            break;
        }
    }
}

void tally_cases(struct run *run)
{
    struct rd_arena arena;
    rd_arena_init(&arena, CASE_BYTES_MAX);
    uint64_t last = engine_counts(run->engine).case_number;
    for (uint64_t number = 1; number <= last; number++) {
        struct case_row *row;
        rd_arena_reset(&arena);
        if (!case_row_get(store_live(run->store), number, &arena, &row)) {
            continue;
        }
        struct case_counts *counts = &run->cases[row->kind];
        counts->opened++;
        counts->grown += row->state == CASE_GROWN;
        counts->closed += row->state == CASE_CLOSED;
        counts->open += row->state != CASE_GROWN && row->state != CASE_CLOSED;
        counts->defused += row->was_defused;
        counts->relapsed += row->was_defused && row->state == CASE_GROWN;
        tally_case_clocks(run, row);
    }
    rd_arena_done(&arena);
}
