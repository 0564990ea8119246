#include "daemon/engine/internal.h"

/* Which timer comes first. Rows of timers that are no longer armed stay in their tables until a
 * tick walks over them, so the first row says little. A timer that an event arms for an instant
 * that is past fires with the event and its row goes at once; what was removed still costs a walk
 * until the next checkpoint, under the time of events a million rows. Nobody may walk over them
 * again and again. */

static bool is_before(const struct timer_row *a, const struct timer_row *b)
{
    return timer_row_cmp(a, a->due, b, b->due) < 0;
}

/* Behind all rows: where there is none, the removed ones are not walked over again. */
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

/* Its row may stand in the table: it is walked over there from now on. */
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

void next_armed(struct engine *engine, const struct timer_row *row)
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

/* The first row of a scale. What stands before it is gone, and not walked over again. */
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

static bool looks_live(struct engine *engine, const struct timer_row *row)
{
    engine->work_count = 0; /* nothing was changed */
    rd_arena_reset(&engine->arena);
    return timer_is_live(engine, row);
}

/* The first one of `early` that is live; those before it are walked over in the table. */
static bool first_early(struct engine *engine, struct timer_hint *hint, struct timer_row *ret_row)
{
    for (size_t first; (first = earliest(hint)) < EARLY_MAX;) {
        *ret_row = hint->early[first];
        if (looks_live(engine, ret_row)) {
            return true;
        }
        sweep_from(hint, ret_row);
        hint->early[first] = hint->early[--hint->early_count];
    }
    return false;
}

/* The first live timer of a scale. While the hint is live it is the first, and the tables, with all
 * that was armed behind it, need not be looked at. */
static bool first_live(struct engine *engine, bool is_steady, struct timer_row *ret_row)
{
    struct timer_hint *hint = &engine->hints[is_steady];
    if (first_early(engine, hint, ret_row)) {
        return true;
    }
    for (;;) {
        if (hint->has_live && looks_live(engine, &hint->live)) {
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
        if (!looks_live(engine, &row)) {
            hint->live.slot++; /* stale: look behind it from now on */
        }
    }
}

rd_time engine_next_due(struct engine *engine, const struct engine_time *at)
{
    record_begin(engine, at);
    rd_time first = RD_TIME_NONE;
    for (int steady = 0; steady < 2; steady++) {
        struct timer_row row;
        if (first_live(engine, steady != 0, &row)) {
            rd_time wall = timer_wall(engine, row.due, row.is_steady);
            first = first == RD_TIME_NONE || wall < first ? wall : first;
        }
    }
    engine->work_count = 0;
    return first;
}
