/* Day limits: the examples of redress.yaml(5), "Calendars". */
#include "tests/unit/calendar_fixture.h"

static void day_limits_as_in_the_manual(void **state)
{
    static const struct {
        bool is_xinjiang;
        const char *limit;
        enum rd_roll roll;
        const char *start, *last;
    } rows[] = {
            {false, "15d", RD_ROLL_RESTDAY, "2021-09-18", "2021-10-08"},
            {false, "15d", RD_ROLL_RESTDAY, "2025-09-12", "2025-09-28"},
            {false, "15d", RD_ROLL_RESTDAY, "2025-04-12", "2025-04-27"},
            {false, "1bd", RD_ROLL_NONE, "2025-04-25", "2025-04-27"},
            {false, "7bd", RD_ROLL_NONE, "2025-09-22", "2025-09-30"},
            {false, "7bd", RD_ROLL_NONE, "2024-09-30", "2024-10-15"},
            {true, "1bd", RD_ROLL_NONE, "2025-06-05", "2025-06-11"},
            {false, "1bd", RD_ROLL_NONE, "2025-06-05", "2025-06-06"},
            {false, "15d", RD_ROLL_NONE, "2021-09-18", "2021-10-03"},
            {false, "8w", RD_ROLL_NONE, "2025-01-01", "2025-02-26"},
            {false, "0d", RD_ROLL_NONE, "2025-10-01", "2025-10-01"},
            {false, "0bd", RD_ROLL_NONE, "2025-10-01", "2025-10-01"},
            {false, "0bd", RD_ROLL_RESTDAY, "2025-10-01", "2025-10-09"},
            /* a weekend moves no statutory_holiday, a holiday does, also one set by `days` */
            {false, "1d", RD_ROLL_STATUTORY_HOLIDAY, "2025-03-14", "2025-03-15"},
            {false, "1d", RD_ROLL_RESTDAY, "2025-03-14", "2025-03-17"},
            {false, "1d", RD_ROLL_STATUTORY_HOLIDAY, "2024-10-01", "2024-10-08"},
            {true, "1d", RD_ROLL_STATUTORY_HOLIDAY, "2025-06-05", "2025-06-11"},
            {true, "7d", RD_ROLL_RESTDAY, "2026-02-07", "2026-02-14"}, /* a short day is one */
    };
    (void)state;
    for (size_t i = 0; i < RD_COUNT(rows); i++) {
        struct rd_calendar calendar = rows[i].is_xinjiang ? xinjiang() : cn();
        struct rd_day_limit limit = limit_of(rows[i].limit, rows[i].roll);
        /* The time of day does not matter, up to midnight at the calendar's place. */
        rd_time first = rd_calendar_instant(&calendar, day_of(rows[i].start), 0);
        const rd_time starts[] = {first, first + 10 * HOUR_US, first + 24 * HOUR_US - 1};
        for (size_t j = 0; j < RD_COUNT(starts); j++) {
            struct rd_day_due due = rd_calendar_day_limit(&calendar, starts[j], &limit);
            is_day(due.last_day, rows[i].last);
            assert_int_equal(due.due, rd_calendar_instant(&calendar, due.last_day + 1, 0));
            assert_int_equal(due.provisional, due.last_day >= calendar.horizon);
        }
    }
}

static void the_last_day_ends_at_midnight_or_at_closing(void **state)
{
    (void)state;
    struct rd_calendar calendar = xinjiang();
    struct rd_day_limit limit = limit_of("1bd", RD_ROLL_NONE);
    struct rd_day_due due = rd_calendar_day_limit(&calendar, at("2025-09-29T20:00:00Z"), &limit);
    is_time(due.due, "2025-10-10T00:00:00+08:00"); /* started on the 30th at the office's place */
    limit.at_closing = true;
    due = rd_calendar_day_limit(&calendar, at("2025-09-29T20:00:00Z"), &limit);
    is_time(due.due, "2025-10-09T19:30:00+08:00");
    /* A last day that is no working day ends at 24:00. */
    limit = limit_of("1d", RD_ROLL_NONE);
    limit.at_closing = true;
    due = rd_calendar_day_limit(&calendar, at("2025-06-05T10:00:00+08:00"), &limit);
    is_time(due.due, "2025-06-07T00:00:00+08:00");
    /* A day with hours of its own ends with them. */
    due = rd_calendar_day_limit(&calendar, at("2026-02-13T10:00:00+08:00"), &limit);
    is_time(due.due, "2026-02-14T14:00:00+08:00");
    assert_true(due.provisional);
}

static void a_limit_beyond_the_horizon_is_provisional(void **state)
{
    (void)state;
    struct rd_calendar calendar = cn();
    struct rd_day_limit limit = limit_of("1bd", RD_ROLL_NONE);
    struct rd_day_due due =
            rd_calendar_day_limit(&calendar, at("2025-12-30T10:00:00+08:00"), &limit);
    assert_false(due.provisional);
    due = rd_calendar_day_limit(&calendar, at("2025-12-31T10:00:00+08:00"), &limit);
    assert_true(due.provisional);
    is_day(due.last_day, "2026-01-01"); /* computed all the same */
    calendar.horizon = RD_DAY_NONE;
    due = rd_calendar_day_limit(&calendar, at("2025-12-31T10:00:00+08:00"), &limit);
    assert_false(due.provisional);
}

