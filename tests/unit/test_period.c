#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "common/time/period.h"

static const struct {
    const char *text, *first, *last, *before, *year_before; /* first NULL: refused */
} CASES[] = {
        {"2021", "2021-01-01", "2021-12-31", "2020", "2020"},
        {"2021-H1", "2021-01-01", "2021-06-30", "2020-H2", "2020-H1"},
        {"2021-H2", "2021-07-01", "2021-12-31", "2021-H1", "2020-H2"},
        {"2021-Q1", "2021-01-01", "2021-03-31", "2020-Q4", "2020-Q1"},
        {"2021-Q3", "2021-07-01", "2021-09-30", "2021-Q2", "2020-Q3"},
        {"2021-01", "2021-01-01", "2021-01-31", "2020-12", "2020-01"},
        {"2024-02", "2024-02-01", "2024-02-29", "2024-01", "2023-02"},
        {"2024-02-29", "2024-02-29", "2024-02-29", "2024-02-28", "2023-02-28"},
        {"2021-W36", "2021-09-06", "2021-09-12", "2021-08-30..2021-09-05",
                "2020-09-06..2020-09-12"},
        {"2020-W53", "2020-12-28", "2021-01-03", "2020-12-21..2020-12-27",
                "2019-12-28..2020-01-03"},
        {"2021-W53", NULL, NULL, NULL, NULL},
        {"2021-H3", NULL, NULL, NULL, NULL},
        {"2021-Q0", NULL, NULL, NULL, NULL},
        {"2021-13", NULL, NULL, NULL, NULL},
        {"2021-1", NULL, NULL, NULL, NULL},
        {"2021-02-29", NULL, NULL, NULL, NULL},
        {"21", NULL, NULL, NULL, NULL},
        {"", NULL, NULL, NULL, NULL},
        {"2021-", NULL, NULL, NULL, NULL},
        {"0000", NULL, NULL, NULL, NULL},
        {"9999", NULL, NULL, NULL, NULL},
};

static void is_day(const char *text, const char *what, rd_day day, const char *expected)
{
    char got[RD_DATE_TEXT_MAX];
    rd_day_format(day, got);
    if (!rd_str_is(rd_str_of(got), expected)) {
        fail_msg("%s: %s is %s, expected %s", text, what, got, expected);
    }
}

static void is_period(
        const char *text, const char *what, struct rd_period period, const char *expected)
{
    char got[RD_PERIOD_TEXT_MAX];
    rd_period_format(period, got);
    if (!rd_str_is(rd_str_of(got), expected)) {
        fail_msg("%s: %s is %s, expected %s", text, what, got, expected);
    }
}

static void periods(void **state)
{
    (void)state;
    for (size_t i = 0; i < RD_COUNT(CASES); i++) {
        const char *text = CASES[i].text;
        struct rd_period period = {0};
        int r = rd_period_parse(rd_str_of(text), &period);
        if ((r == 0) != (CASES[i].first != NULL)) {
            fail_msg("%s: %d", text, r);
        }
        if (r == 0) {
            is_day(text, "the first day", period.first, CASES[i].first);
            is_day(text, "the last day", period.last, CASES[i].last);
            is_period(text, "the span before", rd_period_before(period), CASES[i].before);
            is_period(text, "the year before", rd_period_year_before(period), CASES[i].year_before);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(periods)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
