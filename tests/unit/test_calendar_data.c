/* The holiday data we ship, compiled: the manual's examples must come out of it. */
#include "tests/unit/calendar_build_fixture.h"

static struct rd_str cn_folder = RD_STR(SHIPPED "cn");

static const struct rd_str summer_open[] = {RD_STR("10:00-14:00"), RD_STR("16:00-20:00")};
static const struct rd_str winter_open[] = {RD_STR("10:00-14:00"), RD_STR("15:30-19:30")};
static const struct rd_str short_open[] = {RD_STR("10:00-14:00")};
static const struct config_calendar_hours xinjiang_hours[] = {
        {.from = RD_STR("05-01"), .days = RD_STR("mon-fri"), .open = summer_open, .open_count = 2},
        {.from = RD_STR("10-01"), .days = RD_STR("mon-fri"), .open = winter_open, .open_count = 2},
};
static const struct config_calendar_day xinjiang_days[] = {
        {.date = RD_STR("2025-06-06"),
                .through = RD_STR("2025-06-10"),
                .kind = RD_SPECIAL_CLOSED,
                .name = RD_STR("古尔邦节")},
        {.date = RD_STR("2026-02-14"),
                .kind = RD_SPECIAL_HOURS,
                .open = short_open,
                .open_count = 1,
                .name = RD_STR("除夕前提前下班")},
};

static void the_manuals_day_limits(void **state)
{
    static const struct {
        bool is_xinjiang;
        uint32_t count;
        enum rd_limit_unit unit;
        enum rd_roll roll;
        const char *start, *last;
    } rows[] = {
            {false, 15, RD_LIMIT_CALENDAR_DAYS, RD_ROLL_RESTDAY, "2021-09-18", "2021-10-08"},
            {false, 15, RD_LIMIT_CALENDAR_DAYS, RD_ROLL_RESTDAY, "2025-09-12", "2025-09-28"},
            {false, 15, RD_LIMIT_CALENDAR_DAYS, RD_ROLL_RESTDAY, "2025-04-12", "2025-04-27"},
            {false, 1, RD_LIMIT_BUSINESS_DAYS, RD_ROLL_NONE, "2025-04-25", "2025-04-27"},
            {false, 7, RD_LIMIT_BUSINESS_DAYS, RD_ROLL_NONE, "2025-09-22", "2025-09-30"},
            {false, 7, RD_LIMIT_BUSINESS_DAYS, RD_ROLL_NONE, "2024-09-30", "2024-10-15"},
            {false, 1, RD_LIMIT_BUSINESS_DAYS, RD_ROLL_NONE, "2025-06-05", "2025-06-06"},
            {true, 1, RD_LIMIT_BUSINESS_DAYS, RD_ROLL_NONE, "2025-06-05", "2025-06-11"},
    };
    (void)state;
    struct config_calendar_spec cn = office("Asia/Shanghai", &cn_folder);
    struct config_calendar_spec xinjiang = {
            .name = RD_STR("cn-xj"),
            .hours = xinjiang_hours,
            .hours_count = RD_COUNT(xinjiang_hours),
            .days = xinjiang_days,
            .day_count = RD_COUNT(xinjiang_days),
            .over = &cn,
    };
    struct rd_calendar calendars[] = {compiled(&cn), compiled(&xinjiang)};
    for (size_t i = 0; i < RD_COUNT(rows); i++) {
        struct rd_calendar *calendar = &calendars[rows[i].is_xinjiang];
        struct rd_day_limit limit = {
                .unit = rows[i].unit, .count = rows[i].count, .roll = rows[i].roll};
        rd_time start = rd_calendar_instant(calendar, day_of(rows[i].start), 600);
        struct rd_day_due due = rd_calendar_day_limit(calendar, start, &limit);
        is_day(due.last_day, rows[i].last);
        assert_false(due.provisional);
    }
    is_day(calendars[1].horizon, "2027-01-01");
    assert_true(rd_str_is(calendars[1].zone, "Asia/Shanghai"));
    assert_true(
            rd_str_is(rd_calendar_special(&calendars[1], day_of("2025-06-07"))->name, "古尔邦节"));
    assert_int_equal(rd_calendar_closing(&calendars[1], day_of("2025-09-28")),
            at("2025-09-28T20:00:00+08:00"));
}

static void the_mainlands_years(void **state)
{
    (void)state;
    struct config_calendar_spec spec = office("Asia/Shanghai", &cn_folder);
    struct rd_calendar calendar = compiled(&spec);
    unsigned off = 0, work = 0;
    for (size_t i = 0; i < calendar.special_count; i++) {
        off += calendar.specials[i].kind == RD_SPECIAL_OFF;
        work += calendar.specials[i].kind == RD_SPECIAL_MAKE_UP;
    }
    assert_int_equal(off, 545);
    assert_int_equal(work, 133);
    is_day(calendar.specials[0].day, "2006-12-30"); /* stands in the file of 2007 */
    assert_true(rd_calendar_is_working(&calendar, day_of("2006-12-30")));
    assert_true(rd_calendar_is_working(&calendar, day_of("2020-02-03"))); /* a Monday, "work" */
}

