/* What a configuration says of calendars: layers, hours, days, horizon, and what is refused. */
#include "tests/unit/calendar_build_fixture.h"

#define S(text) RD_STR(text)

static const struct rd_str nine_to_five[] = {S("09:00-17:00")};

/* ---- words ---- */

static void words_of_time(void **state)
{
    static const struct {
        const char *text;
        int result;
        unsigned a, b;
    } intervals[] = {
            {"09:00-12:00", 0, 540, 720},
            {"00:00-24:00", 0, 0, 1440},
            {"22:00-06:00", -ERANGE, 0, 0}, /* crosses midnight */
            {"09:00-09:00", -ERANGE, 0, 0},
            {"09:00-24:01", -EINVAL, 0, 0},
            {"09:60-10:00", -EINVAL, 0, 0},
            {"9:00-12:00", -EINVAL, 0, 0},
            {"09:00–12:00", -EINVAL, 0, 0},
            {"09:00-12:00 ", -EINVAL, 0, 0},
            {"", -EINVAL, 0, 0},
    };
    static const struct {
        const char *text;
        int result;
        unsigned bits;
    } weekdays[] = {
            {"mon-fri", 0, 0x1f},
            {"sat", 0, 0x20},
            {"sat-mon", 0, 0x61},
            {"mon, wed-thu", 0, 0x0d},
            {"mon-sun", 0, 0x7f},
            {"", -EINVAL, 0},
            {"mon,", -EINVAL, 0},
            {"monday", -EINVAL, 0},
            {"Mon", -EINVAL, 0},
            {"mon-tue-wed", -EINVAL, 0},
            {"-", -EINVAL, 0},
    };
    static const struct {
        const char *text;
        int result;
        unsigned month, day;
    } seasons[] = {
            {"05-01", 0, 5, 1},
            {"02-29", 0, 2, 29},
            {"02-30", -ERANGE, 0, 0},
            {"13-01", -ERANGE, 0, 0},
            {"5-1", -EINVAL, 0, 0},
            {"05/01", -EINVAL, 0, 0},
            {"2025-05-01", -EINVAL, 0, 0},
    };
    (void)state;
    for (size_t i = 0; i < RD_COUNT(intervals); i++) {
        uint16_t open = 7, close = 7;
        int r = config_interval_parse(rd_str_of(intervals[i].text), &open, &close);
        assert_int_equal(r, intervals[i].result);
        assert_int_equal(open, r == 0 ? intervals[i].a : 7);
        assert_int_equal(close, r == 0 ? intervals[i].b : 7);
    }
    for (size_t i = 0; i < RD_COUNT(weekdays); i++) {
        uint8_t bits = 0x80;
        int r = config_weekdays_parse(rd_str_of(weekdays[i].text), &bits);
        assert_int_equal(r, weekdays[i].result);
        assert_int_equal(bits, r == 0 ? weekdays[i].bits : 0x80);
    }
    for (size_t i = 0; i < RD_COUNT(seasons); i++) {
        uint8_t month = 99, day = 99;
        int r = config_month_day_parse(rd_str_of(seasons[i].text), &month, &day);
        assert_int_equal(r, seasons[i].result);
        assert_int_equal(month, r == 0 ? seasons[i].month : 99);
        assert_int_equal(day, r == 0 ? seasons[i].day : 99);
    }
}

/* ---- layers ---- */

