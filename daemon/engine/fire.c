#include "daemon/engine/fire.h"

#include "daemon/engine/alerts.h"
#include "daemon/engine/approvals.h"
#include "daemon/engine/arm.h"
#include "daemon/engine/aside.h"
#include "daemon/engine/cases.h"
#include "daemon/engine/chases.h"
#include "daemon/engine/clock_breach.h"
#include "daemon/engine/clock_timer.h"
#include "daemon/engine/clocks.h"
#include "daemon/engine/known.h"
#include "daemon/engine/ladder_fire.h"
#include "daemon/engine/notices.h"
#include "daemon/engine/pauses.h"
#include "daemon/engine/record.h"
#include "daemon/engine/rest.h"
#include "daemon/engine/schedules.h"
#include "daemon/engine/silence_tell.h"
#include "daemon/engine/silences.h"
#include "daemon/engine/state.h"
#include "daemon/engine/storm.h"
#include "daemon/engine/sweep.h"
#include "daemon/engine/units.h"
#include "daemon/engine/watch.h"
#include "daemon/engine/watches.h"
#include "daemon/store/rows/case_row.h"
#include "daemon/store/rows/timer_row.h"

/* A firing that looks at several cases counts as so many timers of the tick. */
enum { SWEEP_COST = 16, REST_COST = 64, DIGEST_COST = 64 };

static bool case_timer_is_live(const struct work *work, const struct timer_row *row)
{
    const struct case_row *c = work->row;
    switch (row->kind) {
    case TIMER_CLOCK:
        return row->slot < c->clock_count && c->clocks[row->slot].armed == row->due &&
               c->clocks[row->slot].is_armed_steady == row->is_steady;
    case TIMER_LADDER:
        return (row->is_steady ? c->ladder.armed_steady : c->ladder.armed_wall) == row->due;
    case TIMER_PAUSE:
        return row->slot < c->pause_count && c->pauses[row->slot].armed == row->due;
    case TIMER_CHASE:
        return row->slot < c->chase_count && c->chases[row->slot].armed == row->due;
    case TIMER_NOTICE:
        return row->slot < c->notice_count && c->notices[row->slot].armed == row->due;
    case TIMER_SILENCE:
    case TIMER_BUNDLE:
    case TIMER_UNIT_DAY:
    case TIMER_DUTY:
    case TIMER_SOURCE:
    case TIMER_SWEEP:
    case TIMER_REST:
    case TIMER_APPROVAL:
        break;
    }
    return false;
}

bool timer_is_live(struct engine *engine, const struct timer_row *row)
{
    if (row->kind == TIMER_SOURCE) {
        return known_timer_is_live(engine, row);
    }
    if (row->kind == TIMER_BUNDLE) {
        return storm_timer_is_live(engine, row);
    }
    if (row->kind == TIMER_UNIT_DAY) {
        return watch_timer_is_live(engine, row);
    }
    if (row->kind == TIMER_DUTY) {
        return schedule_timer_is_live(engine, row);
    }
    if (row->kind == TIMER_SILENCE) {
        return silence_timer_is_live(engine, row);
    }
    if (row->kind == TIMER_SWEEP) {
        return sweep_timer_is_live(engine, row);
    }
    if (row->kind == TIMER_REST) {
        return rest_timer_is_live(engine, row);
    }
    if (row->kind == TIMER_APPROVAL) {
        return approval_timer_is_live(engine, row);
    }
    if (aside_has(engine, row->owner)) {
        return false;
    }
    struct work *work = case_open(engine, row->owner);
    return work != NULL && case_timer_is_live(work, row);
}

static void fire_of_case(struct engine *engine, struct work *work, const struct timer_row *row)
{
    switch (row->kind) {
    case TIMER_CLOCK:
        clock_fire(engine, work, row->slot);
        break;
    case TIMER_LADDER:
        ladder_fire(engine, work);
        break;
    case TIMER_PAUSE:
        pause_fire(engine, work, row->slot);
        break;
    case TIMER_CHASE:
        chase_fire(engine, work, row->slot);
        break;
    case TIMER_NOTICE:
        notice_fire(engine, work, row->slot);
        break;
    case TIMER_SILENCE:
    case TIMER_BUNDLE:
    case TIMER_UNIT_DAY:
    case TIMER_DUTY:
    case TIMER_SOURCE:
    case TIMER_SWEEP:
    case TIMER_REST:
    case TIMER_APPROVAL:
        RD_UNREACHABLE("a timer of no case");
    }
    work->is_dirty = true;
}

static void storm_fire(struct engine *engine, const struct timer_row *row)
{
    struct alert_draft draft;
    storm_take_bundle(engine, row, &draft);
    engine->cause = "bundle";
    engine->cause_name = (struct rd_str){0};
    (void)alert_send(engine, NULL, &draft);
}

uint32_t timer_cost(const struct timer_row *row)
{
    switch (row->kind) {
    case TIMER_REST:
    case TIMER_SILENCE:
        return REST_COST;
    case TIMER_SWEEP:
        return SWEEP_COST;
    case TIMER_UNIT_DAY:
        return row->slot >= WATCH_DIGEST ? DIGEST_COST : 1;
    case TIMER_CLOCK:
    case TIMER_LADDER:
    case TIMER_PAUSE:
    case TIMER_CHASE:
    case TIMER_NOTICE:
    case TIMER_BUNDLE:
    case TIMER_DUTY:
    case TIMER_SOURCE:
    case TIMER_APPROVAL:
        break;
    }
    return 1;
}

