/* Opening, the turn of the clocks, and what is no calendar: redress.yaml(5), "Calendars". */
#include <errno.h>

#include "tests/unit/calendar_fixture.h"

/* ---- opening ---- */

static void seasons_last_over_the_turn_of_the_year(void **state)
{
    static const struct {
        const char *day, *closing;
    } rows[] = {
            {"2025-04-30", "2025-04-30T19:30:00+08:00"},
            {"2025-05-06", "2025-05-06T20:00:00+08:00"},
            {"2025-09-30", "2025-09-30T20:00:00+08:00"},
            {"2025-09-28", "2025-09-28T20:00:00+08:00"}, /* a make-up Sunday */
            {"2025-10-11", "2025-10-11T19:30:00+08:00"}, /* a make-up Saturday */
            {"2025-12-31", "2025-12-31T19:30:00+08:00"},
            {"2026-01-02", "2026-01-02T19:30:00+08:00"},
            {"2025-06-06", "2025-06-07T00:00:00+08:00"}, /* closed */
    };
    (void)state;
    struct rd_calendar calendar = xinjiang();
    for (size_t i = 0; i < RD_COUNT(rows); i++) {
        is_time(rd_calendar_closing(&calendar, day_of(rows[i].day)), rows[i].closing);
    }
    assert_int_equal(rd_calendar_hours(&calendar, day_of("2025-09-28")).count, 2);
    assert_false(rd_calendar_is_working(&calendar, day_of("2025-06-07")));
    assert_int_equal(rd_calendar_special(&calendar, day_of("2025-06-07"))->kind, RD_SPECIAL_CLOSED);
    assert_null(rd_calendar_special(&calendar, day_of("2025-06-11")));
}

static void working_time_counts_inside_opening_hours(void **state)
{
    static const struct {
        const char *from;
        int64_t minutes;
        const char *until;
    } rows[] = {
            {"2025-03-14T10:00:00+08:00", 60, "2025-03-14T11:00:00+08:00"},
            {"2025-03-14T11:30:00+08:00", 30, "2025-03-14T12:00:00+08:00"},
            {"2025-03-14T11:30:00+08:00", 31, "2025-03-14T13:31:00+08:00"},
            {"2025-03-14T07:00:00+08:00", 1, "2025-03-14T09:01:00+08:00"},
            {"2025-03-14T17:30:00+08:00", 1, "2025-03-17T09:01:00+08:00"},
            {"2025-04-25T17:00:00+08:00", 240, "2025-04-27T14:00:00+08:00"}, /* make-up Sunday */
            {"2025-09-30T17:00:00+08:00", 31, "2025-10-09T09:01:00+08:00"},
            {"2025-03-15T07:00:00+08:00", 0, "2025-03-15T07:00:00+08:00"},
            {"2025-10-13T00:00:00+08:00", 7 * 60 * 45, "2025-12-12T17:30:00+08:00"}, /* 9 weeks */
            {"2025-01-01T00:00:00+08:00", 7 * 60 * 200, "2025-10-17T17:30:00+08:00"},
    };
    (void)state;
    struct rd_calendar calendar = cn();
    for (size_t i = 0; i < RD_COUNT(rows); i++) {
        int64_t open_us = rows[i].minutes * RD_MINUTE_US;
        rd_time until = rd_calendar_add_open(&calendar, at(rows[i].from), open_us);
        is_time(until, rows[i].until);
        assert_int_equal(rd_calendar_open_between(&calendar, at(rows[i].from), until), open_us);
        if (open_us > 0) {
            assert_int_equal(
                    rd_calendar_open_between(&calendar, at(rows[i].from), until - 1), open_us - 1);
        }
    }
    assert_int_equal(rd_calendar_open_between(&calendar, 5, 5), 0);
    assert_int_equal(rd_calendar_open_between(&calendar, 5, 4), 0);
}

