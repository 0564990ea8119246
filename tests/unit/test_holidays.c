/* holiday-cn JSON and iCalendar, as files of a calendar: what they mean and what is refused. */
#include "daemon/config/holidays_list.h"
#include "tests/unit/calendar_build_fixture.h"

/* ---- iCalendar ---- */

#define EVENT(lines) "BEGIN:VEVENT\r\nUID:1\r\n" lines "END:VEVENT\r\n"
#define VCALENDAR(events)                                                                          \
    "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//t//t//EN\r\n" events "END:VCALENDAR\r\n"

static struct holidays_list list_of(const char *text, int expected)
{
    struct holidays_list list = {.arena = &test_arena};
    int r = holidays_ics_read(&list, "t.ics", rd_arena_dup(&test_arena, rd_str_of(text)));
    if (r != expected) {
        fail_msg("%d, expected %d: %s", r, expected, list.what);
    }
    return list;
}

static void events_are_days_off(void **state)
{
    static const struct {
        const char *text;
        const char *days[8];
    } rows[] = {
            {EVENT("DTSTART;VALUE=DATE:20250101\r\nSUMMARY:New Year\r\n"), {"2025-01-01"}},
            {EVENT("DTSTART;VALUE=DATE:20250101\r\nDTEND;VALUE=DATE:20250104\r\n"),
                    {"2025-01-01", "2025-01-02", "2025-01-03"}}, /* the end is excluded */
            {EVENT("DTSTART;VALUE=DATE:20250101\r\nDTEND;VALUE=DATE:20250101\r\n"), {"2025-01-01"}},
            {EVENT("DTSTART;VALUE=DATE:20250101\r\nDURATION:P2D\r\n"),
                    {"2025-01-01", "2025-01-02"}},
            {EVENT("DTSTART;VALUE=DATE:20240229\r\nRRULE:FREQ=YEARLY;COUNT=2\r\n"),
                    {"2024-02-29", "2028-02-29"}},
            {EVENT("DTSTART;VALUE=DATE:20250526\r\n"
                   "RRULE:FREQ=YEARLY;BYMONTH=5;BYDAY=-1MO;UNTIL=20270601\r\n"),
                    {"2025-05-26", "2026-05-25", "2027-05-31"}},
            {EVENT("DTSTART;VALUE=DATE:20250101\r\nDTEND;VALUE=DATE:20250103\r\n"
                   "RRULE:FREQ=YEARLY;COUNT=2\r\n"),
                    {"2025-01-01", "2025-01-02", "2026-01-01", "2026-01-02"}},
            {EVENT("DTSTART;VALUE=DATE:20250106\r\nRRULE:FREQ=WEEKLY;COUNT=4\r\n"
                   "EXDATE;VALUE=DATE:20250113,20250127\r\n"),
                    {"2025-01-06", "2025-01-20"}},
            {EVENT("DTSTART;VALUE=DATE:20250106\r\nRRULE:FREQ=WEEKLY;COUNT=2\r\n"
                   "RDATE;VALUE=DATE:20250201\r\n"),
                    {"2025-01-06", "2025-01-13", "2025-02-01"}},
            /* one of the series is moved */
            {EVENT("DTSTART;VALUE=DATE:20250106\r\nRRULE:FREQ=WEEKLY;COUNT=3\r\n") EVENT(
                     "RECURRENCE-ID;VALUE=DATE:20250113\r\nDTSTART;VALUE=DATE:20250115\r\n"),
                    {"2025-01-06", "2025-01-20", "2025-01-15"}},
            {EVENT("DTSTART;VALUE=DATE:20250101\r\nSTATUS:CANCELLED\r\n")
                            EVENT("DTSTART;VALUE=DATE:20250102\r\n"),
                    {"2025-01-02"}},
            {EVENT("DTSTART;VALUE=DATE:19690101\r\nRRULE:FREQ=YEARLY;COUNT=3\r\n"),
                    {"1970-01-01", "1971-01-01"}},
            {EVENT("DTSTART;VALUE=DATE:20250101\r\nTRANSP:TRANSPARENT\r\nLOCATION:\r\n"),
                    {"2025-01-01"}}, /* as GOV.UK writes them; an empty property does no harm */
    };
    (void)state;
    for (size_t i = 0; i < RD_COUNT(rows); i++) {
        struct rd_str text = rd_arena_printf(&test_arena, VCALENDAR("%s"), rows[i].text);
        struct holidays_list list = list_of(text.ptr, 0);
        size_t count = 0;
        while (count < RD_COUNT(rows[i].days) && rows[i].days[count] != NULL) {
            assert_true(count < list.count);
            is_day(list.rows[count].day, rows[i].days[count]);
            assert_int_equal(list.rows[count].kind, RD_SPECIAL_OFF);
            count++;
        }
        assert_int_equal(list.count, count);
    }
}

