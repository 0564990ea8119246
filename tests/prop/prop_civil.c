/* All 3,652,059 days of the years 1..9999, against one who counts them on his fingers. */
#include <string.h>

#include "common/time/civil.h"
#include "tests/prop.h"

static int month_days(int year, int month)
{
    if (month == 2) {
        return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0 ? 29 : 28;
    }
    return month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
}

static int check_day(rd_day day, unsigned weekday, struct rd_date want)
{
    struct rd_date got = rd_date_of(day);
    if (got.year != want.year || got.month != want.month || got.day != want.day) {
        return __LINE__;
    }
    if (rd_day_of(want) != day || rd_weekday(day) != weekday) {
        return __LINE__;
    }
    return 0;
}

/* The naive count gives 1970-01-01 the number 0 by itself, or the two differ. */
static int all_days(void)
{
    rd_day day = RD_DAY_MIN;
    unsigned weekday = 0; /* 0001-01-01 was a Monday */
    for (int year = 1; year <= 9999; year++) {
        for (int month = 1; month <= 12; month++) {
            int length = month_days(year, month);
            for (int date = 1; date <= length; date++) {
                struct rd_date want = {year, (uint8_t)month, (uint8_t)date};
                int line = check_day(day, weekday, want);
                if (line != 0) {
                    (void)fprintf(stderr, "line %d: %d-%d-%d\n", line, year, month, date);
                    return 1;
                }
                day++;
                weekday = (weekday + 1) % 7;
            }
            if (rd_date_valid(year, month, length + 1) || rd_date_valid(year, month, 0)) {
                (void)fprintf(stderr, "%d-%d has too many days\n", year, month);
                return 1;
            }
        }
    }
    return day == RD_DAY_MAX + 1 ? 0 : 1;
}

static int texts_round_trip(struct prop_gen *gen)
{
    rd_day day = (rd_day)prop_between(gen, RD_DAY_MIN, RD_DAY_MAX), again = RD_DAY_NONE;
    char text[RD_DATE_TEXT_MAX];
    rd_day_format(day, text);
    if (rd_day_parse(rd_str_of(text), &again) != 0 || again != day) {
        return __LINE__;
    }
    return 0;
}

int main(void)
{
    int bad = all_days();
    bad += prop_check("texts round-trip", texts_round_trip);
    return bad == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
