#include "daemon/engine/internal.h"
#include "daemon/store/rows/timer_row.h"

rd_time scale_now(const struct engine *engine, bool is_steady)
{
    return is_steady ? engine->now.steady : engine->now.wall;
}

/* On the wall scale at the present offset. */
rd_time timer_wall(const struct engine *engine, rd_time time, bool is_steady)
{
    return is_steady ? time + (engine->now.wall - engine->now.steady) : time;
}

/* A wall time of the past on both scales. */
struct instant instant_of(const struct engine *engine, rd_time wall)
{
    return (struct instant){.wall = wall, .steady = engine->now.steady - (engine->now.wall - wall)};
}

void timer_arm(struct engine *engine, rd_time *armed, rd_time fresh, struct timer_row row)
{
    if (*armed == fresh) {
        return;
    }
    if (*armed == RD_TIME_NONE) {
        engine->counters.armed_timers++;
    } else if (fresh == RD_TIME_NONE) {
        RD_ASSERT(engine->counters.armed_timers > 0);
        engine->counters.armed_timers--;
    }
    *armed = fresh; /* the old row is stale now, and goes when a tick walks over it */
    if (fresh == RD_TIME_NONE) {
        return;
    }
    row.due = fresh;
    timer_row_put(engine->view, &row);
    next_armed(engine, &row);
}

static bool case_timer_is_live(const struct work *work, const struct timer_row *row)
{
    const struct case_row *c = work->row;
    switch (row->kind) {
    case TIMER_CLOCK:
        return row->slot < c->clock_count && c->clocks[row->slot].armed == row->due &&
               c->clocks[row->slot].is_steady == row->is_steady;
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
    if (row->kind == TIMER_SWEEP) {
        return sweep_timer_is_live(engine, row);
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
        RD_UNREACHABLE("a timer of no case");
    }
    work->is_dirty = true;
}

void timer_fire(struct engine *engine, const struct timer_row *row)
{
    engine->cause_due = timer_wall(engine, row->due, row->is_steady);
    RD_ASSERT(engine->cause_due <= engine->now.wall); /* never early */
    if (row->kind == TIMER_SOURCE) {
        known_fire(engine, row);
        return;
    }
    if (row->kind == TIMER_BUNDLE) {
        storm_fire(engine, row);
        return;
    }
    if (row->kind == TIMER_SWEEP) {
        sweep_fire(engine);
        return;
    }
    struct work *work = case_open(engine, row->owner);
    RD_ASSERT(work != NULL);
    fire_of_case(engine, work, row);
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
        CONSIDER(clock->armed, clock->is_steady, TIMER_CLOCK,
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
    if (work == NULL) {
        return;
    }
    if (sweep_awaits(engine, number)) {
        sweep_case(engine, work);
        work->is_dirty = true; /* its turn, that is still to come, knows */
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