void timer_fire(struct engine *engine, const struct timer_row *row)
{
    engine->cause_due = timer_wall(engine, row->due, row->is_steady);
    RD_ASSERT(engine->cause_due <= engine->now.wall); /* never early */
    record_count_anew(engine);
    if (row->kind == TIMER_SOURCE) {
        known_fire(engine, row);
        return;
    }
    if (row->kind == TIMER_BUNDLE) {
        storm_fire(engine, row);
        return;
    }
    if (row->kind == TIMER_UNIT_DAY) {
        watch_fire(engine, row);
        return;
    }
    if (row->kind == TIMER_DUTY) {
        schedule_fire(engine, row);
        return;
    }
    if (row->kind == TIMER_SILENCE) {
        silence_fire(engine, row);
        return;
    }
    if (row->kind == TIMER_SWEEP) {
        sweep_fire(engine);
        return;
    }
    if (row->kind == TIMER_REST) {
        rest_fire(engine);
        return;
    }
    if (row->kind == TIMER_APPROVAL) {
        approval_fire(engine, row);
        return;
    }
    struct work *work = case_open(engine, row->owner);
    RD_ASSERT(work != NULL);
    if (engine->timer_at_work != NULL) {
        *(volatile uint64_t *)engine->timer_at_work = row->owner;
    }
    fire_of_case(engine, work, row);
    if (engine->timer_at_work != NULL) {
        *(volatile uint64_t *)engine->timer_at_work = 0;
    }
}

/* The earliest armed timer of a case that is due. */
static bool first_of_case(struct engine *engine, const struct work *work, struct timer_row *ret_row)
{
    const struct case_row *c = work->row;
    struct timer_row best = {0};
    rd_time best_wall = RD_TIME_NONE;
#define CONSIDER(armed_at, steady, kind_of, is_service_of, slot_of)                                \
    if ((armed_at) != RD_TIME_NONE) {                                                              \
        struct timer_row one = {.due = (armed_at),                                                 \
                .is_steady = (steady),                                                             \
                .is_service = (is_service_of),                                                     \
                .kind = (kind_of),                                                                 \
                .owner = c->number,                                                                \
                .slot = (uint16_t)(slot_of)};                                                      \
        rd_time wall = timer_wall(engine, one.due, one.is_steady);                                 \
        if (wall <= engine->now.wall &&                                                            \
                (best_wall == RD_TIME_NONE || timer_row_cmp(&one, wall, &best, best_wall) < 0)) {  \
            best = one;                                                                            \
            best_wall = wall;                                                                      \
        }                                                                                          \
    }
    for (size_t i = 0; i < c->clock_count; i++) {
        const struct case_clock *clock = &c->clocks[i];
        CONSIDER(clock->armed, clock->is_armed_steady, TIMER_CLOCK,
                !clock_definition(work, clock)->is_statutory, i)
    }
    CONSIDER(c->ladder.armed_wall, false, TIMER_LADDER, true, 0)
    CONSIDER(c->ladder.armed_steady, true, TIMER_LADDER, true, 0)
    for (size_t i = 0; i < c->pause_count; i++) {
        CONSIDER(c->pauses[i].armed, false, TIMER_PAUSE, true, i)
    }
    for (size_t i = 0; i < c->chase_count; i++) {
        CONSIDER(c->chases[i].armed, false, TIMER_CHASE, true, i)
    }
    for (size_t i = 0; i < c->notice_count; i++) {
        CONSIDER(c->notices[i].armed, false, TIMER_NOTICE, true, i)
    }
#undef CONSIDER
    *ret_row = best;
    return best_wall != RD_TIME_NONE;
}

void timers_fire_of_case(struct engine *engine, uint64_t number)
{
    struct work *work = case_open(engine, number);
    if (work == NULL || aside_has(engine, number)) {
        return;
    }
    if (sweep_awaits(engine, number)) {
        sweep_case(engine, work);
        work->is_dirty = true; /* row->swept lets the sweep skip it later */
    }
    struct timer_row row;
    for (uint32_t fired = 0; first_of_case(engine, work, &row); fired++) {
        /* Each firing ends an instant or moves it on: the ladder, clocks and lists are bounded. */
        RD_ASSERT(fired < 100000);
        timer_fire(engine, &row);
        if (!case_timer_is_live(work, &row)) { /* not armed for the same instant again */
            next_remove(engine, &row);
        }
    }
}

rd_time engine_next_due(struct engine *engine, const struct engine_time *at)
{
    record_begin(engine, at);
    rd_time first = RD_TIME_NONE;
    for (int steady = 0; steady < 2; steady++) {
        struct timer_row row;
        if (next_live(engine, steady != 0, timer_is_live, &row)) {
            rd_time wall = timer_wall(engine, row.due, row.is_steady);
            first = first == RD_TIME_NONE || wall < first ? wall : first;
        }
    }
    engine->work_count = 0;
    return first;
}
