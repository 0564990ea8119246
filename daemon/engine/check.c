#include <stdarg.h>
#include <stdio.h>

#include "daemon/engine/approvals.h"
#include "daemon/engine/aside.h"
#include "daemon/engine/breach_next.h"
#include "daemon/engine/cases.h"
#include "daemon/engine/clock_timer.h"
#include "daemon/engine/due.h"
#include "daemon/engine/ladder_items.h"
#include "daemon/engine/schedules.h"
#include "daemon/engine/state.h"
#include "daemon/engine/units.h"
#include "daemon/engine/watches.h"
#include "daemon/store/rows/case_row.h"
#include "daemon/store/rows/history_row.h"
#include "daemon/store/rows/index_row.h"
#include "daemon/store/rows/key.h"
#include "daemon/store/rows/meta_row.h"
#include "daemon/store/rows/silence_row.h"
#include "daemon/store/rows/source_row.h"
#include "daemon/store/rows/timer_row.h"

/* Every case has its history. Property 7: every open clock and ladder has exactly one armed timer
 * per scale it waits on, every timer belongs to one. */

static bool has_row(struct engine *engine, rd_time due, const struct timer_row *like)
{
    struct timer_row want = *like, got;
    want.due = due;
    if (aside_has(engine, like->owner)) {
        return true; /* set aside: a tick may have dropped the rows of its timers */
    }
    return timer_row_first(engine->view, want.is_steady, &want, &got) &&
           timer_row_cmp(&want, want.due, &got, got.due) == 0;
}

static void fault(struct engine_proof *proof, const char *format, ...) RD_PRINTF(2, 3);

static void fault(struct engine_proof *proof, const char *format, ...)
{
    if (proof->faults++ == 0) {
        va_list args;
        va_start(args, format);
        (void)vsnprintf(proof->first, sizeof proof->first, format, args);
        va_end(args);
    }
}

static void fault_in(struct engine_proof *proof, const struct work *work, const char *text)
{
    fault(proof, "case %llu: %s", (unsigned long long)work->row->number, text);
}

static void check_clocks(struct engine *engine, struct work *work, struct engine_proof *proof)
{
    struct case_row *row = work->row;
    for (size_t i = 0; i < row->clock_count; i++) {
        const struct case_clock *clock = &row->clocks[i];
        const struct rd_plan_clock *definition = clock_definition(work, clock);
        bool runs = clock->state == CLOCK_RUNNING && !clock_is_paused(engine, work, clock);
        bool tells = clock->state == CLOCK_BREACHED &&
                     breach_next(engine, work, clock, definition).at != RD_TIME_NONE;
        struct timer_row like = {.is_steady = clock->is_armed_steady,
                .is_service = !definition->is_statutory,
                .kind = TIMER_CLOCK,
                .owner = row->number,
                .slot = (uint16_t)i};
        proof->armed += clock->armed != RD_TIME_NONE;
        if ((runs || tells) != (clock->armed != RD_TIME_NONE)) {
            fault_in(proof, work, "a running clock has no timer, or a still one has");
        } else if (clock->armed != RD_TIME_NONE && !has_row(engine, clock->armed, &like)) {
            fault_in(proof, work, "the timer of a clock is not in its table");
        }
    }
}

static void check_ladder(struct engine *engine, struct work *work, struct engine_proof *proof)
{
    const struct case_ladder *ladder = &work->row->ladder;
    const rd_time armed[2] = {ladder->armed_wall, ladder->armed_steady};
    proof->armed += (armed[0] != RD_TIME_NONE ? 1U : 0U) + (armed[1] != RD_TIME_NONE ? 1U : 0U);
    if (sweep_awaits(engine, work->row->number)) {
        return; /* the sweep has not moved it to the new calendars yet */
    }
    rd_time at[2];
    (void)ladder_next(engine, work, at);
    if (at[0] != armed[0] || at[1] != armed[1]) {
        fault_in(proof, work, "the ladder is armed for another instant than is due");
    }
    for (int steady = 0; steady < 2; steady++) {
        struct timer_row like = {.is_steady = steady != 0,
                .is_service = true,
                .kind = TIMER_LADDER,
                .owner = work->row->number};
        if (at[steady] != RD_TIME_NONE && !has_row(engine, at[steady], &like)) {
            fault_in(proof, work, "the timer of a ladder is not in its table");
        }
    }
}