static void what_is_higher_up_wins(void **state)
{
    (void)state;
    struct rd_str files[2] = {
            file_of("2025.json", "{\"year\": 2025, \"papers\": [], \"days\": ["
                                 "{\"name\": \"a\", \"date\": \"2025-03-03\", \"isOffDay\": true},"
                                 "{\"name\": \"b\", \"date\": \"2025-03-04\", \"isOffDay\": true},"
                                 "{\"name\": \"c\", \"date\": \"2025-03-05\", \"isOffDay\": true},"
                                 "{\"name\": \"d\", \"date\": \"2025-03-08\", \"isOffDay\": false}"
                                 "]}"),
            file_of("later.json",
                    "{\"year\": 2025, \"days\": ["
                    "{\"name\": \"e\", \"date\": \"2025-03-05\", \"isOffDay\": false},"
                    "{\"name\": \"f\", \"date\": \"2025-03-07\", \"isOffDay\": true}"
                    "]}"),
    };
    struct rd_str region = file_of("region.json",
            "{\"year\": 2025, \"days\": ["
            "{\"name\": \"g\", \"date\": \"2025-03-08\", \"isOffDay\": true},"
            "{\"name\": \"h\", \"date\": \"2025-03-10\", \"isOffDay\": true},"
            "{\"name\": \"i\", \"date\": \"2025-03-11\", \"isOffDay\": true}]}");
    static const struct config_calendar_day base_days[] = {
            {.date = S("2025-03-04"), .kind = RD_SPECIAL_MAKE_UP, .name = S("base")},
            {.date = S("2025-03-10"), .kind = RD_SPECIAL_CLOSED, .name = S("base")}};
    static const struct config_calendar_day days[] = {{.date = S("2025-03-11"),
            .kind = RD_SPECIAL_HOURS,
            .open = nine_to_five,
            .open_count = 1,
            .name = S("mine")}};
    struct config_calendar_spec base = office("Asia/Shanghai", files);
    base.holiday_count = 2;
    base.days = base_days;
    base.day_count = RD_COUNT(base_days);
    struct config_calendar_spec over = {.name = S("over"),
            .holidays = &region,
            .holiday_count = 1,
            .days = days,
            .day_count = RD_COUNT(days),
            .over = &base};
    static const struct {
        const char *day;
        enum rd_special kind;
        const char *name;
    } rows[] = {
            {"2025-03-03", RD_SPECIAL_OFF, "a"},
            {"2025-03-04", RD_SPECIAL_MAKE_UP, "base"}, /* days beat the layer's files */
            {"2025-03-05", RD_SPECIAL_MAKE_UP, "e"},    /* a later file beats an earlier */
            {"2025-03-07", RD_SPECIAL_OFF, "f"},
            {"2025-03-08", RD_SPECIAL_OFF, "g"}, /* an overlay's file beats the base's */
            {"2025-03-10", RD_SPECIAL_OFF, "h"}, /* … and the base's days */
            {"2025-03-11", RD_SPECIAL_HOURS, "mine"},
    };
    struct rd_calendar calendar = compiled(&over);
    assert_int_equal(calendar.special_count, RD_COUNT(rows));
    for (size_t i = 0; i < RD_COUNT(rows); i++) {
        is_day(calendar.specials[i].day, rows[i].day);
        assert_int_equal(calendar.specials[i].kind, rows[i].kind);
        assert_true(rd_str_is(calendar.specials[i].name, rows[i].name));
    }
    assert_true(rd_str_is(calendar.name, "over"));
}

static void hours_are_replaced_as_a_whole(void **state)
{
    static const struct config_calendar_hours shorter[] = {
            {.days = S("sat"), .open = nine_to_five, .open_count = 1}};
    static const struct config_calendar_hours seasons[] = {
            {.from = S("10-01"), .days = S("mon"), .open = nine_to_five, .open_count = 1},
            {.from = S("05-01"), .days = S("tue-sun"), .open = nine_to_five, .open_count = 1},
            {.from = S("10-01"), .days = S("tue"), .open = nine_to_five, .open_count = 1}};
    (void)state;
    struct config_calendar_spec base = office("Asia/Shanghai", NULL);
    struct config_calendar_spec over = {.name = S("over"),
            .hours = shorter,
            .hours_count = 1,
            .timezone = S("UTC"),
            .over = &base};
    struct rd_calendar calendar = compiled(&over);
    assert_int_equal(calendar.season_count, 1);
    assert_int_equal(calendar.seasons[0].week[0].count, 0);
    assert_int_equal(calendar.seasons[0].week[5].count, 1);
    assert_int_equal(rd_calendar_offset_s(&calendar, 0), 0);
    over.hours = seasons;
    over.hours_count = RD_COUNT(seasons);
    calendar = compiled(&over);
    assert_int_equal(calendar.season_count, 2);
    assert_int_equal(calendar.seasons[0].month, 5);
    assert_int_equal(calendar.seasons[1].month, 10);
    assert_int_equal(calendar.seasons[1].week[1].count, 1);
    assert_int_equal(calendar.seasons[1].week[2].count, 0);
    assert_true(rd_calendar_is_working(&calendar, day_of("2025-01-06"))); /* a Monday */
    assert_false(rd_calendar_is_working(&calendar, day_of("2025-01-08")));
}

