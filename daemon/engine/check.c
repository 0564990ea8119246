#include <stdio.h>

#include "daemon/engine/internal.h"

/* Property 7: every open clock and ladder has exactly one armed timer per scale it waits on, every
 * timer belongs to one. */

static bool has_row(struct engine *engine, rd_time due, const struct timer_row *like)
{
    struct timer_row want = *like, got;
    want.due = due;
    return timer_row_first(engine->view, want.is_steady, &want, &got) &&
           timer_row_cmp(&want, want.due, &got, got.due) == 0;
}

static uint64_t fault(
        char what[static 256], uint64_t faults, const struct work *work, const char *text)
{
    if (faults == 0) {
        (void)snprintf(what, 256, "case %llu: %s", (unsigned long long)work->row->number, text);
    }
    return 1;
}

static uint64_t check_case(struct engine *engine, struct work *work, char what[static 256])
{
    uint64_t faults = 0;
    struct case_row *row = work->row;
    for (size_t i = 0; i < row->clock_count; i++) {
        const struct case_clock *clock = &row->clocks[i];
        const struct rd_plan_clock *definition = clock_definition(work, clock);
        bool runs = clock->state == CLOCK_RUNNING && !clock_is_paused(engine, work, definition);
        struct timer_row like = {.is_steady = clock->is_steady,
                .is_service = !definition->is_statutory,
                .kind = TIMER_CLOCK,
                .owner = row->number,
                .slot = (uint16_t)i};
        if (runs != (clock->armed != RD_TIME_NONE)) {
            faults += fault(what, faults, work, "a running clock has no timer, or a still one has");
        } else if (runs && !has_row(engine, clock->armed, &like)) {
            faults += fault(what, faults, work, "the timer of a clock is not in its table");
        }
    }
    if (sweep_awaits(engine, row->number)) {
        return faults; /* its ladder waits for the calendars that are new */
    }
    rd_time at[2];
    (void)ladder_next(engine, work, at);
    struct timer_row like = {.is_service = true, .kind = TIMER_LADDER, .owner = row->number};
    if (at[0] != row->ladder.armed_wall || at[1] != row->ladder.armed_steady) {
        faults += fault(what, faults, work, "the ladder is armed for another instant than is due");
    }
    for (int steady = 0; steady < 2; steady++) {
        like.is_steady = steady != 0;
        if (at[steady] != RD_TIME_NONE && !has_row(engine, at[steady], &like)) {
            faults += fault(what, faults, work, "the timer of a ladder is not in its table");
        }
    }
    return faults;
}

uint64_t engine_check(
        struct engine *engine, uint64_t *cursor, uint32_t limit, char ret_what[static 256])
{
    uint64_t faults = 0;
    rd_arena_reset(&engine->arena);
    engine->alert_count = 0;
    engine->work_count = 0;
    engine->now = (struct instant){engine->counters.wall, engine->counters.steady};
    for (uint32_t i = 0; i < limit; i++) {
        uint64_t number = *cursor + 1;
        if (number > engine->counters.case_number) {
            *cursor = 0;
            return faults;
        }
        *cursor = number;
        struct work *work = case_open(engine, number);
        if (work != NULL) {
            char what[256];
            uint64_t found = check_case(engine, work, what);
            if (faults == 0 && found > 0) {
                (void)snprintf(ret_what, 256, "%s", what);
            }
            faults += found;
        }
        engine->work_count = 0;
        rd_arena_reset(&engine->arena);
    }
    return faults;
}
