/* Integers, sizes and money from text. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/num.h"

enum { UNTOUCHED = 4711 };

static const struct {
    const char *text;
    int want_u64;
    uint64_t u64;
    int want_i64;
    int64_t i64;
} integers[] = {
        {"0", 0, 0, 0, 0},
        {"00012", 0, 12, 0, 12},
        {"-0", -EINVAL, 0, 0, 0},
        {"-12", -EINVAL, 0, 0, -12},
        {"9223372036854775807", 0, INT64_MAX, 0, INT64_MAX},
        {"9223372036854775808", 0, UINT64_C(1) << 63, -ERANGE, 0},
        {"-9223372036854775808", -EINVAL, 0, 0, INT64_MIN},
        {"-9223372036854775809", -EINVAL, 0, -ERANGE, 0},
        {"18446744073709551615", 0, UINT64_MAX, -ERANGE, 0},
        {"18446744073709551616", -ERANGE, 0, -ERANGE, 0},
        {"184467440737095516150", -ERANGE, 0, -ERANGE, 0},
        {"99999999999999999999999x", -EINVAL, 0, -EINVAL, 0},
        {"", -EINVAL, 0, -EINVAL, 0},
        {"-", -EINVAL, 0, -EINVAL, 0},
        {"--1", -EINVAL, 0, -EINVAL, 0},
        {"+1", -EINVAL, 0, -EINVAL, 0},
        {" 1", -EINVAL, 0, -EINVAL, 0},
        {"1 ", -EINVAL, 0, -EINVAL, 0},
        {"0x1f", -EINVAL, 0, -EINVAL, 0},
        {"1.0", -EINVAL, 0, -EINVAL, 0},
        {"１", -EINVAL, 0, -EINVAL, 0},
};

static void test_integers(void **state)
{
    (void)state;
    for (size_t i = 0; i < RD_COUNT(integers); i++) {
        struct rd_str text = rd_str_of(integers[i].text);
        uint64_t u64 = UNTOUCHED;
        int64_t i64 = UNTOUCHED;
        int ru = rd_u64_parse(text, &u64);
        int ri = rd_i64_parse(text, &i64);
        if (ru != integers[i].want_u64 || ri != integers[i].want_i64) {
            fail_msg("\"%s\": got %d, %d", integers[i].text, ru, ri);
        }
        assert_int_equal(u64, ru == 0 ? integers[i].u64 : UNTOUCHED);
        assert_int_equal(i64, ri == 0 ? integers[i].i64 : UNTOUCHED);
    }
}

static const struct {
    const char *text;
    int want;
    uint64_t bytes;
} sizes[] = {
        {"100", 0, 100},
        {"0", 0, 0},
        {"64KiB", 0, 65536},
        {"64MiB", 0, UINT64_C(64) << 20},
        {"64GiB", 0, UINT64_C(64) << 30},
        {"17179869183GiB", 0, UINT64_C(17179869183) << 30},
        {"17179869184GiB", -ERANGE, 0},
        {"18446744073709551616", -ERANGE, 0},
        {"", -EINVAL, 0},
        {"KiB", -EINVAL, 0},
        {"64kib", -EINVAL, 0},
        {"64KB", -EINVAL, 0},
        {"64 KiB", -EINVAL, 0},
        {"64KiBKiB", -EINVAL, 0},
        {"-1KiB", -EINVAL, 0},
        {"1.5MiB", -EINVAL, 0},
};

static void test_sizes(void **state)
{
    (void)state;
    for (size_t i = 0; i < RD_COUNT(sizes); i++) {
        uint64_t bytes = UNTOUCHED;
        int r = rd_size_parse(rd_str_of(sizes[i].text), &bytes);
        if (r != sizes[i].want || bytes != (r == 0 ? sizes[i].bytes : UNTOUCHED)) {
            fail_msg("\"%s\": got %d, %ju", sizes[i].text, r, (uintmax_t)bytes);
        }
    }
}

static const struct {
    const char *text;
    int want;
    int64_t hundredths;
    const char *again; /* NULL: the same */
} moneys[] = {
        {"29730000.00", 0, 2973000000, NULL},
        {"-5", 0, -500, "-5.00"},
        {"5.5", 0, 550, "5.50"},
        {"0.05", 0, 5, NULL},
        {"-0.05", 0, -5, NULL},
        {"-0", 0, 0, "0.00"},
        {"92233720368547758.07", 0, INT64_MAX, NULL},
        {"-92233720368547758.08", 0, INT64_MIN, NULL},
        {"92233720368547758.08", -ERANGE, 0, NULL},
        {"-92233720368547758.09", -ERANGE, 0, NULL},
        {"184467440737095516.16", -ERANGE, 0, NULL},
        {"99999999999999999999999", -ERANGE, 0, NULL},
        {"", -EINVAL, 0, NULL},
        {"-", -EINVAL, 0, NULL},
        {".", -EINVAL, 0, NULL},
        {"5.", -EINVAL, 0, NULL},
        {".5", -EINVAL, 0, NULL},
        {"5.555", -EINVAL, 0, NULL},
        {"5.5.5", -EINVAL, 0, NULL},
        {"5.-5", -EINVAL, 0, NULL},
        {"1,000", -EINVAL, 0, NULL},
        {"1e3", -EINVAL, 0, NULL},
        {"￥5", -EINVAL, 0, NULL},
};

static void test_money(void **state)
{
    (void)state;
    for (size_t i = 0; i < RD_COUNT(moneys); i++) {
        int64_t got = UNTOUCHED;
        int r = rd_money_parse(rd_str_of(moneys[i].text), &got);
        if (r != moneys[i].want || got != (r == 0 ? moneys[i].hundredths : UNTOUCHED)) {
            fail_msg("\"%s\": got %d, %jd", moneys[i].text, r, (intmax_t)got);
        }
        if (r == 0) {
            char text[RD_MONEY_TEXT_MAX];
            rd_money_format(got, text);
            assert_string_equal(text, moneys[i].again != NULL ? moneys[i].again : moneys[i].text);
        }
    }
}

static void test_money_of_units(void **state)
{
    (void)state;
    int64_t got = UNTOUCHED;
    assert_int_equal(rd_money_of_units(INT64_MAX / 100 + 1, &got), -ERANGE);
    assert_int_equal(rd_money_of_units(INT64_MIN / 100 - 1, &got), -ERANGE);
    assert_int_equal(got, UNTOUCHED);
    assert_int_equal(rd_money_of_units(-20000, &got), 0);
    assert_int_equal(got, -2000000);
}

static void test_decimals(void **state)
{
    (void)state;
    static const struct {
        int64_t value;
        unsigned least;
        const char *text;
    } rows[] = {{0, 1, "0"}, {0, 2, "00"}, {7, 1, "7"}, {7, 2, "07"}, {60, 2, "60"},
            {123, 2, "123"}, {-5, 1, "-5"}, {-5, 3, "-005"}, {INT64_MAX, 1, "9223372036854775807"},
            {INT64_MIN, 1, "-9223372036854775808"}, {1, RD_DIGITS_MAX, "0000000000000000001"}};
    for (size_t i = 0; i < RD_COUNT(rows); i++) {
        char room[RD_DECIMAL_MAX];
        struct rd_str got = rd_decimal(rows[i].value, rows[i].least, room);
        if (!rd_str_is(got, rows[i].text)) {
            fail_msg("%s: got %.*s", rows[i].text, RD_FMT(got));
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(test_integers),
            cmocka_unit_test(test_sizes),
            cmocka_unit_test(test_decimals),
            cmocka_unit_test(test_money),
            cmocka_unit_test(test_money_of_units),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