static void pauses_take_out_the_dates_between(void **state)
{
    static const struct {
        const char *limit, *pauses[4]; /* begin, end, begin, end */
        const char *last;
    } rows[] = {
            /* from Monday 2025-03-03 */
            {"15d", {NULL}, "2025-03-18"},
            {"15d", {"2025-03-05T12:00:00+08:00", "2025-03-05T18:00:00+08:00"}, "2025-03-18"},
            {"15d", {"2025-03-05T12:00:00+08:00", "2025-03-06T09:00:00+08:00"}, "2025-03-18"},
            {"15d", {"2025-03-05T12:00:00+08:00", "2025-03-08T09:00:00+08:00"}, "2025-03-20"},
            {"5bd", {"2025-03-07T12:00:00+08:00", "2025-03-10T09:00:00+08:00"}, "2025-03-10"},
            {"5bd", {"2025-03-06T12:00:00+08:00", "2025-03-11T09:00:00+08:00"}, "2025-03-12"},
            {"15d",
                    {"2025-03-04T12:00:00+08:00", "2025-03-06T09:00:00+08:00",
                            "2025-03-07T12:00:00+08:00", "2025-03-10T09:00:00+08:00"},
                    "2025-03-21"},
            /* begun on the last day, ended on a later one: that one is the last */
            {"15d", {"2025-03-18T12:00:00+08:00", "2025-03-25T09:00:00+08:00"}, "2025-03-25"},
            {"15d", {"2025-03-18T12:00:00+08:00", "2025-03-18T13:00:00+08:00"}, "2025-03-18"},
            {"5bd",
                    {"2025-03-10T12:00:00+08:00", "2025-03-12T09:00:00+08:00",
                            "2025-03-12T10:00:00+08:00", "2025-03-14T09:00:00+08:00"},
                    "2025-03-14"},
            /* after it: nothing */
            {"15d", {"2025-03-19T12:00:00+08:00", "2025-03-25T09:00:00+08:00"}, "2025-03-18"},
            /* before the start: nothing but the dates after it */
            {"15d", {"2025-02-10T12:00:00+08:00", "2025-03-06T09:00:00+08:00"}, "2025-03-20"},
            {"15d", {"2025-02-10T12:00:00+08:00", "2025-02-20T09:00:00+08:00"}, "2025-03-18"},
    };
    (void)state;
    struct rd_calendar calendar = cn();
    for (size_t i = 0; i < RD_COUNT(rows); i++) {
        struct rd_day_limit limit = limit_of(rows[i].limit, RD_ROLL_NONE);
        struct rd_stretch stretches[2];
        limit.stretches = stretches;
        while (limit.stretch_count < 2 && rows[i].pauses[2 * limit.stretch_count] != NULL) {
            stretches[limit.stretch_count] = (struct rd_stretch){
                    .begin = at(rows[i].pauses[2 * limit.stretch_count]),
                    .end = at(rows[i].pauses[2 * limit.stretch_count + 1]),
            };
            limit.stretch_count++;
        }
        struct rd_day_due due =
                rd_calendar_day_limit(&calendar, at("2025-03-03T10:00:00+08:00"), &limit);
        is_day(due.last_day, rows[i].last);
        is_day(due.raw_day, rows[i].last);
    }
}

static void a_limit_never_runs_out_inside_a_pause(void **state)
{
    (void)state;
    struct rd_calendar calendar = cn();
    /* 12d from 2025-03-03 is Saturday the 15th and rolls to Monday, on which the pause begins. */
    struct rd_stretch pause = {
            .begin = at("2025-03-17T10:00:00+08:00"), .end = at("2025-03-20T10:00:00+08:00")};
    struct rd_day_limit limit = limit_of("12d", RD_ROLL_RESTDAY);
    limit.stretches = &pause;
    limit.stretch_count = 1;
    struct rd_day_due due =
            rd_calendar_day_limit(&calendar, at("2025-03-03T10:00:00+08:00"), &limit);
    is_day(due.raw_day, "2025-03-15");
    is_day(due.last_day, "2025-03-20");
    pause.begin = at("2025-03-16T10:00:00+08:00"); /* on the way there: Monday is excluded */
    due = rd_calendar_day_limit(&calendar, at("2025-03-03T10:00:00+08:00"), &limit);
    is_day(due.last_day, "2025-03-20");
    pause = (struct rd_stretch){.begin = at("2025-03-10T10:00:00+08:00"), .end = RD_TIME_MAX};
    due = rd_calendar_day_limit(&calendar, at("2025-03-03T10:00:00+08:00"), &limit);
    is_day(due.last_day, "none");
    assert_int_equal(due.due, RD_TIME_MAX);
    limit = limit_of("1d", RD_ROLL_RESTDAY); /* had run out before */
    limit.stretches = &pause;
    limit.stretch_count = 1;
    due = rd_calendar_day_limit(&calendar, at("2025-03-03T10:00:00+08:00"), &limit);
    is_day(due.last_day, "2025-03-04");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(day_limits_as_in_the_manual),
            cmocka_unit_test(the_last_day_ends_at_midnight_or_at_closing),
            cmocka_unit_test(a_limit_beyond_the_horizon_is_provisional),
            cmocka_unit_test(pauses_take_out_the_dates_between),
            cmocka_unit_test(a_limit_never_runs_out_inside_a_pause),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
