#include "daemon/engine/names.h"
#include "daemon/engine/rosters.h"
#include "daemon/engine/schedules.h"
#include "daemon/engine/state.h"
#include "daemon/engine/units.h"
#include "daemon/engine/watch.h"
#include "daemon/store/rows/duty_row.h"

/* What stands in the calendar of units, for those who compare two configurations. */

struct telling {
    struct engine *engine;
    engine_upcoming_fn *fn;
    void *user;
};

static void tell(const struct telling *telling, struct engine_upcoming upcoming)
{
    telling->fn(telling->user, &upcoming);
    telling->engine->work_count = 0;
    rd_arena_reset(&telling->engine->arena);
}

static void tell_watches(const struct telling *telling)
{
    static const char *const WHAT[] = {[WATCH_REPORT] = "report",
            [WATCH_REPORT_THEN] = "report then",
            [WATCH_UNREAD] = "unread"};
    struct engine *engine = telling->engine;
    uint32_t unit = 0;
    uint16_t slot = 0;
    for (bool is_first = true; watch_row_next(engine->view, is_first, &unit, &slot);
            is_first = false) {
        bool is_digest = slot >= WATCH_DIGEST;
        int every = is_digest ? slot - WATCH_DIGEST : 0;
        tell(telling, (struct engine_upcoming){.what = is_digest ? "digest" : WHAT[slot],
                              .unit = name_shown(engine, unit),
                              .name = is_digest ? rd_str_of(rd_digest_every_name(
                                                          (enum rd_digest_every)every))
                                                : (struct rd_str){0},
                              .at = watch_get(engine, unit, slot).armed});
    }
}

static void tell_duties(const struct telling *telling)
{
    struct engine *engine = telling->engine;
    uint32_t unit = 0, name = 0;
    struct schedule_row row;
    for (bool is_first = true; schedule_row_next(engine->view, is_first, &unit, &name);
            is_first = false) {
        const struct rd_plan_duty *duty = schedule_owed(engine, unit, name);
        if (duty == NULL || !schedule_row_get(engine->view, unit, name, &row) ||
                row.armed == RD_TIME_NONE) {
            continue;
        }
        struct engine_upcoming upcoming = {.what = "duty",
                .unit = name_shown(engine, unit),
                .name = duty->duty,
                .at = row.armed};
        tell(telling, upcoming);
        const struct rd_calendar *calendar = unit_calendar(engine, unit);
        rd_day last = rd_due_day(&duty->due, rd_every_period(row.every, row.day), calendar);
        upcoming.what = "duty due";
        upcoming.unit = name_shown(engine, unit);
        upcoming.at = rd_calendar_instant(calendar, last, 24 * 60);
        tell(telling, upcoming);
    }
}

static void tell_rosters(const struct telling *telling)
{
    struct engine *engine = telling->engine;
    const struct rd_plan *plan = engine->plan;
    for (size_t i = 0; i < plan->roster_count; i++) {
        const struct rd_plan_roster *roster = &plan->rosters[i];
        const struct rd_calendar *calendar = &plan->calendars[roster->calendar];
        rd_time now = engine->now.wall;
        rd_time until = rd_turn_at(&roster->rounds, calendar, now).until;
        uint32_t unit = roster_unit(engine, plan, roster, now);
        tell(telling, (struct engine_upcoming){.what = "turn",
                              .name = roster->name,
                              .who = name_shown(engine, unit),
                              .at = until != RD_TIME_MAX ? until : RD_TIME_NONE});
        if (until != RD_TIME_MAX) {
            unit = roster_unit(engine, plan, roster, until);
            tell(telling, (struct engine_upcoming){.what = "next turn",
                                  .name = roster->name,
                                  .who = name_shown(engine, unit),
                                  .at = until});
        }
    }
}

void engine_upcoming_each(struct engine *engine, engine_upcoming_fn *fn, void *user)
{
    struct telling telling = {engine, fn, user};
    engine->now = (struct instant){engine->counters.wall, engine->counters.steady};
    engine->work_count = 0;
    rd_arena_reset(&engine->arena);
    if (engine->plan != NULL && engine->now.wall > 0) {
        tell_watches(&telling);
        tell_duties(&telling);
        tell_rosters(&telling);
    }
}
