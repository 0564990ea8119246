/* The rows of table `figures`, byte by byte. */
#include "daemon/store/rows/counted_row.h"
#include "daemon/store/rows/counter_row.h"
#include "tests/unit/rows_fixture.h"

static void counters(void **state)
{
    struct bench *bench = *state;
    struct counter_key key = {.grain = COUNTER_DAYS, .dim = RD_DIM_ALL, .period = 2, .unit = 3};
    const struct counter_cell two = {.counter = RD_COUNTER_COMPLAINTS, .sum = 2};
    const struct counter_cell less[] = {{.counter = RD_COUNTER_CONTACTS, .sub = 1, .sum = 1},
            {.counter = RD_COUNTER_COMPLAINTS, .sum = -2}};
    counter_row_add(bench->view, &key, &two, 1);
    expect(bench, STORE_FIGURES, "01010080000002000000030000000000000000 > 01080004");
    counter_row_add(bench->view, &key, less, 2);
    expect(bench, STORE_FIGURES, "01010080000002000000030000000000000000 > 01010102");
    struct counter_scan scan;
    struct counter_cell got;
    counter_scan_begin(&scan, bench->view, COUNTER_DAYS, RD_DIM_ALL, -1, 2);
    assert_true(counter_scan_next(&scan, &got));
    assert_true(scan.key.period == 2 && scan.key.unit == 3 && scan.key.value == 0);
    assert_true(got.counter == RD_COUNTER_CONTACTS && got.sub == 1 && got.sum == 1);
    assert_false(counter_scan_next(&scan, &got));
    counter_scan_begin(&scan, bench->view, COUNTER_DAYS, RD_DIM_ALL, 3, 9);
    assert_false(counter_scan_next(&scan, &got));
    const struct counter_cell none = {.counter = RD_COUNTER_CONTACTS, .sub = 1, .sum = -1};
    counter_row_add(bench->view, &key, &none, 1);
    assert_int_equal(counted_row_after(bench->view, 0), 0);
}

static void counted(void **state)
{
    struct bench *bench = *state;
    struct counted_row *got, *row = counted_row_new(&bench->arena);
    struct counted things[] = {{.counter = RD_COUNTER_COMPLAINTS, .day = 2, .sum = 1},
            {.counter = RD_COUNTER_SANCTIONED,
                    .day = 3,
                    .sum = 1,
                    .extra = RD_DIM_PERSON,
                    .extra_value = 9}};
    row->unit = 3;
    row->values[RD_DIM_PRODUCT] = 4;
    row->flags = COUNTED_IS_VALID;
    row->facts[row->fact_count++] = (struct fact){.what = FACT_SANCTIONED, .time = 1, .sub = 9};
    row->counted = things;
    row->counted_count = 2;
    counted_row_put(bench->view, 7, row);
    expect(bench, STORE_FIGURES,
            "000000000000000007 > 0103040000000000000000040108020000090208000402002400060"
            "20909");
    assert_true(counted_row_get(bench->view, 7, &bench->arena, &got));
    assert_true(got->unit == 3 && got->values[RD_DIM_PRODUCT] == 4 && got->fact_count == 1 &&
                got->facts[0].sub == 9 && got->counted_count == 2 &&
                got->counted[1].extra_value == 9);
    assert_int_equal(counted_row_after(bench->view, 6), 7);
    assert_int_equal(counted_row_after(bench->view, 7), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test_setup_teardown(counters, open_bench, close_bench),
            cmocka_unit_test_setup_teardown(counted, open_bench, close_bench),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