static void british_bank_holidays(void **state)
{
    static const struct {
        const char *file, *day;
        bool is_working;
    } rows[] = {
            {"england-wales.ics", "2025-04-21", false}, /* Easter Monday */
            {"scotland.ics", "2025-04-21", true},
            {"scotland.ics", "2025-01-02", false},
            {"england-wales.ics", "2025-01-02", true},
            {"england-wales.ics", "2025-08-25", false},
            {"scotland.ics", "2025-08-04", false},
            {"northern-ireland.ics", "2025-03-17", false},
            {"england-wales.ics", "2027-12-27", false}, /* Christmas Day, substitute */
            {"england-wales.ics", "2025-12-24", true},
            /* years that GOV.UK's file no longer has */
            {"england-wales.ics", "2020-05-04", true}, /* moved to the 8th, 75 years after */
            {"england-wales.ics", "2020-05-08", false},
            {"scotland.ics", "2021-01-04", false},
            {"england-wales.ics", "2021-12-28", false},
            {"england-wales.ics", "2022-05-30", true}, /* moved to the jubilee */
            {"northern-ireland.ics", "2022-06-03", false},
            {"scotland.ics", "2022-09-19", false},
            {"scotland.ics", "2023-05-08", false},
            {"scotland.ics", "2023-04-10", true},
            {"northern-ireland.ics", "2023-07-12", false},
    };
    (void)state;
    for (size_t i = 0; i < RD_COUNT(rows); i++) {
        struct rd_str path = rd_arena_printf(&test_arena, SHIPPED "%s", rows[i].file);
        struct config_calendar_spec spec = office("Europe/London", &path);
        struct rd_calendar calendar = compiled(&spec);
        is_day(calendar.horizon, "2028-01-01");
        if (rd_calendar_is_working(&calendar, day_of(rows[i].day)) != rows[i].is_working) {
            fail_msg("%s %s", rows[i].file, rows[i].day);
        }
    }
}

static void the_festivals_of_xinjiang(void **state)
{
    static const char *const off[] = {"2021-05-13", "2021-07-22", "2022-05-05", "2022-07-13",
            "2023-04-21", "2023-06-28", "2024-04-10", "2024-06-19", "2025-03-31", "2025-06-06",
            "2025-06-10"};
    static const char *const on[] = {
            "2021-07-23", "2022-07-14", "2023-04-23", "2024-06-20", "2025-06-11"};
    (void)state;
    struct rd_str path = RD_STR(SHIPPED "xinjiang.ics");
    struct config_calendar_spec cn = office("Asia/Shanghai", &cn_folder);
    cn.name = RD_STR("cn");
    struct config_calendar_spec spec = {
            .name = RD_STR("cn-xj"), .holidays = &path, .holiday_count = 1, .over = &cn};
    struct rd_calendar calendar = compiled(&spec);
    for (size_t i = 0; i < RD_COUNT(off); i++) {
        const struct rd_special_day *special = rd_calendar_special(&calendar, day_of(off[i]));
        assert_non_null(special);
        assert_int_equal(special->kind, RD_SPECIAL_OFF);
        assert_true(rd_str_is(rd_calendar_layer(&calendar, special), "cn-xj"));
    }
    for (size_t i = 0; i < RD_COUNT(on); i++) {
        assert_true(rd_calendar_is_working(&calendar, day_of(on[i])));
    }
    const struct rd_special_day *below = rd_calendar_special(&calendar, day_of("2025-09-28"));
    assert_true(rd_str_is(rd_calendar_layer(&calendar, below), "cn"));
    is_day(calendar.horizon, "2026-01-01"); /* the region's notice of 2026 is not entered */
}

static void american_federal_holidays(void **state)
{
    static const char *const off[] = {"2010-01-01", "2010-12-31", "2011-01-17", "2012-01-02",
            "2016-12-26", "2020-07-03", "2021-06-18", "2021-07-05", "2021-11-25", "2021-12-24",
            "2021-12-31", "2022-06-20", "2022-12-26", "2023-01-02", "2023-11-10", "2025-01-20",
            "2025-02-17", "2025-05-26", "2025-06-19", "2025-07-04", "2025-09-01", "2025-10-13",
            "2025-11-11", "2025-11-27", "2025-12-25", "2030-05-27"};
    static const char *const on[] = {"2010-06-18", "2020-06-19", "2020-07-06", "2021-07-06",
            "2025-07-03", "2025-11-28", "2025-12-26", "2026-01-02"};
    (void)state;
    struct rd_str path = RD_STR(SHIPPED "us-federal.ics");
    struct config_calendar_spec spec = office("America/New_York", &path);
    struct rd_calendar calendar = compiled(&spec);
    for (size_t i = 0; i < RD_COUNT(off); i++) {
        if (rd_calendar_is_working(&calendar, day_of(off[i]))) {
            fail_msg("%s is a working day", off[i]);
        }
    }
    for (size_t i = 0; i < RD_COUNT(on); i++) {
        if (!rd_calendar_is_working(&calendar, day_of(on[i]))) {
            fail_msg("%s is no working day", on[i]);
        }
    }
    is_day(calendar.horizon, "2101-01-01"); /* rules without end */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(the_manuals_day_limits),
            cmocka_unit_test(the_mainlands_years),
            cmocka_unit_test(british_bank_holidays),
            cmocka_unit_test(the_festivals_of_xinjiang),
            cmocka_unit_test(american_federal_holidays),
    };
    return cmocka_run_group_tests(tests, fixture_begin, fixture_end);
}