static void opening_is_half_open(void **state)
{
    (void)state;
    struct rd_calendar calendar = cn();
    assert_false(rd_calendar_is_open(&calendar, at("2025-03-14T08:59:59.999999+08:00")));
    assert_true(rd_calendar_is_open(&calendar, at("2025-03-14T09:00:00+08:00")));
    assert_false(rd_calendar_is_open(&calendar, at("2025-03-14T12:00:00+08:00")));
    assert_true(rd_calendar_is_open(&calendar, at("2025-03-14T13:30:00+08:00")));
    is_time(rd_calendar_next_opening(&calendar, at("2025-03-14T17:30:00+08:00")),
            "2025-03-17T09:00:00+08:00");
    is_time(rd_calendar_next_opening(&calendar, at("2025-03-17T09:01:00+08:00")),
            "2025-03-17T09:01:00+08:00");
    memset(seasons, 0, sizeof seasons); /* that never opens */
    seasons[0] = (struct rd_season){.month = 1, .day = 1};
    calendar.special_count = 0;
    rd_time now = at("2025-03-14T17:30:00+08:00");
    assert_int_equal(rd_calendar_next_opening(&calendar, now), RD_TIME_NONE);
    assert_int_equal(rd_calendar_add_open(&calendar, now, 1), RD_TIME_NONE);
    assert_int_equal(rd_calendar_open_between(&calendar, RD_TIME_MIN, RD_TIME_MAX), 0);
    assert_int_equal(rd_calendar_working_after(&calendar, day_of("2025-03-14")), RD_DAY_NONE);
    assert_int_equal(rd_calendar_working_before(&calendar, day_of("2025-03-14"), 1), RD_DAY_NONE);
    struct rd_day_limit limit = limit_of("1bd", RD_ROLL_RESTDAY);
    assert_int_equal(rd_calendar_day_limit(&calendar, now, &limit).due, RD_TIME_MAX);
    limit = limit_of("1d", RD_ROLL_RESTDAY);
    assert_int_equal(rd_calendar_day_limit(&calendar, now, &limit).due, RD_TIME_MAX);
}

static void working_days_before_and_after(void **state)
{
    (void)state;
    struct rd_calendar calendar = cn();
    is_day(rd_calendar_working_before(&calendar, day_of("2025-10-09"), 1), "2025-09-30");
    is_day(rd_calendar_working_before(&calendar, day_of("2025-10-09"), 3), "2025-09-28");
    is_day(rd_calendar_working_before(&calendar, day_of("2025-10-09"), 4), "2025-09-26");
    is_day(rd_calendar_working_after(&calendar, day_of("2025-09-30")), "2025-10-09");
    is_day(rd_calendar_working_after(&calendar, day_of("2025-10-10")), "2025-10-11");
}

/* ---- the turn of the clocks ---- */

static void times_that_do_not_exist_or_exist_twice(void **state)
{
    (void)state;
    struct rd_calendar calendar = london(hours_of(30, 90, 0, 0));
    rd_day spring = day_of("2025-03-30"), autumn = day_of("2025-10-26");
    is_time(rd_calendar_instant(&calendar, spring, 30), "2025-03-30T00:30:00Z");
    is_time(rd_calendar_instant(&calendar, spring, 60), "2025-03-30T01:00:00Z");
    is_time(rd_calendar_instant(&calendar, spring, 90), "2025-03-30T01:00:00Z");
    is_time(rd_calendar_instant(&calendar, spring, 120), "2025-03-30T01:00:00Z");
    is_time(rd_calendar_instant(&calendar, spring, 121), "2025-03-30T01:01:00Z");
    is_time(rd_calendar_instant(&calendar, autumn, 60), "2025-10-26T00:00:00Z");
    is_time(rd_calendar_instant(&calendar, autumn, 90), "2025-10-26T00:30:00Z");
    is_time(rd_calendar_instant(&calendar, autumn, 120), "2025-10-26T02:00:00Z");
    is_time(rd_calendar_instant(&calendar, autumn, 1440), "2025-10-27T00:00:00Z");
    /* 00:30–01:30 is half an hour in spring, and an hour in autumn that is not opened again. */
    assert_int_equal(rd_calendar_open_between(
                             &calendar, at("2025-03-30T00:00:00Z"), at("2025-03-30T12:00:00Z")),
            30 * RD_MINUTE_US);
    assert_int_equal(rd_calendar_open_between(
                             &calendar, at("2025-10-25T23:00:00Z"), at("2025-10-26T12:00:00Z")),
            60 * RD_MINUTE_US);
    assert_true(rd_calendar_is_open(&calendar, at("2025-10-26T00:29:00Z")));
    assert_false(rd_calendar_is_open(&calendar, at("2025-10-26T01:15:00Z"))); /* 01:15 again */
    is_time(rd_calendar_closing(&calendar, spring), "2025-03-30T01:00:00Z");
    is_time(rd_calendar_closing(&calendar, autumn), "2025-10-26T00:30:00Z");
    /* Hours over the turn: what passes counts. */
    calendar = london(hours_of(0, 300, 0, 0));
    is_time(rd_calendar_add_open(&calendar, at("2025-03-30T00:00:00Z"), 4 * HOUR_US),
            "2025-03-30T04:00:00Z");
    is_time(rd_calendar_add_open(&calendar, at("2025-10-25T23:00:00Z"), 6 * HOUR_US),
            "2025-10-26T05:00:00Z");
    /* An opening inside the gap: the first instant after. One wholly inside: not at all. */
    calendar = london(hours_of(75, 180, 0, 0));
    is_time(rd_calendar_next_opening(&calendar, at("2025-03-30T00:00:00Z")),
            "2025-03-30T01:00:00Z");
    calendar = london(hours_of(75, 90, 0, 0));
    is_time(rd_calendar_next_opening(&calendar, at("2025-03-30T00:00:00Z")),
            "2025-03-31T00:15:00Z");
}