static void an_event_may_say_what_its_day_is(void **state)
{
    (void)state;
    struct holidays_list list = list_of(
            VCALENDAR(
                    EVENT("DTSTART;VALUE=DATE:20250101\r\nX-REDRESS-DAY:OFF\r\nSUMMARY:a\\, b\r\n")
                            EVENT("DTSTART;VALUE=DATE:20250104\r\nX-REDRESS-DAY:WORK\r\n")
                                    EVENT("DTSTART;VALUE=DATE:20251224\r\n"
                                          "X-REDRESS-DAY:OPEN 09:00-12:00 13:00-14:30\r\n")),
            0);
    assert_int_equal(list.count, 3);
    assert_int_equal(list.rows[0].kind, RD_SPECIAL_OFF);
    assert_true(rd_str_is(list.rows[0].name, "a, b"));
    assert_int_equal(list.rows[1].kind, RD_SPECIAL_MAKE_UP);
    assert_int_equal(list.rows[2].kind, RD_SPECIAL_HOURS);
    assert_int_equal(list.rows[2].hours.count, 2);
    assert_int_equal(list.rows[2].hours.close[1], 870);
}

static void bad_events_are_refused(void **state)
{
    static const struct {
        const char *text, *what;
    } rows[] = {
            {"", "empty"},
            {"hello", "t.ics"},
            {"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n", "no event"},
            {"BEGIN:VEVENT\r\nDTSTART;VALUE=DATE:20250101\r\nEND:VEVENT\r\n", "no calendar"},
            {VCALENDAR(EVENT("SUMMARY:x\r\n")), "DTSTART: missing"},
            {VCALENDAR(EVENT("SUMMARY:Party\r\nDTSTART:20250101T090000Z\r\n")),
                    "event \"Party\" (2025-01-01): a time of day"},
            {VCALENDAR(EVENT("DTSTART;VALUE=DATE:20250102\r\nDTEND;VALUE=DATE:20250101\r\n")),
                    "before DTSTART"},
            {VCALENDAR(EVENT("DTSTART;VALUE=DATE:20250102\r\nDTEND:20250103T000000Z\r\n")),
                    "DTEND"},
            {VCALENDAR(EVENT("DTSTART;VALUE=DATE:20250102\r\nDTEND;VALUE=DATE:20260202\r\n")),
                    "longer than 366 days"},
            {VCALENDAR(EVENT("DTSTART;VALUE=DATE:20250102\r\nDURATION:PT8H\r\n")), "DURATION"},
            {VCALENDAR(EVENT("DTSTART;VALUE=DATE:20250102\r\nDURATION:-P1D\r\n")), "DURATION"},
            {VCALENDAR(EVENT("DTSTART;VALUE=DATE:20250102\r\nRRULE:FREQ=HOURLY\r\n")), "not DAILY"},
            {VCALENDAR(EVENT("DTSTART;VALUE=DATE:20250102\r\nRRULE:FREQ=SOMETIMES\r\n")), "RRULE"},
            {VCALENDAR(EVENT("DTSTART;VALUE=DATE:20250102\r\nX-REDRESS-DAY:HALF\r\n")),
                    "X-REDRESS-DAY"},
            {VCALENDAR(EVENT("DTSTART;VALUE=DATE:20250102\r\nX-REDRESS-DAY:OPEN 14:00-09:00\r\n")),
                    "X-REDRESS-DAY"},
            {VCALENDAR(EVENT("DTSTART;VALUE=DATE:19700101\r\nDTEND;VALUE=DATE:19700201\r\n"
                             "RRULE:FREQ=DAILY\r\n")),
                    "more days than"},
    };
    (void)state;
    for (size_t i = 0; i < RD_COUNT(rows); i++) {
        struct holidays_list list = list_of(rows[i].text, -EINVAL);
        if (strstr(list.what, rows[i].what) == NULL || strstr(list.what, "t.ics") == NULL) {
            fail_msg("row %zu: \"%s\" does not say \"%s\"", i, list.what, rows[i].what);
        }
    }
}

/* ---- holiday-cn ---- */