/* One of a case's lists that has timers on the wall scale. */
static void check_item(struct engine *engine, struct work *work, struct engine_proof *proof,
        enum timer_kind kind, uint32_t slot, rd_time armed)
{
    static const char *const texts[] = {
            [TIMER_PAUSE] = "the timer of a pause is not in its table",
            [TIMER_CHASE] = "the timer of a question is not in its table",
            [TIMER_NOTICE] = "the timer of a notice is not in its table",
    };
    if (armed == RD_TIME_NONE) {
        return;
    }
    struct timer_row like = {
            .is_service = true, .kind = kind, .owner = work->row->number, .slot = (uint16_t)slot};
    proof->armed++;
    if (!has_row(engine, armed, &like)) {
        fault_in(proof, work, texts[kind]);
    }
}

/* The newest entry of its history, which chains to all others. */
static void check_history(struct engine *engine, struct work *work, struct engine_proof *proof)
{
    struct history_row entry;
    uint64_t newest = work->row->history;
    if (newest > engine->counters.history ||
            (newest != 0 && !history_row_get(engine->view, newest, &entry))) {
        fault_in(proof, work, "the newest entry of its history is not there");
    }
}

static void check_case(struct engine *engine, struct work *work, struct engine_proof *proof)
{
    const struct case_row *row = work->row;
    check_history(engine, work, proof);
    check_clocks(engine, work, proof);
    check_ladder(engine, work, proof);
    for (uint32_t i = 0; i < row->pause_count; i++) {
        check_item(engine, work, proof, TIMER_PAUSE, i, row->pauses[i].armed);
    }
    for (uint32_t i = 0; i < row->chase_count; i++) {
        check_item(engine, work, proof, TIMER_CHASE, i, row->chases[i].armed);
    }
    for (uint32_t i = 0; i < row->notice_count; i++) {
        check_item(engine, work, proof, TIMER_NOTICE, i, row->notices[i].armed);
    }
}

/* Counts the timers that are armed by anything but a case. */
static uint64_t count_others(struct engine *engine)
{
    uint64_t armed = engine->counters.sweep_due != RD_TIME_NONE ? 1U : 0U;
    armed += engine->counters.rest_due != RD_TIME_NONE ? 1U : 0U;
    struct store_scan scan;
    struct rd_str key, value;
    store_scan_begin(&scan, engine->view, STORE_SOURCES, (struct rd_str){0});
    while (store_scan_next(&scan, &key, &value)) {
        struct source_row source;
        if (source_row_get(engine->view, rd_arena_dup(&engine->arena, key), &source)) {
            armed += source.gap_armed != RD_TIME_NONE ? 1U : 0U;
            armed += source.silent_armed != RD_TIME_NONE ? 1U : 0U;
        }
    }
    store_scan_end(&scan);
    store_scan_begin(&scan, engine->view, STORE_UNITS, (struct rd_str){0});
    while (store_scan_next(&scan, &key, &value)) {
        struct unit_row unit = unit_row_get(engine->view, row_key_read_u32(key, 0));
        armed += unit.bundle_until != RD_TIME_NONE;
    }
    store_scan_end(&scan);
    store_scan_begin(&scan, engine->view, STORE_SILENCES, (struct rd_str){0});
    while (store_scan_next(&scan, &key, &value)) {
        struct silence_row silence;
        (void)silence_row_read(key, value, &silence);
        armed += silence.armed != RD_TIME_NONE;
    }
    store_scan_end(&scan);
    armed += watches_armed(engine) + schedules_armed(engine) + approvals_armed(engine);
    rd_arena_reset(&engine->arena);
    return armed;
}

static void check_total(struct engine *engine, struct engine_proof *proof)
{
    const struct counters *counters = &engine->counters;
    if (proof->position != counters->position) {
        return; /* a record came between the shares: the sums do not fit */
    }
    uint64_t armed = proof->armed + count_others(engine);
    if (armed != counters->armed_timers) {
        fault(proof, "%llu timers are armed, %llu are counted", (unsigned long long)armed,
                (unsigned long long)counters->armed_timers);
    }
}

bool engine_check(struct engine *engine, struct engine_proof *proof, uint32_t limit)
{
    rd_arena_reset(&engine->arena);
    engine->alert_count = 0;
    engine->work_count = 0;
    engine->now = (struct instant){engine->counters.wall, engine->counters.steady};
    if (proof->cursor == 0) {
        *proof = (struct engine_proof){.position = engine->counters.position};
    }
    for (uint32_t i = 0; i < limit && proof->cursor < engine->counters.case_number; i++) {
        struct work *work = case_open(engine, ++proof->cursor);
        if (work != NULL) {
            check_case(engine, work, proof);
        }
        proof->looked++;
        engine->work_count = 0;
        rd_arena_reset(&engine->arena);
    }
    if (proof->cursor < engine->counters.case_number) {
        return false;
    }
    check_total(engine, proof);
    proof->cursor = 0;
    return true;
}
