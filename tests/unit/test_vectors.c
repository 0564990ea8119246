/* Times, days, money and limits as Python's datetime and decimal read them: vectors/text.tsv. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/num.h"
#include "common/time/civil.h"
#include "common/time/limit.h"
#include "common/time/utime.h"

enum { OUT_MAX = 64, UNTOUCHED = 4711 };

/* Each writes what our code makes of the input; a failed parse must have left its output alone. */
static void outcome(int r, int64_t value, char *out)
{
    if (r == 0) {
        (void)snprintf(out, OUT_MAX, "%jd", (intmax_t)value);
    } else {
        assert_int_equal(value, UNTOUCHED);
        (void)snprintf(out, OUT_MAX, "%s", r == -EINVAL ? "EINVAL" : "ERANGE");
    }
}

static void of_time(struct rd_str text, char *out)
{
    rd_time time = UNTOUCHED;
    int r = rd_time_parse(text, &time);
    outcome(r, time, out);
}

static void of_format(struct rd_str text, char *out)
{
    size_t space = 0;
    while (text.ptr[space] != ' ') {
        space++;
    }
    int64_t time = 0, offset_s = 0;
    assert_int_equal(rd_i64_parse((struct rd_str){text.ptr, space}, &time), 0);
    struct rd_str rest = {text.ptr + space + 1, text.len - space - 1};
    assert_int_equal(rd_i64_parse(rest, &offset_s), 0);
    rd_time_format_at(time, (int32_t)offset_s, out);
}

static void of_day(struct rd_str text, char *out)
{
    rd_day day = UNTOUCHED;
    int r = rd_day_parse(text, &day);
    outcome(r, day, out);
    if (r == 0) {
        char again[RD_DATE_TEXT_MAX];
        rd_day_format(day, again);
        assert_true(rd_str_is(text, again));
    }
}

static void of_weekday(struct rd_str text, char *out)
{
    int64_t day = 0;
    assert_int_equal(rd_i64_parse(text, &day), 0);
    outcome(0, rd_weekday((rd_day)day), out);
}

static void of_money(struct rd_str text, char *out)
{
    int64_t hundredths = UNTOUCHED;
    int r = rd_money_parse(text, &hundredths);
    outcome(r, hundredths, out);
}

static void of_limit(struct rd_str text, char *out)
{
    static const char *const names[] = {"s", "bd", "d"};
    struct rd_limit limit = {.unit = RD_LIMIT_BUSINESS_DAYS, .count = UNTOUCHED};
    int r = rd_limit_parse(text, &limit);
    outcome(r, limit.count, out);
    if (r == 0) {
        (void)snprintf(out, OUT_MAX, "%u %s", limit.count, names[limit.unit]);
    }
}

static const struct {
    const char *kind;
    void (*outcome)(struct rd_str text, char *out);
    size_t rows_min; /* the file holds at least so many */
} kinds[] = {
        {"time", of_time, 500},
        {"format", of_format, 300},
        {"day", of_day, 500},
        {"weekday", of_weekday, 300},
        {"money", of_money, 80},
        {"limit", of_limit, 70},
};

static void check_line(char *line, int number, size_t rows[static RD_COUNT(kinds)])
{
    line[strcspn(line, "\n")] = '\0';
    char *input = strchr(line, '\t');
    assert_non_null(input);
    *input++ = '\0';
    char *want = strchr(input, '\t');
    assert_non_null(want);
    *want++ = '\0';
    for (size_t i = 0; i < RD_COUNT(kinds); i++) {
        if (strcmp(line, kinds[i].kind) == 0) {
            char got[OUT_MAX];
            kinds[i].outcome(rd_str_of(input), got);
            if (strcmp(got, want) != 0) {
                fail_msg("line %d: %s \"%s\": got %s, want %s", number, line, input, got, want);
            }
            rows[i]++;
            return;
        }
    }
    fail_msg("line %d: unknown kind %s", number, line);
}

static void test_vectors(void **state)
{
    (void)state;
    FILE *file = fopen(VECTORS "/text.tsv", "r");
    assert_non_null(file);
    size_t rows[RD_COUNT(kinds)] = {0};
    char line[256];
    for (int number = 1; fgets(line, sizeof line, file) != NULL; number++) {
        check_line(line, number, rows);
    }
    (void)fclose(file);
    for (size_t i = 0; i < RD_COUNT(kinds); i++) {
        assert_in_range(rows[i], kinds[i].rows_min, 100000);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_vectors)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
