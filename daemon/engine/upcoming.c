#include "daemon/engine/names.h"
#include "daemon/engine/reports.h"
#include "daemon/engine/rosters.h"
#include "daemon/engine/schedules.h"
#include "daemon/engine/state.h"
#include "daemon/engine/units.h"
#include "daemon/engine/watch.h"
#include "daemon/store/rows/duty_row.h"
#include "daemon/store/rows/name_row.h"
#include "daemon/store/rows/unit_day_row.h"

/* What stands in the calendar of units, for those who compare two configurations. */

struct telling {
    struct engine *engine;
    engine_upcoming_fn *fn;
    void *user;
};

/* What a configuration puts into the past comes with the next record. */
static rd_time coming(const struct engine *engine, rd_time at)
{
    return at == RD_TIME_NONE || at > engine->now.wall ? at : engine->now.wall;
}

static void tell(const struct telling *telling, struct engine_upcoming upcoming)
{
    telling->fn(telling->user, &upcoming);
    telling->engine->work_count = 0;
    rd_arena_reset(&telling->engine->arena);
}

enum { LOOK_AHEAD_DAYS = 400 };

/* A report that is in already, or of a day whose time to ask had passed before one was asked for,
 * tells nothing when its instant comes. */
static bool tells_nothing(struct engine *engine, uint32_t unit, uint16_t slot, rd_day day)
{
    struct unit_day_row row = {0};
    (void)unit_day_row_get(engine->view, unit, day, &row);
    if ((row.flags & UNIT_DAY_REPORTED) != 0 || slot == WATCH_REPORT) {
        return (row.flags & UNIT_DAY_REPORTED) != 0;
    }
    struct watch_row judged = watch_get(engine, unit, WATCH_REPORT);
    bool is_behind = judged.armed == RD_TIME_NONE || day < judged.day;
    return is_behind && (row.flags & UNIT_DAY_MISSING) == 0;
}

/* When a report's watch tells next that one is missing, if none comes. */
static rd_time report_next(struct engine *engine, uint32_t unit, uint16_t slot)
{
    struct watch_row row = watch_get(engine, unit, slot);
    if (row.armed == RD_TIME_NONE || !tells_nothing(engine, unit, slot, row.day)) {
        return row.armed;
    }
    rd_day day = row.day;
    for (int i = 0; i < LOOK_AHEAD_DAYS && day != RD_DAY_NONE; i++) {
        day = rd_calendar_working_after(unit_calendar(engine, unit), day);
        if (day != RD_DAY_NONE && !tells_nothing(engine, unit, slot, day)) {
            rd_time due = report_due(engine, unit, day);
            return slot == WATCH_REPORT ? due
                                        : due + engine->plan->supervision.report.then_after_us;
        }
    }
    return RD_TIME_NONE;
}

static rd_time watch_next(struct engine *engine, uint32_t unit, uint16_t slot)
{
    return slot == WATCH_REPORT || slot == WATCH_REPORT_THEN ? report_next(engine, unit, slot)
                                                             : watch_get(engine, unit, slot).armed;
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
                              .at = coming(engine, watch_next(engine, unit, slot))});
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
        if (duty == NULL || !schedule_next(engine, unit, name, &row)) {
            continue;
        }
        struct engine_upcoming upcoming = {.what = "duty",
                .unit = name_shown(engine, unit),
                .name = duty->duty,
                .at = coming(engine, row.armed)};
        tell(telling, upcoming);
        const struct rd_calendar *calendar = unit_calendar(engine, unit);
        rd_day last = rd_due_day(&duty->due, rd_every_period(row.every, row.day), calendar);
        upcoming.what = "duty due";
        upcoming.unit = name_shown(engine, unit);
        upcoming.at = rd_calendar_instant(calendar, last, 24 * 60);
        tell(telling, upcoming);
    }
}

struct told_roster {
    const struct rd_plan_roster *roster;
    struct standing standing;
    rd_time until; /* what is told next begins then; RD_TIME_MAX: nothing does */
};

