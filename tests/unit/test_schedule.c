/* Periods that come round, and when what is owed for one is due. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/time/schedule.h"
#include "tests/unit/calendar_fixture.h"

static enum rd_every every_of(const char *name)
{
    enum rd_every every = RD_EVERY_DAY;
    assert_int_equal(rd_every_parse(rd_str_of(name), &every), 0);
    return every;
}

static void periods(void **state)
{
    (void)state;
    static const struct {
        const char *every, *day, *name, *first, *last;
    } cases[] = {
            {"day", "2021-09-08", "2021-09-08", "2021-09-08", "2021-09-08"},
            {"week", "2021-09-08", "2021-W36", "2021-09-06", "2021-09-12"},
            {"week", "2021-01-03", "2020-W53", "2020-12-28", "2021-01-03"},
            {"week", "2024-12-30", "2025-W01", "2024-12-30", "2025-01-05"},
            {"month", "2024-02-29", "2024-02", "2024-02-01", "2024-02-29"},
            {"quarter", "2021-09-08", "2021-Q3", "2021-07-01", "2021-09-30"},
            {"half", "2021-06-30", "2021-H1", "2021-01-01", "2021-06-30"},
            {"half", "2021-07-01", "2021-H2", "2021-07-01", "2021-12-31"},
            {"year", "2021-12-31", "2021", "2021-01-01", "2021-12-31"},
    };
    for (size_t i = 0; i < RD_COUNT(cases); i++) {
        enum rd_every every = every_of(cases[i].every);
        struct rd_period period = rd_every_period(every, day_of(cases[i].day));
        char name[RD_PERIOD_TEXT_MAX];
        rd_every_format(every, period, name);
        assert_string_equal(name, cases[i].name);
        assert_int_equal(period.first, day_of(cases[i].first));
        assert_int_equal(period.last, day_of(cases[i].last));
        assert_true((uint32_t)(period.last - period.first) + 1 >= rd_every_days(every));
        struct rd_period named;
        assert_int_equal(rd_period_parse(rd_str_of(name), &named), 0);
        assert_true(named.first == period.first && named.last == period.last);
    }
    enum rd_every every;
    assert_int_equal(rd_every_parse(RD_STR("decade"), &every), -EINVAL);
}

static void dues(void **state)
{
    (void)state;
    struct rd_calendar calendar = cn();
    static const struct {
        const char *every, *day, *due, *last_day;
    } cases[] = {
            {"quarter", "2021-07-01", "0d", "2021-09-30"},
            {"month", "2021-09-01", "+10d", "2021-10-10"},
            {"month", "2021-09-01", "10d", "2021-10-10"},
            {"month", "2021-09-01", "-2w", "2021-09-16"},
            /* 1 to 7 October are off, Saturday the 9th is made up, Sunday 26 September too */
            {"month", "2021-09-01", "1bd", "2021-10-08"},
            {"month", "2021-09-01", "3bd", "2021-10-11"},
            {"month", "2021-09-01", "-5bd", "2021-09-24"},
            {"month", "2021-10-01", "0bd", "2021-10-29"},
            {"month", "2021-09-01", "0bd", "2021-09-30"},
            {"week", "2021-09-27", "-99d", "2021-09-27"}, /* never before it begins */
            {"year", "2021-01-01", "12-31", "2021-12-31"},
            {"year", "2021-01-01", "02-29", "2021-02-28"},
            {"year", "2024-01-01", "02-29", "2024-02-29"},
    };
    for (size_t i = 0; i < RD_COUNT(cases); i++) {
        struct rd_due due;
        assert_int_equal(rd_due_parse(rd_str_of(cases[i].due), &due), 0);
        struct rd_period period = rd_every_period(every_of(cases[i].every), day_of(cases[i].day));
        rd_day got = rd_due_day(&due, period, &calendar);
        if (got != day_of(cases[i].last_day)) {
            char text[RD_DATE_TEXT_MAX];
            rd_day_format(got, text);
            fail_msg("%s of %s %s: %s, expected %s", cases[i].due, cases[i].every, cases[i].day,
                    text, cases[i].last_day);
        }
    }
    static const char *const wrong[] = {"", "-", "3h", "13-01", "02-30", "+", "--1d", "1", "12-3"};
    for (size_t i = 0; i < RD_COUNT(wrong); i++) {
        struct rd_due due;
        assert_int_equal(rd_due_parse(rd_str_of(wrong[i]), &due), -EINVAL);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(periods), cmocka_unit_test(dues)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
