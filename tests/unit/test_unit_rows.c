/* Rows of what is looked for at units, byte by byte, as test_rows.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "daemon/store/rows/roster_row.h"
#include "daemon/store/rows/watch_row.h"
#include "tests/unit/rows_fixture.h"

static void rosters(void **state)
{
    struct bench *bench = *state;
    struct roster_row got,
            row = {.roster = 3, .unit = 2, .from = 1, .until = 2, .seq = 4, .by = RD_STR("w")};
    roster_row_put(bench->view, &row);
    expect(bench, STORE_ROSTERS,
            "00000003 8000000000000002 0000000000000004 > 01 00000002 8000000000000001 0177");
    row = (struct roster_row){.roster = 3, .unit = 5, .from = 0, .until = 9, .seq = 6};
    roster_row_put(bench->view, &row);
    assert_true(roster_row_at(bench->view, 3, 1, &got) && got.unit == 5 && got.seq == 6);
    assert_true(roster_row_at(bench->view, 3, 8, &got) && got.until == 9);
    assert_false(roster_row_at(bench->view, 3, 9, &got));
    assert_false(roster_row_at(bench->view, 3, -1, &got));
    assert_false(roster_row_at(bench->view, 2, 1, &got));
    assert_true(roster_row_next(bench->view, 3, 0, 0, &got) && rd_str_is(got.by, "w"));
    assert_true(roster_row_next(bench->view, 3, got.until, got.seq, &got) && got.unit == 5);
    assert_false(roster_row_next(bench->view, 3, got.until, got.seq, &got));
}

static void watches(void **state)
{
    struct bench *bench = *state;
    struct watch_row got, row = {.armed = 1, .day = 3, .done = 2};
    watch_row_put(bench->view, 2, 1, &row);
    expect(bench, STORE_WATCHES, "00000002 0001 > 01 8000000000000001 80000003 80000002");
    row = (struct watch_row){
            .armed = RD_TIME_NONE, .day = RD_DAY_NONE, .done = -1, .rest = RD_STR("x")};
    watch_row_put(bench->view, 2, 256, &row);
    assert_true(watch_row_get(bench->view, 2, 256, &got) && got.armed == RD_TIME_NONE &&
                got.day == RD_DAY_NONE && got.done == -1 && rd_str_is(got.rest, "x"));
    uint32_t unit = 0;
    uint16_t slot = 0;
    assert_true(watch_row_next(bench->view, true, &unit, &slot) && unit == 2 && slot == 1);
    assert_true(watch_row_next(bench->view, false, &unit, &slot) && unit == 2 && slot == 256);
    assert_false(watch_row_next(bench->view, false, &unit, &slot));
    watch_row_del(bench->view, 2, 1);
    assert_false(watch_row_get(bench->view, 2, 1, &got));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test_setup_teardown(rosters, open_bench, close_bench),
            cmocka_unit_test_setup_teardown(watches, open_bench, close_bench),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