/* ---- horizon ---- */

#define JSON(year)                                                                                 \
    "{\"year\": " year ", \"days\": [{\"name\": \"x\", \"date\": \"" year                          \
    "-01-01\", \"isOffDay\": true}]}"
#define ICS(start, rest)                                                                           \
    "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:1\r\nDTSTART;VALUE=DATE:" start "\r\n" rest            \
    "END:VEVENT\r\nEND:VCALENDAR\r\n"

static void the_horizon_is_the_earliest_year_without_data(void **state)
{
    (void)state;
    struct rd_str json25 = file_of("h2025.json", JSON("2025"));
    struct rd_str json26 = file_of("h2026.json", JSON("2026"));
    struct rd_str json28 = file_of("h2028.json", JSON("2028"));
    struct rd_str stub = file_of("h2027.json", "{\"year\": 2027, \"days\": []}");
    struct rd_str ics26 = file_of("h26.ics", ICS("20260105", ""));
    struct rd_str forever = file_of("forever.ics", ICS("20200501", "RRULE:FREQ=YEARLY\r\n"));
    struct rd_str until =
            file_of("until.ics", ICS("20200501", "RRULE:FREQ=YEARLY;UNTIL=20290501\r\n"));
    struct rd_str count = file_of("count.ics", ICS("20200501", "RRULE:FREQ=YEARLY;COUNT=5\r\n"));
    const struct {
        struct rd_str files[4];
        size_t count;
        const char *horizon;
    } rows[] = {
            {{json25}, 1, "2026-01-01"},
            {{json25, json26}, 2, "2027-01-01"}, /* the JSON files of a layer are one source */
            {{json26, json25, stub}, 3, "2027-01-01"},   /* an empty one says nothing */
            {{json26, json25, json28}, 3, "2027-01-01"}, /* up to the first gap */
            {{ics26}, 1, "2027-01-01"},
            {{forever}, 1, "2101-01-01"},
            {{until}, 1, "2030-01-01"},
            {{count}, 1, "2025-01-01"},
            {{forever, json25}, 2, "2026-01-01"},
            {{count, json25, json26}, 3, "2025-01-01"},
    };
    struct config_calendar_spec spec = office("Asia/Shanghai", NULL);
    is_day(compiled(&spec).horizon, "none");
    for (size_t i = 0; i < RD_COUNT(rows); i++) {
        spec = office("Asia/Shanghai", rows[i].files);
        spec.holiday_count = rows[i].count;
        is_day(compiled(&spec).horizon, rows[i].horizon);
    }
    /* Over layers: the earliest. `days` are no data for a year. */
    static const struct config_calendar_day days[] = {
            {.date = S("2040-03-04"), .kind = RD_SPECIAL_CLOSED}};
    spec = office("Asia/Shanghai", &json25);
    struct config_calendar_spec over = {
            .holidays = &forever, .holiday_count = 1, .days = days, .day_count = 1, .over = &spec};
    is_day(compiled(&over).horizon, "2026-01-01");
    over.over = NULL;
    over.holiday_count = 0;
    over.timezone = S("UTC");
    over.hours = office_hours;
    over.hours_count = 1;
    is_day(compiled(&over).horizon, "none");
}

