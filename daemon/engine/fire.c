#include "daemon/engine/fire.h"

#include "daemon/engine/alerts.h"
#include "daemon/engine/approvals.h"
#include "daemon/engine/arm.h"
#include "daemon/engine/aside.h"
#include "daemon/engine/cases.h"
#include "daemon/engine/chases.h"
#include "daemon/engine/clock_breach.h"
#include "daemon/engine/clock_due.h"
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

/* After a change of policy another clock may stand in the slot, due at the same instant: the row
 * of the one before it is stale, and would fire this one in that one's place. */
static bool clock_is_live(const struct work *work, const struct timer_row *timer)
{
    const struct case_row *row = work->row;
    if (timer->slot >= row->clock_count) {
        return false;
    }
    const struct case_clock *clock = &row->clocks[timer->slot];
    return clock->armed == timer->due && clock->is_armed_steady == timer->is_steady &&
           clock_definition(work, clock)->is_statutory != timer->is_service;
}

static bool ladder_is_live(const struct work *work, const struct timer_row *timer)
{
    const struct case_row *row = work->row;
    return (timer->is_steady ? row->ladder.armed_steady : row->ladder.armed_wall) == timer->due;
}

static bool pause_is_live(const struct work *work, const struct timer_row *timer)
{
    const struct case_row *row = work->row;
    return timer->slot < row->pause_count && row->pauses[timer->slot].armed == timer->due;
}

static bool chase_is_live(const struct work *work, const struct timer_row *timer)
{
    const struct case_row *row = work->row;
    return timer->slot < row->chase_count && row->chases[timer->slot].armed == timer->due;
}

static bool notice_is_live(const struct work *work, const struct timer_row *timer)
{
    const struct case_row *row = work->row;
    return timer->slot < row->notice_count && row->notices[timer->slot].armed == timer->due;
}

static void fire_ladder(struct engine *engine, struct work *work, uint16_t slot)
{
    (void)slot; /* a case has one */
    ladder_fire(engine, work);
}

static void storm_fire(struct engine *engine, const struct timer_row *row)
{
    struct alert_draft draft;
    storm_take_bundle(engine, row, &draft);
    engine->cause = "bundle";
    engine->cause_name = (struct rd_str){0};
    (void)alert_send(engine, NULL, &draft);
}

static bool sweep_is_live(struct engine *engine, const struct timer_row *row)
{
    return sweep_timer_is_live(engine, row);
}

static void fire_sweep(struct engine *engine, const struct timer_row *row)
{
    (void)row; /* there is one */
    sweep_fire(engine);
}

static bool rest_is_live(struct engine *engine, const struct timer_row *row)
{
    return rest_timer_is_live(engine, row);
}

static void fire_rest(struct engine *engine, const struct timer_row *row)
{
    (void)row; /* there is one */
    rest_fire(engine);
}

/* Whose a timer is. The owner is asked whether it is armed for just this, and does what is due.
 * `cost`: as many timers of the tick, where a firing looks at several cases. `comes_on`: see
 * state.h; the others do one piece of a list at a firing, or a share of a walk. */
static const struct owner {
    bool (*is_live)(struct engine *engine, const struct timer_row *row);
    void (*fire)(struct engine *engine, const struct timer_row *row);
    uint32_t cost;
    bool comes_on;
    /* of a case, instead of the two above */
    bool (*case_is_live)(const struct work *work, const struct timer_row *timer);
    void (*case_fire)(struct engine *engine, struct work *work, uint16_t slot);
} OWNERS[] = {
        [TIMER_CLOCK] = {.cost = 1,
                .comes_on = true,
                .case_is_live = clock_is_live,
                .case_fire = clock_fire},
        [TIMER_LADDER] = {.cost = 1, .case_is_live = ladder_is_live, .case_fire = fire_ladder},
        [TIMER_PAUSE] = {.cost = 1, .case_is_live = pause_is_live, .case_fire = pause_fire},
        [TIMER_CHASE] = {.cost = 1, .case_is_live = chase_is_live, .case_fire = chase_fire},
        [TIMER_NOTICE] = {.cost = 1, .case_is_live = notice_is_live, .case_fire = notice_fire},
        [TIMER_SILENCE] = {silence_timer_is_live, silence_fire, 64, false, NULL, NULL},
        [TIMER_BUNDLE] = {storm_timer_is_live, storm_fire, 1, true, NULL, NULL},
        [TIMER_UNIT_DAY] = {watch_timer_is_live, watch_fire, 1, true, NULL, NULL},
        [TIMER_DUTY] = {schedule_timer_is_live, schedule_fire, 1, true, NULL, NULL},
        [TIMER_SOURCE] = {known_timer_is_live, known_fire, 1, true, NULL, NULL},
        [TIMER_SWEEP] = {sweep_is_live, fire_sweep, 16, false, NULL, NULL},
        [TIMER_REST] = {rest_is_live, fire_rest, 64, false, NULL, NULL},
        [TIMER_APPROVAL] = {approval_timer_is_live, approval_fire, 1, true, NULL, NULL},
};
enum { DIGEST_COST = 64 };

static const struct owner *owner_of(const struct timer_row *row)
{
    RD_ASSERT(row->kind >= TIMER_CLOCK && (size_t)row->kind < RD_COUNT(OWNERS));
    return &OWNERS[row->kind];
}

bool timer_is_live(struct engine *engine, const struct timer_row *row)
{
    const struct owner *owner = owner_of(row);
    if (owner->is_live != NULL) {
        return owner->is_live(engine, row);
    }
    if (aside_has(engine, row->owner)) {
        return false;
    }
    struct work *work = case_open(engine, row->owner);
    return work != NULL && owner->case_is_live(work, row);
}

/* A unit's day that writes a digest. */
static bool is_digest(const struct timer_row *row)
{
    return row->kind == TIMER_UNIT_DAY && row->slot >= WATCH_DIGEST;
}

uint32_t timer_cost(const struct timer_row *row)
{
    return is_digest(row) ? DIGEST_COST : owner_of(row)->cost;
}

bool timer_comes_on(const struct timer_row *row)
{
    return owner_of(row)->comes_on && !is_digest(row);
}

void timer_fire(struct engine *engine, const struct timer_row *row)
{
    const struct owner *owner = owner_of(row);
    engine->cause_due = timer_wall(engine, row->due, row->is_steady);
    RD_ASSERT(engine->cause_due <= engine->now.wall); /* never early */
    record_count_anew(engine);
    engine->comes_on = timer_comes_on(row) ? row : NULL;
    if (owner->fire != NULL) {
        owner->fire(engine, row);
        engine->comes_on = NULL;
        return;
    }
    struct work *work = case_open(engine, row->owner);
    RD_ASSERT(work != NULL);
    if (engine->timer_at_work != NULL) {
        *(volatile uint64_t *)engine->timer_at_work = row->owner;
    }
    owner->case_fire(engine, work, row->slot);
    work->is_dirty = true;
    engine->comes_on = NULL;
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
        /* Unless it was armed for the same instant again. */
        if (!owner_of(&row)->case_is_live(work, &row)) {
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