/* Set back at 24:00 (São Paulo), and at 00:01 of the next day (St. John's): the evening comes
 * twice. */
static void clocks_that_turn_about_midnight(void **state)
{
    (void)state;
    static const struct rd_offset at_midnight[] = {
            {0, -7200}, {INT64_C(1740276000000000), -10800}}; /* 2025-02-23T02:00Z */
    struct rd_calendar calendar = london(hours_of(1200, 1440, 0, 0));
    calendar.offsets = at_midnight;
    calendar.offset_count = RD_COUNT(at_midnight);
    assert_int_equal(rd_calendar_seal(&calendar), 0);
    rd_day day = day_of("2025-02-22");
    is_time(rd_calendar_instant(&calendar, day, 1410), "2025-02-23T01:30:00Z");
    is_time(rd_calendar_instant(&calendar, day, 1440), "2025-02-23T03:00:00Z");
    assert_int_equal(rd_calendar_open_between(
                             &calendar, at("2025-02-22T12:00:00Z"), at("2025-02-23T12:00:00Z")),
            5 * HOUR_US);
    is_time(rd_calendar_add_open(&calendar, at("2025-02-22T12:00:00Z"), 5 * HOUR_US),
            "2025-02-23T03:00:00Z");
    static const struct rd_offset after_midnight[] = {
            {0, -9000}, {INT64_C(1740277860000000), -12600}}; /* 2025-02-23T02:31Z */
    calendar = london(hours_of(0, 90, 0, 0));
    calendar.offsets = after_midnight;
    calendar.offset_count = RD_COUNT(after_midnight);
    assert_int_equal(rd_calendar_seal(&calendar), 0);
    is_day(rd_calendar_day(&calendar, at("2025-02-23T02:30:30Z")), "2025-02-23");
    is_day(rd_calendar_day(&calendar, at("2025-02-23T02:45:00Z")), "2025-02-22"); /* again */
    is_time(rd_calendar_instant(&calendar, day + 1, 0), "2025-02-23T02:30:00Z");
    /* The 23rd has begun, and its hours with it, whatever date the clock shows once more. */
    assert_true(rd_calendar_is_open(&calendar, at("2025-02-23T02:45:00Z")));
    is_time(rd_calendar_next_opening(&calendar, at("2025-02-23T02:45:00Z")),
            "2025-02-23T02:45:00Z");
    is_time(rd_calendar_add_open(&calendar, at("2025-02-23T02:45:00Z"), RD_MINUTE_US),
            "2025-02-23T02:46:00Z");
}

static void a_day_ends_when_the_local_clock_says(void **state)
{
    (void)state;
    struct rd_calendar calendar = london(hours_of(540, 1020, 0, 0));
    struct rd_day_limit limit = limit_of("1d", RD_ROLL_NONE);
    is_time(rd_calendar_day_limit(&calendar, at("2025-03-29T12:00:00Z"), &limit).due,
            "2025-03-30T23:00:00Z"); /* a day of 23 hours */
    is_time(rd_calendar_day_limit(&calendar, at("2025-10-25T12:00:00Z"), &limit).due,
            "2025-10-27T00:00:00Z"); /* of 25 */
    is_day(rd_calendar_day(&calendar, at("2025-06-30T23:30:00Z")), "2025-07-01");
    is_time(rd_calendar_same_time(&calendar, at("2025-03-31T08:30:00.25Z"), day_of("2025-03-28")),
            "2025-03-28T09:30:00.25Z");
    assert_int_equal(rd_calendar_offset_s(&calendar, at("2025-07-01T00:00:00Z")), 3600);
    assert_int_equal(rd_calendar_offset_s(&calendar, at("1900-07-01T00:00:00Z")), 0);
}

static void the_ends_of_time_are_held(void **state)
{
    (void)state;
    struct rd_calendar calendar = cn();
    struct rd_day_limit limit = limit_of("999999d", RD_ROLL_RESTDAY);
    assert_int_equal(rd_calendar_day_limit(&calendar, RD_TIME_MAX, &limit).due, RD_TIME_MAX);
    limit = limit_of("999999bd", RD_ROLL_RESTDAY);
    assert_int_equal(rd_calendar_day_limit(&calendar, RD_TIME_MAX, &limit).due, RD_TIME_MAX);
    is_day(rd_calendar_day_limit(&calendar, RD_TIME_MIN, &limit).last_day, "3834-02-14");
    is_day(rd_calendar_day(&calendar, RD_TIME_MIN), "0001-01-01");
    is_day(rd_calendar_day(&calendar, RD_TIME_MAX), "9999-12-31");
    assert_int_equal(rd_calendar_instant(&calendar, RD_DAY_NONE, 0), RD_TIME_MIN);
    is_time(rd_calendar_instant(&calendar, INT32_MAX, 1440), "9999-12-31T16:00:00Z");
    assert_int_equal(rd_calendar_same_time(&calendar, RD_TIME_MAX, RD_DAY_NONE),
            rd_calendar_same_time(&calendar, RD_TIME_MAX, RD_DAY_MIN));
    assert_true(rd_calendar_open_between(&calendar, RD_TIME_MIN, RD_TIME_MAX) >
                INT64_C(7) * 5 * 52 * 9999 * HOUR_US);
    assert_int_equal(rd_calendar_add_open(&calendar, RD_TIME_MAX, 1), RD_TIME_NONE);
    assert_int_equal(rd_calendar_working_after(&calendar, RD_DAY_MAX), RD_DAY_NONE);
}

