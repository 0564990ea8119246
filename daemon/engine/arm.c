#include "daemon/engine/arm.h"

#include <string.h>

#include "daemon/engine/state.h"
#include "daemon/store/rows/timer_row.h"

/* Which timer comes first. Rows of timers that are no longer armed stay in their tables until a
 * tick walks over them, so the first row says little. A timer that an event arms for a past instant
 * fires with the event, and its row goes at once; a removed row still costs a step of the walk
 * until the next checkpoint, and there may be a million of them. The hints keep where the walk got
 * to, so that no row is walked over twice. */

static bool is_before(const struct timer_row *a, const struct timer_row *b)
{
    return timer_row_cmp(a, a->due, b, b->due) < 0;
}

/* A position after all rows: when the table has no live row, the removed ones are not walked over
 * again. */
static const struct timer_row the_end = {.due = INT64_MAX, .kind = TIMER_SWEEP};

/* EARLY_MAX: none. */
static size_t earliest(const struct timer_hint *hint)
{
    size_t first = EARLY_MAX;
    for (size_t i = 0; i < hint->early_count; i++) {
        bool is_first = first == EARLY_MAX || is_before(&hint->early[i], &hint->early[first]);
        if (is_first && !hint->is_gone[i]) {
            first = i;
        }
    }
    return first;
}

/* Forgets the hint. The row may still stand in the table, where the walk meets it. */
static void sweep_from(struct timer_hint *hint, const struct timer_row *row)
{
    if (hint->has_swept && is_before(row, &hint->swept)) {
        hint->swept = *row;
    }
}

static void forget_early(struct timer_hint *hint)
{
    for (size_t i = 0; i < hint->early_count; i++) {
        if (is_before(&hint->early[i], &hint->live)) {
            hint->live = hint->early[i];
        }
        sweep_from(hint, &hint->early[i]);
    }
    hint->early_count = 0;
}

/* A new row may come before the one that is known to be first. */
static void next_armed(struct engine *engine, const struct timer_row *row)
{
    struct timer_hint *hint = &engine->hints[row->is_steady];
    if (hint->early_count == EARLY_MAX) {
        forget_early(hint); /* moves `live` back */
    }
    if (!hint->has_live || !is_before(row, &hint->live)) {
        sweep_from(hint, row);
        return;
    }
    hint->is_gone[hint->early_count] = false;
    hint->early[hint->early_count++] = *row;
}

void next_remove(struct engine *engine, const struct timer_row *row)
{
    struct timer_hint *hint = &engine->hints[row->is_steady];
    timer_row_del(engine->view, row);
    for (size_t i = 0; i < hint->early_count; i++) {
        if (timer_row_cmp(row, row->due, &hint->early[i], hint->early[i].due) == 0) {
            hint->is_gone[i] = true;
        }
    }
}

static void drop_gone(struct timer_hint *hint)
{
    size_t kept = 0;
    for (size_t i = 0; i < hint->early_count; i++) {
        if (!hint->is_gone[i]) {
            hint->is_gone[kept] = false;
            hint->early[kept++] = hint->early[i];
        }
    }
    hint->early_count = kept;
}

void next_settle(struct engine *engine)
{
    for (int steady = 0; steady < 2; steady++) {
        struct timer_hint *hint = &engine->hints[steady];
        drop_gone(hint);
        if (hint->early_count > EARLY_MAX / 2) {
            forget_early(hint);
        }
    }
}

void next_undo(struct engine *engine)
{
    for (int steady = 0; steady < 2; steady++) {
        memset(engine->hints[steady].is_gone, 0, sizeof engine->hints[steady].is_gone);
    }
}

/* A timer that armed itself for an instant that is not later would be due again at once, before
 * all others, for ever. */
static bool is_standing_still(
        const struct engine *engine, const struct timer_row *row, rd_time fresh)
{
    const struct timer_row *fired = engine->comes_on;
    return fired != NULL && fresh != RD_TIME_NONE && fresh <= fired->due &&
           row->kind == fired->kind && row->owner == fired->owner && row->slot == fired->slot &&
           row->is_steady == fired->is_steady;
}