static void bad_json_is_refused_at_its_place(void **state)
{
    static const struct {
        const char *text, *what;
    } rows[] = {
            {"", "empty"},
            {"{", "t.json:2:1: "},
            {"[]", "t.json:1:1: year"},
            {"{\"days\": []}", "year"},
            {"{\"year\": 1812, \"days\": []}", "year"},
            {"{\"year\": 2025}", "days: missing"},
            {"{\"year\": 2025, \"days\": {}}", "days: missing"},
            {"{\"year\": 2025, \"days\": [3]}", "t.json:1:25: date"},
            {"{\"year\": 2025, \"days\": [\n  {\"date\": \"2025-13-01\", \"isOffDay\": true}]}",
                    "t.json:2:12: date"},
            {"{\"year\": 2025, \"days\": [{\"date\": \"2052-01-01\", \"isOffDay\": true}]}",
                    "nor of one beside it"},
            {"{\"year\": 2025, \"days\": [{\"date\": \"2025-01-01\", \"isOffDay\": 1}]}",
                    "isOffDay"},
            {"{\"year\": 2025, \"days\": [{\"date\": \"2025-01-01\"}]}", "isOffDay"},
            {"{\"year\": 2025, \"days\": [{\"date\": \"2025-01-01\", \"isOffDay\": true},"
             "{\"date\": \"2025-01-01\", \"isOffDay\": false}]}",
                    "both off and a working day"},
    };
    (void)state;
    for (size_t i = 0; i < RD_COUNT(rows); i++) {
        struct holidays_list list = {.arena = &test_arena};
        assert_int_equal(holidays_json_read(&list, "t.json", rd_str_of(rows[i].text)), -EINVAL);
        if (strstr(list.what, rows[i].what) == NULL) {
            fail_msg("row %zu: \"%s\" does not say \"%s\"", i, list.what, rows[i].what);
        }
    }
}

static void a_date_may_stand_in_the_next_years_file(void **state)
{
    (void)state;
    struct holidays_list list = {.arena = &test_arena};
    const char *text = "{\"$schema\": \"x\", \"year\": 2007, \"papers\": [\"p\"], \"days\": [\r\n"
                       "\t\t{\"name\": \"\\u5143\\u65e6\", \"date\": \"2006-12-30\", "
                       "\"isOffDay\": false, \"more\": null}\r\n]}";
    assert_int_equal(holidays_json_read(&list, "t.json", rd_str_of(text)), 0);
    assert_int_equal(list.count, 1);
    is_day(list.rows[0].day, "2006-12-30");
    assert_int_equal(list.rows[0].kind, RD_SPECIAL_MAKE_UP);
    assert_true(rd_str_is(list.rows[0].name, "元旦"));
    assert_true(list.json_years[2007 - HOLIDAYS_YEAR_FIRST]);
    assert_false(list.json_years[2006 - HOLIDAYS_YEAR_FIRST]);
}

/* ---- files ---- */

static void files_are_bounded_and_of_a_known_kind(void **state)
{
    (void)state;
    char *wide = malloc(HOLIDAYS_FILE_BYTES_MAX + 1);
    assert_non_null(wide);
    memset(wide, ' ', HOLIDAYS_FILE_BYTES_MAX + 1);
    struct rd_str large = file_with(
            "large.json", (struct rd_str){.ptr = wide, .len = HOLIDAYS_FILE_BYTES_MAX + 1});
    free(wide);
    const struct {
        struct rd_str path;
        const char *what;
    } rows[] = {
            {large, "more than 1048576 bytes"},
            {RD_STR("/nonexistent.ics"), "No such file"},
            {file_of("list.txt", "2025-01-01"), "Not a directory"},
            {RD_STR("/dev/null.json"), "No such file"},
            {RD_STR(""), "not a path"},
            {file_with("nul.ics", RD_STR("BEGIN:VCALENDAR\0\r\n")), "a NUL in it"},
    };
    for (size_t i = 0; i < RD_COUNT(rows); i++) {
        struct holidays_list list = {.arena = &test_arena};
        assert_int_equal(holidays_path_read(&list, rows[i].path), -EINVAL);
        if (strstr(list.what, rows[i].what) == NULL) {
            fail_msg("row %zu: \"%s\" does not say \"%s\"", i, list.what, rows[i].what);
        }
        assert_int_equal(list.count, 0);
    }
}

static void long_names_are_cut_at_a_character(void **state)
{
    (void)state;
    struct holidays_list list = {.arena = &test_arena};
    char name[200] = "x";
    for (size_t i = 1; i + 3 < sizeof name; i += 3) {
        memcpy(name + i, "节", 4);
    }
    struct rd_special_day row = {.kind = RD_SPECIAL_OFF, .name = rd_str_of(name)};
    assert_int_equal(holidays_add(&list, &row), 0);
    assert_int_equal(list.rows[0].name.len, 127); /* 1 + 42 × 3 */
    row.day = day_of("2101-01-01");
    assert_int_equal(holidays_add(&list, &row), -ERANGE);
    assert_int_equal(list.count, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(events_are_days_off),
            cmocka_unit_test(an_event_may_say_what_its_day_is),
            cmocka_unit_test(bad_events_are_refused),
            cmocka_unit_test(bad_json_is_refused_at_its_place),
            cmocka_unit_test(a_date_may_stand_in_the_next_years_file),
            cmocka_unit_test(files_are_bounded_and_of_a_known_kind),
            cmocka_unit_test(long_names_are_cut_at_a_character),
    };
    return cmocka_run_group_tests(tests, fixture_begin, fixture_end);
}
