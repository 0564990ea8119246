/* Instants as people write them: the manual's examples, by a clock that stands still. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>

#include "tools/shared/when.h"

static const struct {
    const char *written;
    const char *ahead, *back; /* NULL: refused; back NULL with ahead: the same */
} TABLE[] = {
        {"now", "2025-09-22T02:30:00Z", NULL},
        {"2025-09-22T10:00:00+08:00", "2025-09-22T02:00:00Z", NULL},
        {"2h", "2025-09-22T04:30:00Z", "2025-09-22T00:30:00Z"},
        {"90m", "2025-09-22T04:00:00Z", "2025-09-22T01:00:00Z"},
        {"5d", "2025-09-27T02:30:00Z", "2025-09-17T02:30:00Z"},
        {"2w", "2025-10-06T02:30:00Z", "2025-09-08T02:30:00Z"},
        {"+2h", "2025-09-22T04:30:00Z", NULL},
        {"-2h", "2025-09-22T00:30:00Z", NULL},
        {"2h ago", "2025-09-22T00:30:00Z", NULL},
        {"18:00", "2025-09-22T10:00:00Z", "2025-09-21T10:00:00Z"},
        {"9:00", "2025-09-23T01:00:00Z", "2025-09-22T01:00:00Z"},
        {"10:30", "2025-09-23T02:30:00Z", "2025-09-22T02:30:00Z"}, /* it is that time now */
        {"18:00:30", "2025-09-22T10:00:30Z", "2025-09-21T10:00:30Z"},
        {"today", "2025-09-21T16:00:00Z", NULL},
        {"tomorrow", "2025-09-22T16:00:00Z", NULL},
        {"yesterday", "2025-09-20T16:00:00Z", NULL},
        {"tomorrow 9:00", "2025-09-23T01:00:00Z", NULL},
        {"monday", "2025-09-28T16:00:00Z", "2025-09-14T16:00:00Z"}, /* today is one */
        {"fri 17:00", "2025-09-26T09:00:00Z", "2025-09-19T09:00:00Z"},
        {"Sunday", "2025-09-27T16:00:00Z", "2025-09-20T16:00:00Z"},
        {"2025-10-01", "2025-09-30T16:00:00Z", NULL},
        {"2025-10-01 18:00", "2025-10-01T10:00:00Z", NULL},
        {"2025-10-01T18:00", "2025-10-01T10:00:00Z", NULL},
        {"", NULL, NULL},
        {"soon", NULL, NULL},
        {"mo", NULL, NULL},
        {"7bd", NULL, NULL}, /* only a calendar knows */
        {"2", NULL, NULL},
        {"24:00", NULL, NULL},
        {"10:60", NULL, NULL},
        {"10:3", NULL, NULL},
        {"1:2:3:4", NULL, NULL},
        {"2025-09-31", NULL, NULL},
        {"2025-10-01 ", NULL, NULL},
        {"2025-10-01  18:00", NULL, NULL},
        {"tomorrow soon", NULL, NULL},
        {"+", NULL, NULL},
        {" ago", NULL, NULL},
        {"9999999d", NULL, NULL},
};

static rd_time at(const char *text)
{
    rd_time time;
    assert_int_equal(rd_time_parse(rd_str_of(text), &time), 0);
    return time;
}

static void an_instant_is_read(void **state)
{
    (void)state;
    rd_time now = at("2025-09-22T02:30:00Z"); /* 10:30 of a Monday in TZ */
    for (size_t i = 0; i < RD_COUNT(TABLE); i++) {
        const char *back = TABLE[i].back != NULL ? TABLE[i].back : TABLE[i].ahead;
        rd_time ahead_time = 0, back_time = 0;
        struct rd_str text = rd_str_of(TABLE[i].written);
        int ahead_r = when_parse(text, now, WHEN_AHEAD, &ahead_time);
        int back_r = when_parse(text, now, WHEN_BACK, &back_time);
        if (TABLE[i].ahead == NULL) {
            assert_true(ahead_r < 0 && back_r < 0);
            continue;
        }
        if (ahead_r != 0 || ahead_time != at(TABLE[i].ahead) || back_r != 0 ||
                back_time != at(back)) {
            print_error("row %zu: %s\n", i, TABLE[i].written);
            fail();
        }
    }
}

static void a_slip_finds_its_day(void **state)
{
    static const char *const table[][2] = {{"tomorow", "tomorrow"}, {"tomorow 9:00", "tomorrow"},
            {"yesterdy", "yesterday"}, {"fridya 17:00", "friday"}, {"toady", "today"}, {"2x", NULL},
            {"", NULL}, {"2025-13-41", NULL}};
    (void)state;
    for (size_t i = 0; i < RD_COUNT(table); i++) {
        struct rd_nearest nearest = when_nearest(rd_str_of(table[i][0]));
        bool is_close = rd_nearest_is_close(&nearest);
        if (is_close != (table[i][1] != NULL) ||
                (is_close && !rd_str_is(nearest.best, table[i][1]))) {
            fail_msg("%s: %.*s", table[i][0], RD_FMT(nearest.best));
        }
    }
}

static void a_day_stays_one(void **state)
{
    char date[RD_DATE_TEXT_MAX];
    rd_time now = at("2025-09-22T02:30:00Z");
    (void)state;
    assert_true(when_is_day(RD_STR("tomorrow"), now, WHEN_AHEAD, date));
    assert_string_equal(date, "2025-09-23");
    assert_true(when_is_day(RD_STR("2025-10-01"), now, WHEN_AHEAD, date));
    assert_string_equal(date, "2025-10-01");
    assert_false(when_is_day(RD_STR("18:00"), now, WHEN_AHEAD, date));
    assert_false(when_is_day(RD_STR("tomorrow 9:00"), now, WHEN_AHEAD, date));
    assert_false(when_is_day(RD_STR(""), now, WHEN_AHEAD, date));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(an_instant_is_read),
            cmocka_unit_test(a_slip_finds_its_day),
            cmocka_unit_test(a_day_stays_one),
    };
    (void)setenv("TZ", "Asia/Shanghai", 1);
    tzset();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
