/* Day numbers of the proleptic Gregorian calendar. All days of all years: prop_civil.c. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/time/civil.h"

static const struct {
    rd_day day;
    const char *text;
    unsigned weekday;
} days[] = {
        {0, "1970-01-01", 3},
        {-1, "1969-12-31", 2},
        {11016, "2000-02-29", 1},
        {20353, "2025-09-22", 0},
        {20359, "2025-09-28", 6},
        {RD_DAY_MIN, "0001-01-01", 0},
        {RD_DAY_MAX, "9999-12-31", 4},
};

static void test_days(void **state)
{
    (void)state;
    for (size_t i = 0; i < RD_COUNT(days); i++) {
        rd_day day = RD_DAY_NONE;
        assert_int_equal(rd_day_parse(rd_str_of(days[i].text), &day), 0);
        assert_int_equal(day, days[i].day);
        char text[RD_DATE_TEXT_MAX];
        rd_day_format(day, text);
        assert_string_equal(text, days[i].text);
        assert_int_equal(rd_weekday(day), days[i].weekday);
    }
}

static const struct {
    const char *text;
    int want;
} bad[] = {
        {"2025-02-29", -ERANGE},
        {"1900-02-29", -ERANGE},
        {"2025-04-31", -ERANGE},
        {"2025-00-10", -ERANGE},
        {"2025-13-10", -ERANGE},
        {"2025-01-00", -ERANGE},
        {"0000-01-01", -ERANGE},
        {"", -EINVAL},
        {"2025-1-01", -EINVAL},
        {"2025-01-1", -EINVAL},
        {"2025/01/01", -EINVAL},
        {"20250101", -EINVAL},
        {"2025-01-01 ", -EINVAL},
        {"-025-01-01", -EINVAL},
        {"2025-01-1x", -EINVAL},
        {"10000-01-01", -EINVAL},
        {"2025-+1-01", -EINVAL},
};

static void test_bad_days_touch_nothing(void **state)
{
    (void)state;
    for (size_t i = 0; i < RD_COUNT(bad); i++) {
        rd_day day = 4711;
        int r = rd_day_parse(rd_str_of(bad[i].text), &day);
        if (r != bad[i].want || day != 4711) {
            fail_msg("\"%s\": got %d, %d", bad[i].text, r, day);
        }
    }
}

static void test_any_day_number_is_defined(void **state)
{
    (void)state;
    char text[RD_DATE_TEXT_MAX];
    rd_day_format(INT32_MIN, text);
    assert_string_equal(text, "-5877641-06-23");
    rd_day_format(INT32_MAX, text);
    assert_string_equal(text, "5881580-07-11");
    assert_in_range(rd_weekday(INT32_MIN), 0, 6);
    assert_int_equal((rd_weekday(INT32_MIN) + 1) % 7, rd_weekday(INT32_MIN + 1));
}

static const struct {
    int64_t year, month, day;
    bool is_valid;
} dates[] = {
        {2024, 2, 29, true},
        {2000, 2, 29, true},
        {2100, 2, 29, false},
        {1, 1, 1, true},
        {0, 12, 31, false},
        {9999, 12, 31, true},
        {10000, 1, 1, false},
        {-4, 2, 29, false},
        {2024, 13, 1, false},
        {2024, INT64_C(1) << 40, 1, false},
        {2024, 1, INT64_MIN, false},
        {INT64_MAX, 1, 1, false},
};

static void test_valid(void **state)
{
    (void)state;
    for (size_t i = 0; i < RD_COUNT(dates); i++) {
        assert_int_equal(
                rd_date_valid(dates[i].year, dates[i].month, dates[i].day), dates[i].is_valid);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(test_days),
            cmocka_unit_test(test_bad_days_touch_nothing),
            cmocka_unit_test(test_any_day_number_is_defined),
            cmocka_unit_test(test_valid),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
