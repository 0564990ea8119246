#include "daemon/engine/internal.h"

/* Which timer comes first. Rows of timers that are no longer armed stay in their tables until a
 * tick walks over them, so the first row says little. A timer that an event arms for an instant
 * that is past fires with the event; its row stays as well, and under the time of events a million
 * of them may stand before the first live one. Nobody may walk over them again and again. */

static bool is_before(const struct timer_row *a, const struct timer_row *b)
{
    return timer_row_cmp(a, a->due, b, b->due) < 0;
}

static size_t earliest(const struct timer_hint *hint)
{
    size_t first = 0;
    for (size_t i = 1; i < hint->early_count; i++) {
        if (is_before(&hint->early[i], &hint->early[first])) {
            first = i;
        }
    }
    return first;
}

/* They are looked for in the table from now on. */
static void forget_early(struct timer_hint *hint)
{
    if (hint->early_count > 0) {
        hint->live = hint->early[earliest(hint)];
        hint->early_count = 0;
    }
}

void next_armed(struct engine *engine, const struct timer_row *row)
{
    struct timer_hint *hint = &engine->hints[row->is_steady];
    if (hint->has_live && is_before(row, &hint->live)) {
        if (hint->early_count == EARLY_MAX) {
            forget_early(hint);
        }
        hint->early[hint->early_count++] = *row;
    }
    if (hint->has_swept && is_before(row, &hint->swept)) {
        hint->swept = *row;
    }
}

void next_swept(struct engine *engine, const struct timer_row *row)
{
    engine->hints[row->is_steady].swept = *row;
    engine->hints[row->is_steady].has_swept = true;
}

void next_settle(struct engine *engine)
{
    for (int steady = 0; steady < 2; steady++) {
        struct timer_hint *hint = &engine->hints[steady];
        if (hint->early_count <= EARLY_MAX / 2) {
            continue;
        }
        size_t kept = 0;
        for (size_t i = 0; i < hint->early_count; i++) {
            engine->work_count = 0; /* all is saved; the arena keeps the record's alerts */
            if (timer_is_live(engine, &hint->early[i])) {
                hint->early[kept++] = hint->early[i];
            }
        }
        engine->work_count = 0;
        hint->early_count = kept;
        if (kept > EARLY_MAX / 2) {
            forget_early(hint); /* else they were all looked at after each record */
        }
    }
}

bool next_first(struct engine *engine, struct timer_row *ret_row, rd_time *ret_wall)
{
    bool is_found = false;
    for (int steady = 0; steady < 2; steady++) {
        const struct timer_hint *hint = &engine->hints[steady];
        struct timer_row row;
        if (!timer_row_first(
                    engine->view, steady != 0, hint->has_swept ? &hint->swept : NULL, &row)) {
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

static bool first_early(struct engine *engine, struct timer_hint *hint, struct timer_row *ret_row)
{
    while (hint->early_count > 0) {
        size_t first = earliest(hint);
        *ret_row = hint->early[first];
        if (looks_live(engine, ret_row)) {
            return true;
        }
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
        if (!timer_row_first(engine->view, is_steady, from, &row)) {
            return false;
        }
        hint->live = row;
        hint->has_live = true;
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