static void a_folder_is_read_in_the_order_of_its_names(void **state)
{
    (void)state;
    struct rd_str folder = rd_arena_printf(&test_arena, "%s/folder", test_folder);
    assert_int_equal(mkdir(folder.ptr, 0700), 0);
    struct config_calendar_spec spec = office("Asia/Shanghai", &folder);
    says(refused(&spec), "no .json or .ics file in it");
    (void)file_of("folder/2025.json", JSON("2025"));
    (void)file_of("folder/2026.json", JSON("2026"));
    (void)file_of("folder/2026.ics", "not read: it is 2026.json once more");
    (void)file_of("folder/schema.json", "{}");
    (void)file_of("folder/README.md", "nor is this");
    (void)file_of("folder/extra.ics", ICS("20251224", ""));
    struct rd_calendar calendar = compiled(&spec);
    assert_int_equal(calendar.special_count, 3);
    is_day(calendar.horizon, "2026-01-01"); /* extra.ics says nothing of 2026 */
    (void)file_of("folder/z.json", "[]");
    struct config_calendar_fault fault = refused(&spec);
    says(fault, "folder/z.json");
    assert_int_equal(fault.part, CONFIG_CALENDAR_HOLIDAYS);
}

/* ---- what is refused ---- */

static void faults_name_their_place(void **state)
{
    static const struct rd_str crossing[] = {S("22:00-06:00")};
    static const struct rd_str overlapping[] = {S("09:00-12:00"), S("11:00-13:00")};
    static const struct rd_str wrong[] = {S("9-12")};
    static const struct rd_str many[] = {S("01:00-01:30"), S("02:00-02:30"), S("03:00-03:30"),
            S("04:00-04:30"), S("05:00-05:30"), S("06:00-06:30"), S("07:00-07:30"),
            S("08:00-08:30"), S("09:00-09:30")};
    static const struct {
        struct config_calendar_hours row;
        const char *what;
    } hours[] = {
            {{.days = S("mon-fri"), .open = crossing, .open_count = 1}, "do not cross midnight"},
            {{.days = S("mon-fri"), .open = overlapping, .open_count = 2}, "overlaps another"},
            {{.days = S("mon-fri"), .open = wrong, .open_count = 1}, "\"9-12\""},
            {{.days = S("mon-fri"), .open = many, .open_count = 9}, "more than 8"},
            {{.days = S("mon-fri")}, "open: empty"},
            {{.days = S("workdays"), .open = nine_to_five, .open_count = 1}, "\"workdays\""},
            {{.days = S("fri-sat"), .open = nine_to_five, .open_count = 1}, "fri has hours"},
            {{.from = S("5-1"), .days = S("sat"), .open = nine_to_five, .open_count = 1},
                    "\"5-1\""},
    };
    (void)state;
    for (size_t i = 0; i < RD_COUNT(hours); i++) {
        struct config_calendar_hours both[] = {office_hours[0], hours[i].row};
        struct config_calendar_spec spec = office("Asia/Shanghai", NULL);
        spec.hours = both;
        spec.hours_count = 2;
        struct config_calendar_fault fault = refused(&spec);
        says(fault, hours[i].what);
        assert_int_equal(fault.part, CONFIG_CALENDAR_HOURS);
        assert_int_equal(fault.index, 1);
        assert_ptr_equal(fault.spec, &spec);
    }
    static const struct {
        struct config_calendar_day row;
        const char *what;
    } days[] = {
            {{.date = S("2025-02-30"), .kind = RD_SPECIAL_CLOSED}, "\"2025-02-30\""},
            {{.date = S("2025-02-01"), .through = S("x"), .kind = RD_SPECIAL_CLOSED}, "\"x\""},
            {{.date = S("2025-02-02"), .through = S("2025-02-01"), .kind = RD_SPECIAL_CLOSED},
                    "before date"},
            {{.date = S("2025-02-02"), .through = S("2026-03-09"), .kind = RD_SPECIAL_CLOSED},
                    "400 days"},
            {{.date = S("1969-12-31"), .kind = RD_SPECIAL_CLOSED}, "1970..2100"},
            {{.date = S("2101-01-01"), .kind = RD_SPECIAL_CLOSED}, "1970..2100"},
            {{.date = S("2025-01-01"), .kind = RD_SPECIAL_MAKE_UP}, "already"},
            {{.date = S("2025-02-01"), .kind = RD_SPECIAL_HOURS}, "open: empty"},
            {{.date = S("2025-02-01"), .kind = RD_SPECIAL_HOURS, .open = crossing, .open_count = 1},
                    "do not cross midnight"},
    };
    for (size_t i = 0; i < RD_COUNT(days); i++) {
        struct config_calendar_day both[] = {
                {.date = S("2024-12-31"), .through = S("2025-01-02"), .kind = RD_SPECIAL_CLOSED},
                days[i].row};
        struct config_calendar_spec spec = office("Asia/Shanghai", NULL);
        spec.days = both;
        spec.day_count = 2;
        struct config_calendar_fault fault = refused(&spec);
        says(fault, days[i].what);
        assert_int_equal(fault.part, CONFIG_CALENDAR_DAYS);
        assert_int_equal(fault.index, 1);
    }
}

