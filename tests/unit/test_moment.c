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
        /* as spreadsheets write them */
        {DATE_YMD, "2016/6/1", 0, "2016-06-01T17:00:00Z"},
        {DATE_YMD, "2016/6/1 8:30", 0, "2016-06-01T13:30:00Z"},
        {DATE_YMD, "2016-6-1 8:30:05.250", 0, "2016-06-01T13:30:05Z"},
        {DATE_MDY, "2016-06-01", 0, "2016-06-01T17:00:00Z"}, /* a year in front is clear */
        {DATE_DMY, "1/6/2016", 0, "2016-06-01T17:00:00Z"},
        {DATE_MDY, "6/1/16 8:30 PM", 0, "2016-06-02T01:30:00Z"},
        {DATE_MDY, "6/1/2016 12:05 am", 0, "2016-06-01T05:05:00Z"},
        {DATE_YMD, "25/12/2016", 0, "2016-12-25T17:00:00Z"},
        {DATE_YMD, "12/25/2016", 0, "2016-12-25T17:00:00Z"},
        {DATE_YMD, "2016年6月1日", 0, "2016-06-01T17:00:00Z"},
        {DATE_YMD, "2016年6月1日 8时30分", 0, "2016-06-01T13:30:00Z"},
        {DATE_YMD, "2016年6月1日8:30", 0, "2016-06-01T13:30:00Z"},
        {DATE_YMD, "2016年6月1日 下午8:30", 0, "2016-06-02T01:30:00Z"},
        {DATE_YMD, "2016/6/1 上午9:05:00", 0, "2016-06-01T14:05:00Z"},
        {DATE_YMD, "2016年6月1日 星期三 8:30", 0, "2016-06-01T13:30:00Z"},
        {DATE_YMD, "２０１６－０６－０１", 0, "2016-06-01T17:00:00Z"},
        {DATE_YMD, "20160601", 0, "2016-06-01T17:00:00Z"},
        {DATE_YMD, "42522", 0, "2016-06-01T17:00:00Z"},
        {DATE_YMD, "42522.354166666664", 0, "2016-06-01T13:30:00Z"},
        {DATE_YMD, "42521.999999999999", 0, "2016-06-01T05:00:00Z"},
        {DATE_YMD, "1-Jun-16", 0, "2016-06-01T17:00:00Z"},
        {DATE_YMD, "Jun 1, 2016", 0, "2016-06-01T17:00:00Z"},
        {DATE_YMD, "1 June 2016 08:30", 0, "2016-06-01T13:30:00Z"},
        {DATE_YMD, "2016-06-01 ", 0, "2016-06-01T17:00:00Z"},
        {DATE_YMD, "2016-06-01 08:30+8", 0, "2016-06-01T00:30:00Z"},
        {DATE_YMD, "06/01/2016", -EDOM, NULL},
        {DATE_YMD, "1/6/16", -EDOM, NULL},
        {DATE_YMD, "6/6/2016", 0, "2016-06-06T17:00:00Z"},
        {DATE_MDY, "25/12/2016", -ERANGE, NULL},
        {DATE_MDY, "06/01-2016", -EINVAL, NULL},
        {DATE_YMD, "2016-06-01x08:30", -EINVAL, NULL},
        {DATE_YMD, "2016/6", -EINVAL, NULL},
        {DATE_YMD, "1/6", -EINVAL, NULL},
        {DATE_YMD, "12345", -EINVAL, NULL},
        {DATE_YMD, "4 August", -EINVAL, NULL},
        {DATE_YMD, "1 Juni 16 x", -EINVAL, NULL},
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
        {"+8:00", 0, 28800},
        {"+0800", 0, 28800},
        {"+08", 0, 28800},
        {"+8:0", -EINVAL, 0},
        {"+080", -EINVAL, 0},
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

/* Madrid: an hour that is left out on 29 March 2026, one that comes twice on 25 October. */
static void test_zones(void **state)
{
    (void)state;
    static const struct rd_offset madrid[] = {{INT64_MIN, 3600}, {INT64_C(1774746000000000), 7200},
            {INT64_C(1792890000000000), 3600}};
    static const struct moment_rule rule = {.offsets = madrid, .offset_count = 3};
    static const struct {
        const char *local, *time;
    } rows[] = {{"2026-02-05 23:30", "2026-02-05T22:30:00Z"},
            {"2026-07-05 23:30", "2026-07-05T21:30:00Z"},
            {"2026-03-29 01:59:59", "2026-03-29T00:59:59Z"},
            {"2026-03-29 02:30", "2026-03-29T01:30:00Z"},
            {"2026-03-29 03:00", "2026-03-29T01:00:00Z"},
            {"2026-10-25 02:30", "2026-10-25T00:30:00Z"},
            {"2026-10-25 03:00", "2026-10-25T02:00:00Z"},
            {"2026-07-05 23:30+05:00", "2026-07-05T18:30:00Z"}};
    for (size_t i = 0; i < RD_COUNT(rows); i++) {
        rd_time want = 0, got = 0;
        assert_int_equal(rd_time_parse(rd_str_of(rows[i].time), &want), 0);
        assert_int_equal(moment_parse(&rule, rd_str_of(rows[i].local), &got), 0);
        if (got != want) {
            fail_msg("%s: %lld", rows[i].local, (long long)(got - want));
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(test_zones),
            cmocka_unit_test(test_moments),
            cmocka_unit_test(test_offsets),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
