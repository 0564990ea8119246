/* Points in time as text: redress-protocol(7). Vectors of another language: test_vectors.c. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/time/utime.h"

static const rd_time untouched = 4711;

static const struct {
    const char *text;
    int want;
    rd_time time;
} parses[] = {
        {"1970-01-01T00:00:00Z", 0, 0}, {"2025-09-22T10:00:00+08:00", 0, INT64_C(1758506400000000)},
        {"2025-09-22t02:00:00z", 0, INT64_C(1758506400000000)},
        {"2025-09-22 02:00:00Z", 0, INT64_C(1758506400000000)}, {"1970-01-01T00:00:00-00:00", 0, 0},
        {"1970-01-01T00:00:00.5Z", 0, 500000}, {"1970-01-01T00:00:00.0000019Z", 0, 1},
        {"1969-12-31T23:59:59.9999999Z", 0, -1},
        {"2016-12-31T23:59:60Z", 0, INT64_C(1483228799999999)},
        {"2016-12-31T23:59:60.25Z", 0, INT64_C(1483228799999999)},
        {"0001-01-01T00:00:00Z", 0, RD_TIME_MIN},
        {"9999-12-31T23:59:59.999999999Z", 0, RD_TIME_MAX},
        {"2024-02-29T00:00:00Z", 0, INT64_C(1709164800000000)},
        {"1970-01-02T00:00:00+23:59", 0, RD_MINUTE_US},
        {"2025-09-22T10:00:00+0800", 0, INT64_C(1758506400000000)},
        {"2025-09-22T10:00+08:00", 0, INT64_C(1758506400000000)},
        {"2025-09-22 10:00+0800", 0, INT64_C(1758506400000000)},
        {"2023-01-01T00:00Z", 0, INT64_C(1672531200000000)},

        {"0001-01-01T00:00:00+00:01", -ERANGE, 0}, {"9999-12-31T23:59:59-00:01", -ERANGE, 0},
        {"2023-02-29T00:00:00Z", -ERANGE, 0}, {"2023-13-01T00:00:00Z", -ERANGE, 0},
        {"2023-00-01T00:00:00Z", -ERANGE, 0}, {"0000-01-01T00:00:00Z", -ERANGE, 0},
        {"2023-01-01T24:00:00Z", -ERANGE, 0}, {"2023-01-01T23:60:00Z", -ERANGE, 0},
        {"2023-01-01T23:59:61Z", -ERANGE, 0}, {"2023-01-01T00:00:00+24:00", -ERANGE, 0},
        {"2023-01-01T00:00:00+08:60", -ERANGE, 0},

        {"", -EINVAL, 0}, {"2023-01-01", -EINVAL, 0}, {"2023-01-01T00:00:00", -EINVAL, 0},
        {"2023-01-01T00Z", -EINVAL, 0}, {"2023-01-01T00:00:00.Z", -EINVAL, 0},
        {"2023-01-01T00:00:00,5Z", -EINVAL, 0}, {"2023-01-01T00:00.5Z", -EINVAL, 0},
        {"2023-01-01T00:00:00+08", -EINVAL, 0}, {"2023-01-01T00:00:00Zx", -EINVAL, 0},
        {"2023-01-01T00:00:00Z ", -EINVAL, 0}, {" 2023-01-01T00:00:00Z", -EINVAL, 0},
        {"2023-01-01_00:00:00Z", -EINVAL, 0}, {"20230101T000000Z", -EINVAL, 0},
        {"-023-01-01T00:00:00Z", -EINVAL, 0}, {"2023-1-01T00:00:00Z", -EINVAL, 0},
        {"2023-01-01T00:00: 1Z", -EINVAL, 0}, {"12023-01-01T00:00:00Z", -EINVAL, 0},
        {"2023-02-30x00:00:00Z", -EINVAL, 0}, /* the grammar is looked at first */
};

static void test_parse(void **state)
{
    (void)state;
    for (size_t i = 0; i < RD_COUNT(parses); i++) {
        rd_time got = untouched;
        int r = rd_time_parse(rd_str_of(parses[i].text), &got);
        rd_time want = parses[i].want == 0 ? parses[i].time : untouched;
        if (r != parses[i].want || got != want) {
            fail_msg("\"%s\": got %d, %jd", parses[i].text, r, (intmax_t)got);
        }
    }
    rd_time got = untouched;
    assert_int_equal(rd_time_parse((struct rd_str){0}, &got), -EINVAL);
    assert_int_equal(rd_time_parse(RD_STR("1970-01-01T00:00:00\0Z"), &got), -EINVAL);
}

static const struct {
    rd_time time;
    int32_t offset_s;
    const char *text;
} formats[] = {
        {0, 0, "1970-01-01T00:00:00Z"},
        {-1, 0, "1969-12-31T23:59:59.999999Z"},
        {500000, 0, "1970-01-01T00:00:00.500000Z"},
        {INT64_C(1758506400000000), 28800, "2025-09-22T10:00:00+08:00"},
        {INT64_C(1758506400000000), -12600, "2025-09-21T22:30:00-03:30"},
        {RD_TIME_MIN, 0, "0001-01-01T00:00:00Z"},
        {RD_TIME_MAX, 0, "9999-12-31T23:59:59.999999Z"},
        /* Shanghai before 1901 was 8:05:43 east: RFC 3339 has no seconds there. */
        {0, 29143, "1970-01-01T08:05:00+08:05"},
        {0, 59, "1970-01-01T00:00:00Z"},
        {0, -59, "1970-01-01T00:00:00Z"},
        {0, 86340, "1970-01-01T23:59:00+23:59"},
        {0, 86400, "1970-01-01T00:00:00Z"},
        {RD_TIME_MIN, -60, "0001-01-01T00:00:00Z"},
        {RD_TIME_MAX, 60, "9999-12-31T23:59:59.999999Z"},
        {RD_TIME_MIN - 1, 0, "0000-12-31T23:59:59.999999Z"},
        {RD_TIME_MAX + 1, 0, "10000-01-01T00:00:00Z"},
        {INT64_MAX, 28800, "294247-01-10T04:00:54.775807Z"},
        {RD_TIME_NONE, -28800, "-290308-12-21T19:59:05.224192Z"},
};

static void test_format(void **state)
{
    (void)state;
    for (size_t i = 0; i < RD_COUNT(formats); i++) {
        char text[RD_TIME_TEXT_MAX];
        rd_time_format_at(formats[i].time, formats[i].offset_s, text);
        assert_string_equal(text, formats[i].text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(test_parse),
            cmocka_unit_test(test_format),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
