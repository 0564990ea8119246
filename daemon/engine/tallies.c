#include "daemon/engine/tallies.h"

#include "daemon/engine/names.h"
#include "daemon/engine/units.h"
#include "daemon/engine/watch.h"
#include "daemon/store/rows/case_row.h"

enum { KEPT_DAYS = 400, DROPPED_MAX = 2 };

/* The first day from `day` on of which no digest of the unit, or of one above it, has told. */
static rd_day untold(struct engine *engine, uint32_t unit, rd_day day)
{
    const struct rd_plan *plan = engine->plan;
    int32_t index = unit_index(engine, unit);
    for (; index != RD_NO_INDEX; index = plan->units[index].parent) {
        uint32_t number = unit_number(engine, index);
        for (int every = 0; every < RD_DIGEST_EVERIES; every++) {
            struct watch_row row;
            if (plan->supervision.digests.of[every][index] != 0 &&
                    watch_row_get(engine->view, number,
                            watch_digest_slot((enum rd_digest_every)every), &row) &&
                    row.done != RD_DAY_NONE && row.done >= day) {
                day = row.done + 1;
            }
        }
    }
    return day;
}

/* Days so old that no digest tells of them. */
static void drop_oldest(struct engine *engine, uint32_t unit, rd_day before)
{
    uint64_t counts[TALLY_COUNT];
    rd_day day;
    for (int i = 0; i < DROPPED_MAX &&
                    tally_row_next(engine->view, unit, INT32_MIN, &day, counts) && day < before;
            i++) {
        tally_row_del(engine->view, unit, day);
    }
}

void tally_note(struct engine *engine, uint32_t unit, rd_time own, enum tally what)
{
    if (engine->plan->supervision.digests.count == 0) {
        return;
    }
    uint64_t counts[TALLY_COUNT] = {0};
    rd_day day = untold(engine, unit, rd_calendar_day(unit_calendar(engine, unit), own));
    counts[what] = 1;
    drop_oldest(engine, unit, day - KEPT_DAYS);
    tally_row_add(engine->view, unit, day, counts);
}

void tally_warned(struct engine *engine, uint32_t unit, enum rd_level level)
{
    if (level >= RD_LEVEL_WATCH) {
        tally_note(engine, unit, engine->own.wall,
                (enum tally)(TALLY_WATCH + (int)level - (int)RD_LEVEL_WATCH));
    }
}

void tally_acted(struct engine *engine, const struct work *work)
{
    const struct case_row *row = work->row;
    if (row->kind == CASE_CONTACT && !row->was_defused &&
            row->moments[RD_MOMENT_ACKNOWLEDGED].wall == RD_TIME_NONE) {
        tally_note(engine, row->unit, engine->own.wall, TALLY_ACTED);
    }
}

void tally_closing(struct engine *engine, const struct work *work)
{
    const struct case_row *row = work->row;
    if (row->kind == CASE_CONTACT &&
            (row->was_defused || row->moments[RD_MOMENT_CUSTOMER_CONTACTED].wall != RD_TIME_NONE)) {
        tally_note(engine, row->unit, engine->own.wall, TALLY_PREEMPTED);
    }
}

/* ---- units that go ---- */

/* The unit nearest above a path that the present configuration has; 0: none. */
static uint32_t above_of(struct engine *engine, struct rd_str path)
{
    while (path.len > 0) {
        size_t len = path.len;
        while (len > 0 && path.ptr[len - 1] != '/') {
            len--;
        }
        path.len = len > 0 ? len - 1 : 0;
        int32_t index = path.len > 0 ? rd_plan_unit_find(engine->plan, path) : RD_NO_INDEX;
        if (index != RD_NO_INDEX && rd_str_eq(engine->plan->units[index].path, path)) {
            return unit_number(engine, index);
        }
    }
    return 0;
}

static void give(struct engine *engine, uint32_t unit, uint32_t to)
{
    uint64_t counts[TALLY_COUNT];
    rd_day day = INT32_MIN;
    while (tally_row_next(engine->view, unit, day, &day, counts)) {
        tally_row_add(engine->view, to, day, counts);
        tally_row_del(engine->view, unit, day);
    }
}

void tallies_configure(struct engine *engine, const struct rd_plan *old)
{
    for (size_t i = 0; old != NULL && i < old->unit_count; i++) {
        uint32_t unit = name_known(engine, old->units[i].path);
        if (unit == 0 || unit_index(engine, unit) != RD_NO_INDEX) {
            continue;
        }
        uint32_t to = above_of(engine, old->units[i].path);
        if (to != 0) {
            give(engine, unit, to);
        }
    }
}