/* ---- what is no calendar ---- */

static void a_broken_calendar_is_not_sealed(void **state)
{
    (void)state;
    struct rd_calendar good = cn();
    const struct rd_offset twice[] = {{0, 0}, {0, 3600}};
    const struct rd_offset wide[] = {{0, 27 * 3600}};
    const struct rd_offset fine[] = {{1, 0}};
    const struct rd_offset folded[] = {{0, 0}, {3600 * RD_SECOND_US, 0},
            {3601 * RD_SECOND_US, -7200}, {3602 * RD_SECOND_US, 0}, {3603 * RD_SECOND_US, -7200}};
    const struct {
        const struct rd_offset *offsets;
        size_t count;
    } offsets[] = {{twice, 2}, {wide, 1}, {fine, 1}, {folded, 5}, {shanghai, 0}};
    for (size_t i = 0; i < RD_COUNT(offsets); i++) {
        struct rd_calendar bad = good;
        bad.digest = 7;
        bad.offsets = offsets[i].offsets;
        bad.offset_count = offsets[i].count;
        assert_int_equal(rd_calendar_seal(&bad), -EINVAL);
        assert_int_equal(bad.digest, 7);
    }
    const struct rd_hours hours[] = {
            {.count = 1, .open = {600}, .close = {600}},
            {.count = 1, .open = {600}, .close = {1441}},
            {.count = 2, .open = {600, 700}, .close = {720, 800}},
            {.count = 9},
    };
    for (size_t i = 0; i < RD_COUNT(hours); i++) {
        struct rd_season season = {.month = 1, .day = 1, .week = {hours[i]}};
        struct rd_calendar bad = good;
        bad.seasons = &season;
        assert_int_equal(rd_calendar_seal(&bad), -EINVAL);
        struct rd_special_day special = {.day = 1, .kind = RD_SPECIAL_HOURS, .hours = hours[i]};
        bad = good;
        bad.specials = &special;
        bad.special_count = 1;
        assert_int_equal(rd_calendar_seal(&bad), -EINVAL);
    }
    struct rd_special_day two[] = {{.day = 2, .kind = OFF}, {.day = 2, .kind = WORK}};
    struct rd_calendar bad = good;
    bad.specials = two;
    bad.special_count = 2;
    assert_int_equal(rd_calendar_seal(&bad), -EINVAL);
    struct rd_season disordered[] = {{.month = 5, .day = 1}, {.month = 5, .day = 1}};
    bad = good;
    bad.seasons = disordered;
    bad.season_count = 2;
    assert_int_equal(rd_calendar_seal(&bad), -EINVAL);
    bad.season_count = 0;
    assert_int_equal(rd_calendar_seal(&bad), -EINVAL);
}

static void equal_answers_have_equal_digests(void **state)
{
    (void)state;
    struct rd_calendar a = cn();
    struct rd_calendar b = a;
    b.name = RD_STR("another");
    assert_int_equal(rd_calendar_seal(&b), 0);
    assert_true(a.digest == b.digest);
    b.horizon++;
    assert_int_equal(rd_calendar_seal(&b), 0);
    assert_true(a.digest != b.digest);
    b = a;
    b.special_count--;
    assert_int_equal(rd_calendar_seal(&b), 0);
    assert_true(a.digest != b.digest);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(seasons_last_over_the_turn_of_the_year),
            cmocka_unit_test(working_time_counts_inside_opening_hours),
            cmocka_unit_test(opening_is_half_open),
            cmocka_unit_test(working_days_before_and_after),
            cmocka_unit_test(times_that_do_not_exist_or_exist_twice),
            cmocka_unit_test(clocks_that_turn_about_midnight),
            cmocka_unit_test(a_day_ends_when_the_local_clock_says),
            cmocka_unit_test(the_ends_of_time_are_held),
            cmocka_unit_test(a_broken_calendar_is_not_sealed),
            cmocka_unit_test(equal_answers_have_equal_digests),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
