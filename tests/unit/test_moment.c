/* Dates of exports: redress-send(1), "Dates". */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tools/send/moment.h"

static const struct {
    enum date_order order;
    const char *text;
    int want;
    const char *time;
} moments[] = {
        {DATE_YMD, "2016-06-01", 0, "2016-06-01T17:00:00Z"},
        {DATE_YMD, "2016/06/01", 0, "2016-06-01T17:00:00Z"},
        {DATE_MDY, "06/01/2016", 0, "2016-06-01T17:00:00Z"},
        {DATE_DMY, "01.06.2016", 0, "2016-06-01T17:00:00Z"},
        {DATE_YMD, "2016-06-01 08:30", 0, "2016-06-01T13:30:00Z"},
        {DATE_YMD, "2016-06-01T23:30:05", 0, "2016-06-02T04:30:05Z"},
        {DATE_MDY, "06/01/2016 08:30+08:00", 0, "2016-06-01T00:30:00Z"},
        {DATE_MDY, "06/01/2016 08:30Z", 0, "2016-06-01T08:30:00Z"},
        {DATE_MDY, "2016-06-01T08:30:00+08:00", 0, "2016-06-01T00:30:00Z"}, /* RFC 3339 */
        {DATE_YMD, "2016-02-30", -ERANGE, NULL},
        {DATE_YMD, "2016-06-01 24:00", -ERANGE, NULL},
        {DATE_YMD, "2016-06-01 08:60", -ERANGE, NULL},
        {DATE_YMD, "9999-12-31 20:00", -ERANGE, NULL},
        {DATE_YMD, "06/01/2016", -EINVAL, NULL},
        {DATE_MDY, "2016-06-01", -EINVAL, NULL},
        {DATE_MDY, "06/01-2016", -EINVAL, NULL},
        {DATE_YMD, "2016-6-1", -EINVAL, NULL},
        {DATE_YMD, "2016-06-01x08:30", -EINVAL, NULL},
        {DATE_YMD, "2016-06-01 ", -EINVAL, NULL},
        {DATE_YMD, "2016-06-01 8:30", -EINVAL, NULL},
        {DATE_YMD, "2016-06-01 08:30+8", -EINVAL, NULL},
        {DATE_YMD, "yesterday!", -EINVAL, NULL},
        {DATE_YMD, "", -EINVAL, NULL},
};

static void test_moments(void **state)
{
    (void)state;
    for (size_t i = 0; i < RD_COUNT(moments); i++) {
        struct moment_rule rule = {
                .order = moments[i].order, .offset_s = -5 * 3600, .time_of_day_s = 12 * 3600};
        rd_time want = 4711, got = 4711;
        if (moments[i].want == 0) {
            assert_int_equal(rd_time_parse(rd_str_of(moments[i].time), &want), 0);
        }
        int r = moment_parse(&rule, rd_str_of(moments[i].text), &got);
        if (r != moments[i].want || got != want) {
            fail_msg("\"%s\": got %d, %lld", moments[i].text, r, (long long)got);
        }
    }
}

static const struct {
    const char *text;
    int want;
    int32_t offset_s;
} offsets[] = {
        {"Z", 0, 0},
        {"+08:00", 0, 28800},
        {"-05:30", 0, -19800},
        {"+24:00", -ERANGE, 0},
        {"08:00", -EINVAL, 0},
        {"+8:00", -EINVAL, 0},
        {"+0800", -EINVAL, 0},
        {"", -EINVAL, 0},
};

static void test_offsets(void **state)
{
    (void)state;
    for (size_t i = 0; i < RD_COUNT(offsets); i++) {
        int32_t got = 4711;
        int r = moment_parse_offset(rd_str_of(offsets[i].text), &got);
        if (r != offsets[i].want || got != (r == 0 ? offsets[i].offset_s : 4711)) {
            fail_msg("\"%s\": got %d, %d", offsets[i].text, r, got);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(test_moments),
            cmocka_unit_test(test_offsets),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