static void a_calendar_needs_a_zone_and_hours(void **state)
{
    (void)state;
    struct config_calendar_spec spec = office("", NULL);
    says(refused(&spec), "no timezone");
    spec = office("UTC", NULL);
    spec.hours_count = 0;
    says(refused(&spec), "no hours");
    spec = office("UTC", NULL);
    spec.over = &spec;
    says(refused(&spec), "in a circle");
    /* All faults in one run, those of the layer below too. */
    struct rd_str missing = S("/nonexistent/holidays");
    struct config_calendar_spec base = office("Nowhere/Land", &missing);
    spec = office("", NULL);
    spec.over = &base;
    spec.hours = &(struct config_calendar_hours){.days = S("x")};
    struct config_calendar_faults faults;
    struct rd_calendar calendar;
    assert_int_equal(config_calendar_compile(&spec, &test_arena, &calendar, &faults), -EINVAL);
    assert_int_equal(faults.count, 3);
    assert_int_equal(faults.at[0].part, CONFIG_CALENDAR_TIMEZONE);
    assert_ptr_equal(faults.at[0].spec, &base);
    assert_int_equal(faults.at[1].part, CONFIG_CALENDAR_HOURS);
    assert_ptr_equal(faults.at[1].spec, &spec);
    assert_int_equal(faults.at[2].part, CONFIG_CALENDAR_HOLIDAYS);
    says(faults.at[2], "/nonexistent/holidays: No such file");
}

static void faults_beyond_the_limit_are_dropped(void **state)
{
    (void)state;
    struct config_calendar_day days[CONFIG_CALENDAR_FAULTS_MAX + 8];
    for (size_t i = 0; i < RD_COUNT(days); i++) {
        days[i] = (struct config_calendar_day){.date = S("x"), .kind = RD_SPECIAL_CLOSED};
    }
    struct config_calendar_spec spec = office("UTC", NULL);
    spec.days = days;
    spec.day_count = RD_COUNT(days);
    struct config_calendar_faults faults;
    struct rd_calendar calendar;
    assert_int_equal(config_calendar_compile(&spec, &test_arena, &calendar, &faults), -EINVAL);
    assert_int_equal(faults.count, CONFIG_CALENDAR_FAULTS_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(words_of_time),
            cmocka_unit_test(what_is_higher_up_wins),
            cmocka_unit_test(hours_are_replaced_as_a_whole),
            cmocka_unit_test(the_horizon_is_the_earliest_year_without_data),
            cmocka_unit_test(a_folder_is_read_in_the_order_of_its_names),
            cmocka_unit_test(faults_name_their_place),
            cmocka_unit_test(a_calendar_needs_a_zone_and_hours),
            cmocka_unit_test(faults_beyond_the_limit_are_dropped),
    };
    return cmocka_run_group_tests(tests, fixture_begin, fixture_end);
}