static struct stretch roster_stretch(
        struct engine *engine, const struct told_roster *told, rd_time at)
{
    return stretch_at(engine->plan, told->roster, &told->standing, at);
}

static void tell_stretch(const struct telling *telling, const struct told_roster *told,
        const char *what, const struct stretch *stretch)
{
    struct engine *engine = telling->engine;
    uint32_t unit = stretch != NULL ? stretch_unit(engine, engine->plan, told->roster, stretch) : 0;
    struct engine_upcoming upcoming = {.what = what,
            .name = told->roster->name,
            .who = name_shown(engine, unit_present(engine, unit)),
            .at = told->until != RD_TIME_MAX ? told->until : RD_TIME_NONE};
    telling->fn(telling->user, &upcoming);
}

/* Behind the next one, the first turn of the round itself that is not of this hand-over: where
 * somebody stands in, the first two may be alike and all turns behind them others. */
static void tell_behind(
        const struct telling *telling, struct told_roster *told, struct stretch stretch)
{
    struct engine *engine = telling->engine;
    const struct rd_plan_roster *roster = told->roster;
    const struct rd_calendar *calendar = &engine->plan->calendars[roster->calendar];
    struct rd_turn now = rd_turn_at(&roster->rounds, calendar, engine->now.wall);
    do {
        told->until = stretch.until;
        if (told->until == RD_TIME_MAX) {
            tell_stretch(telling, told, "turn then", NULL);
            return;
        }
        stretch = roster_stretch(engine, told, told->until);
    } while (stretch.row != NULL || stretch.turn.from <= now.from);
    tell_stretch(telling, told, "turn then", &stretch);
}

/* Whether or not the configuration still has the unit: both that are compared tell the same. */
static bool has_stand_ins(struct engine *engine, const struct rd_plan_roster *roster)
{
    uint32_t name = name_find(engine->view, roster->name);
    struct roster_row row;
    return name != 0 && roster_row_next(engine->view, name, engine->now.wall + 1, 0, &row);
}

/* The turn that is, until somebody else has it or it is another's turn; and the next one. */
static void tell_rosters(const struct telling *telling)
{
    struct engine *engine = telling->engine;
    const struct rd_plan *plan = engine->plan;
    rd_time now = engine->now.wall;
    for (size_t i = 0; i < plan->roster_count; i++) {
        struct told_roster told = {.roster = &plan->rosters[i]};
        told.standing = standing_from(engine->view, plan, &engine->arena, told.roster->name, now);
        struct stretch stretch = roster_stretch(engine, &told, now);
        told.until = stretch.until;
        tell_stretch(telling, &told, "turn", &stretch);
        if (told.until != RD_TIME_MAX) {
            stretch = roster_stretch(engine, &told, told.until);
            tell_stretch(telling, &told, "next turn", &stretch);
            if (has_stand_ins(engine, told.roster)) {
                tell_behind(telling, &told, stretch);
            }
        }
        rd_arena_reset(&engine->arena);
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

void engine_stand_ins_lost(
        struct engine *engine, const struct rd_plan *plan, engine_upcoming_fn *fn, void *user)
{
    rd_time now = engine->counters.wall;
    rd_arena_reset(&engine->arena);
    for (size_t i = 0; engine->plan != NULL && now > 0 && i < plan->roster_count; i++) {
        struct rd_str roster = plan->rosters[i].name;
        struct standing standing =
                standing_from(engine->view, engine->plan, &engine->arena, roster, now);
        for (size_t k = 0; k < standing.count; k++) {
            struct engine_upcoming lost = {.what = "stand-in",
                    .name = roster,
                    .who = name_shown(engine, standing.rows[k].unit),
                    .at = standing.rows[k].until};
            if (rd_plan_unit_find(plan, lost.who) == RD_NO_INDEX) {
                fn(user, &lost);
            }
        }
        rd_arena_reset(&engine->arena);
    }
}
