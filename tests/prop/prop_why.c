/* The account of days agrees with the due: whatever the calendar, the limit and the pauses are. */
#include "common/time/why.h"
#include "daemon/config/calendar_build.h"
#include "tests/prop.h"

enum { PAUSES_MAX = 4 };

static struct rd_arena arena;
static struct rd_calendar calendars[2];

static void build(struct rd_calendar *calendar, const char *zone, const char *holidays)
{
    static const struct rd_str OPEN[] = {RD_STR("00:30-02:30"), RD_STR("09:00-17:30")};
    struct rd_str path = rd_str_of(holidays);
    const struct config_calendar_hours hours = {
            .days = RD_STR("mon-fri"), .open = OPEN, .open_count = RD_COUNT(OPEN)};
    const struct config_calendar_spec spec = {.name = RD_STR("a"),
            .timezone = rd_str_of(zone),
            .hours = &hours,
            .hours_count = 1,
            .holidays = &path,
            .holiday_count = 1};
    struct config_calendar_faults faults;
    if (config_calendar_compile(&spec, &arena, calendar, &faults) < 0) {
        (void)fprintf(stderr, "%s\n", faults.at[0].what);
        exit(EXIT_FAILURE);
    }
}

struct question {
    struct rd_why why;
    struct rd_stretch stretches[PAUSES_MAX];
    struct rd_why_pause pauses[PAUSES_MAX];
};

static void ask(struct prop_gen *gen, enum rd_limit_unit unit, struct question *question)
{
    rd_time start = prop_between(gen, INT64_C(1546300800), INT64_C(1830297600)) * RD_SECOND_US;
    int64_t count_max = unit == RD_LIMIT_SECONDS ? 400000 : 70;
    *question = (struct question){.why = {.calendar = &calendars[prop_below(gen, 2)],
                                          .start = start,
                                          .stretches = question->stretches,
                                          .pauses = question->pauses}};
    struct rd_why *why = &question->why;
    why->limit.unit = unit;
    why->limit.count = (uint32_t)prop_between(gen, 1, count_max);
    why->counts_working = prop_below(gen, 2) == 0;
    why->at_closing = prop_below(gen, 2) == 0;
    why->roll = (enum rd_roll)prop_below(gen, 3);
    rd_time at = start;
    for (uint64_t i = prop_below(gen, PAUSES_MAX + 1); i > 0; i--) {
        at += prop_between(gen, 1, 5 * RD_DAY_US);
        rd_time end =
                at + prop_between(gen, 1, prop_below(gen, 2) == 0 ? RD_DAY_US : 9 * RD_DAY_US);
        question->stretches[why->stretch_count++] = (struct rd_stretch){at, end};
        question->pauses[why->pause_count++] =
                (struct rd_why_pause){.begin = at, .end = end, .reason = RD_STR("appraisal")};
        at = end;
    }
}

static bool is_apart(const struct rd_why *why, rd_day day)
{
    for (size_t i = 0; i < why->stretch_count; i++) {
        if (day > rd_calendar_day(why->calendar, why->stretches[i].begin) &&
                day < rd_calendar_day(why->calendar, why->stretches[i].end)) {
            return true;
        }
    }
    return false;
}

static int days_add_up(struct prop_gen *gen)
{
    struct question question;
    ask(gen, prop_below(gen, 2) == 0 ? RD_LIMIT_BUSINESS_DAYS : RD_LIMIT_CALENDAR_DAYS, &question);
    const struct rd_why *why = &question.why;
    struct rd_why_walk walk;
    struct rd_why_day day;
    uint32_t counted = 0;
    rd_why_begin(&walk, why, RD_DAY_MIN);
    rd_day expected = rd_calendar_day(why->calendar, why->start), raw = RD_DAY_NONE;
    while (rd_why_next(&walk, &day)) {
        bool may_count = why->limit.unit == RD_LIMIT_CALENDAR_DAYS ||
                         rd_calendar_is_working(why->calendar, day.day);
        if (day.day != expected++ || day.why[0] == '\0') {
            return __LINE__;
        }
        if (day.is_counted &&
                (!may_count || is_apart(why, day.day) || day.day == walk.due.start_day)) {
            return __LINE__;
        }
        counted += day.is_counted;
        raw = day.day == walk.due.raw_day ? day.day : raw;
    }
    if (counted != why->limit.count || expected != walk.due.last_day + 1 ||
            raw != walk.due.raw_day) {
        return __LINE__;
    }
    bool runs_out = walk.due.due > why->start &&
                    rd_calendar_day(why->calendar, walk.due.due - 1) == walk.due.last_day;
    return runs_out ? 0 : __LINE__;
}

static int hours_add_up(struct prop_gen *gen)
{
    struct question question;
    ask(gen, RD_LIMIT_SECONDS, &question);
    struct rd_why_walk walk;
    struct rd_why_day day = {.day = RD_DAY_NONE};
    rd_why_begin(&walk, &question.why, RD_DAY_MIN);
    while (rd_why_next(&walk, &day)) {
    }
    if (day.day != walk.due.last_day || !day.is_counted) {
        return __LINE__;
    }
    return walk.used_us == question.why.limit.count * RD_SECOND_US ? 0 : __LINE__;
}

int main(void)
{
    rd_arena_init(&arena, 64 << 20);
    build(&calendars[0], "Asia/Shanghai", CALENDARS "/cn");
    build(&calendars[1], "Europe/London", CALENDARS "/scotland.ics");
    int bad = prop_check("days add up", days_add_up);
    bad += prop_check("hours add up", hours_add_up);
    rd_arena_done(&arena);
    return bad == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
