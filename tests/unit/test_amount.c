/* Numbers of spreadsheets: redress-send(1), "Cells". */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tools/send/amount.h"

static const struct {
    const char *cell, *unit, *want;
    int r;
} sums[] = {
        {"5000", "", "5000.00", 0},
        {"5,000.50", "", "5000.50", 0},
        {"5,000", "", "5000.00", 0},
        {"1,234,567.8", "", "1234567.80", 0},
        {"5.000,50", "", "5000.50", 0},
        {"5 000,5", "", "5000.50", 0},
        {"12,5", "", "12.50", 0},
        {"12,50", "", "12.50", 0},
        {"67.0", "", "67.00", 0},
        {"0.500", "", "0.50", 0},
        {"5000元", "", "5000.00", 0},
        {"¥5,000", "", "5000.00", 0},
        {"￥5000.5元", "", "5000.50", 0},
        {"RMB 5000", "", "5000.00", 0},
        {"$-5", "", "-5.00", 0},
        {"-$5", "", "-5.00", 0},
        {"(5,000.00)", "", "-5000.00", 0},
        {"5000 EUR", "", "5000.00", 0},
        {"3万", "", "30000.00", 0},
        {"1.5万元", "", "15000.00", 0},
        {"1.234万", "", "12340.00", 0},
        {"0.12345万", "", "1234.50", 0},
        {"２，０００．５０", "", "2000.50", 0},
        {"　5000　", "", "5000.00", 0},
        {"5000.10", "", "5000.10", 0},
        {"=\"5000\"", "", "5000.00", 0},
        {"5000.12000", "", "5000.12", 0},
        {"1'000.50", "", "1000.50", 0},
        {"5.000", "", NULL, -EDOM},
        {"12.345", "", NULL, -EDOM},
        {"0.125", "", NULL, -ERANGE},
        {"1.2345", "", NULL, -ERANGE},
        {"1,23,456", "", NULL, -EINVAL},
        {"1.2.3", "", NULL, -EINVAL},
        {"five", "", NULL, -EINVAL},
        {"", "", NULL, -EINVAL},
        {"元", "", NULL, -EINVAL},
        {"-", "", NULL, -EINVAL},
        {"5E+3", "", NULL, -EINVAL},
        {"99999999999999999999", "", NULL, -ERANGE},
        {"5", "万元", "50000.00", 0},
        {"0.35", "万", "3500.00", 0},
        {"1.5万", "万元", "15000.00", 0},
        {"5元", "万元", "5.00", 0},
        {"5.000", "万元", "50000.00", 0},
        {"2", "百万元", "2000000.00", 0},
        {"1,200.5", "千元", "1200500.00", 0},
        {"2百万", "", "2000000.00", 0},
};

static void test_sums(void **state)
{
    (void)state;
    for (size_t i = 0; i < RD_COUNT(sums); i++) {
        char got[RD_MONEY_TEXT_MAX] = "";
        int r = amount_parse(rd_str_of(sums[i].cell), rd_str_of(sums[i].unit), got);
        if (r != sums[i].r || (r == 0 && strcmp(got, sums[i].want) != 0)) {
            fail_msg("\"%s\": got %d \"%s\"", sums[i].cell, r, got);
        }
    }
}

static void test_units_in_names(void **state)
{
    (void)state;
    static const struct {
        const char *name, *want;
    } rows[] = {{"涉及金额（万元）", "万元"}, {"金额(万)", "万"}, {"金额[百万元]", "百万元"},
            {"保费千元", "千元"}, {"万能险金额", ""}, {"金额", ""}, {"金额（元）", ""}, {"", ""}};
    for (size_t i = 0; i < RD_COUNT(rows); i++) {
        struct rd_str got = amount_unit_in(rd_str_of(rows[i].name));
        assert_true(rd_str_is(got, rows[i].want));
        assert_int_equal(amount_is_unit(got), rows[i].want[0] != '\0');
    }
}

static void test_whole_numbers(void **state)
{
    (void)state;
    static const struct {
        const char *cell;
        int r;
        int64_t want;
    } rows[] = {{"67", 0, 67}, {"67.0", 0, 67}, {"67岁", 0, 67}, {"1,204", 0, 1204}, {"-3", 0, -3},
            {"３人", 0, 3}, {"67.5", -ERANGE, 0}, {"x", -EINVAL, 0},
            {"99999999999999999999", -ERANGE, 0}};
    for (size_t i = 0; i < RD_COUNT(rows); i++) {
        int64_t got = 0;
        int r = amount_parse_whole(rd_str_of(rows[i].cell), &got);
        if (r != rows[i].r || got != rows[i].want) {
            fail_msg("\"%s\": got %d, %lld", rows[i].cell, r, (long long)got);
        }
    }
}

static void test_cells(void **state)
{
    (void)state;
    static const struct {
        const char *cell, *want;
        bool has_lost;
    } rows[] = {{" a b ", "a b", false},
            {"\xc2\xa0"
             "a\xe3\x80\x80",
                    "a", false},
            {"=\"00123\"", "00123", false}, {"'00123", "00123", false},
            {"'s-Graven", "'s-Graven", false}, {"=\"a\"b\"", "=\"a\"b\"", false},
            {"=\"\"", "", false}, {"\t\r\n", "", false}, {"1.39E+10", "1.39E+10", true},
            {"1.3912345678e+10", "1.3912345678e+10", true}, {"6E+17", "6E+17", true},
            {"12E5", "12E5", false}, {"E+5", "E+5", false}, {"1.39E+", "1.39E+", false},
            {"1.39E+1x", "1.39E+1x", false}};
    for (size_t i = 0; i < RD_COUNT(rows); i++) {
        struct rd_str got = amount_trim(rd_str_of(rows[i].cell));
        if (!rd_str_is(got, rows[i].want) ||
                amount_has_lost_digits(rd_str_of(rows[i].cell)) != rows[i].has_lost) {
            fail_msg("\"%s\": got \"%.*s\"", rows[i].cell, RD_FMT(got));
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(test_sums),
            cmocka_unit_test(test_units_in_names),
            cmocka_unit_test(test_whole_numbers),
            cmocka_unit_test(test_cells),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