void timer_arm(struct engine *engine, rd_time *armed, rd_time fresh, struct timer_row row)
{
    RD_ASSERT(!is_standing_still(engine, &row, fresh));
    if (*armed == fresh) {
        return;
    }
    if (*armed == RD_TIME_NONE) {
        engine->counters.armed_timers++;
    } else if (fresh == RD_TIME_NONE) {
        RD_ASSERT(engine->counters.armed_timers > 0);
        engine->counters.armed_timers--;
    }
    *armed = fresh; /* the tick that walks over the old row, now stale, removes it */
    if (fresh == RD_TIME_NONE) {
        return;
    }
    row.due = fresh;
    timer_row_put(engine->view, &row);
    next_armed(engine, &row);
}

void timer_put_back(struct engine *engine, const struct timer_row *row)
{
    timer_row_put(engine->view, row);
    next_armed(engine, row);
}

/* Finds the first row of a scale and remembers where it stands: the removed rows before it are not
 * walked over again. */
static bool first_row(struct engine *engine, bool is_steady, struct timer_row *ret_row)
{
    struct timer_hint *hint = &engine->hints[is_steady];
    const struct timer_row *from = hint->has_swept ? &hint->swept : NULL;
    bool is_found = timer_row_first(engine->view, is_steady, from, ret_row);
    hint->swept = is_found ? *ret_row : the_end;
    hint->has_swept = true;
    size_t early = earliest(hint);
    if (early < EARLY_MAX && (!is_found || is_before(&hint->early[early], ret_row))) {
        *ret_row = hint->early[early];
        is_found = true;
    }
    return is_found;
}

bool next_first(struct engine *engine, struct timer_row *ret_row, rd_time *ret_wall)
{
    bool is_found = false;
    for (int steady = 0; steady < 2; steady++) {
        struct timer_row row;
        if (!first_row(engine, steady != 0, &row)) {
            continue;
        }
        rd_time wall = timer_wall(engine, row.due, row.is_steady);
        if (!is_found || timer_row_cmp(&row, wall, ret_row, *ret_wall) < 0) {
            *ret_row = row;
            *ret_wall = wall;
            is_found = true;
        }
    }
    return is_found;
}

static bool looks_live(struct engine *engine, timer_live_fn *is_live, const struct timer_row *row)
{
    engine->work_count = 0; /* nothing was changed */
    rd_arena_reset(&engine->arena);
    return is_live(engine, row);
}

/* Finds the first live timer of `early`. A stale one is only dropped from the hint: the walk
 * through the table will meet its row. */
static bool first_early(struct engine *engine, struct timer_hint *hint, timer_live_fn *is_live,
        struct timer_row *ret_row)
{
    for (size_t first; (first = earliest(hint)) < EARLY_MAX;) {
        *ret_row = hint->early[first];
        if (looks_live(engine, is_live, ret_row)) {
            return true;
        }
        sweep_from(hint, ret_row);
        hint->early[first] = hint->early[--hint->early_count];
    }
    return false;
}

/* As long as `live` is still armed it is the first, and the table need not be read. */
bool next_live(
        struct engine *engine, bool is_steady, timer_live_fn *is_live, struct timer_row *ret_row)
{
    struct timer_hint *hint = &engine->hints[is_steady];
    if (first_early(engine, hint, is_live, ret_row)) {
        return true;
    }
    for (;;) {
        if (hint->has_live && looks_live(engine, is_live, &hint->live)) {
            *ret_row = hint->live;
            return true;
        }
        const struct timer_row *from = hint->has_live    ? &hint->live
                                       : hint->has_swept ? &hint->swept
                                                         : NULL;
        struct timer_row row;
        bool is_found = timer_row_first(engine->view, is_steady, from, &row);
        hint->live = is_found ? row : the_end;
        hint->has_live = true;
        if (!is_found) {
            return false;
        }
        if (!looks_live(engine, is_live, &row)) {
            hint->live.slot++; /* stale: the next search begins after it */
        }
    }
}
