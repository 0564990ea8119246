/* Rows of what is looked for at units, byte by byte, as test_rows.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "daemon/store/rows/duty_row.h"
#include "daemon/store/rows/roster_row.h"
#include "daemon/store/rows/round_row.h"
#include "daemon/store/rows/tally_row.h"
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
    assert_false(roster_row_next(bench->view, 2, 0, 0, &got));
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
}

static const uint8_t DIGEST[RD_DIGEST_BYTES] = {0xd0, 0xd1, 0xd2, 0xd3, 0xd4, 0xd5, 0xd6, 0xd7,
        0xd8, 0xd9, 0xda, 0xdb, 0xdc, 0xdd, 0xde, 0xdf};
#define D_HEX "d0d1d2d3d4d5d6d7d8d9dadbdcdddedf"

/* The next duty behind a case, 0: none. */
static uint64_t next_duty(struct bench *bench, uint64_t after, struct duty_row *ret_row)
{
    struct row_key from = duty_row_key_after(after);
    struct store_scan scan;
    struct rd_str key, value;
    uint64_t number = 0;
    store_scan_begin(&scan, bench->view, STORE_DUTIES, row_key_str(&from));
    if (store_scan_next(&scan, &key, &value)) {
        number = row_key_read_u64(key, 0);
        *ret_row = duty_row_read(value);
    }
    store_scan_end(&scan);
    return number;
}

static void duties(void **state)
{
    struct bench *bench = *state;
    struct duty_row got, row = {.state = CASE_OPEN,
                                 .unit = 2,
                                 .respondent = 2,
                                 .opened = 1,
                                 .decided = RD_TIME_NONE,
                                 .closed = RD_TIME_NONE,
                                 .is_due_day = true,
                                 .due = 3,
                                 .duty = RD_STR("d"),
                                 .period = RD_STR("p")};
    duty_row_put(bench->view, 7, &row);
    expect(bench, STORE_DUTIES,
            "0000000000000007 > 01 00 01 02 02 02 ffffffffffffffffff01 ffffffffffffffffff01 06 00 "
            "00"
            " 0164 0170");
    row.state = CASE_CLOSED;
    row.decided = row.closed = 5;
    row.is_counted = true;
    row.done = row.total = 300;
    duty_row_put(bench->view, 9, &row);
    assert_int_equal(next_duty(bench, 0, &got), 7);
    assert_true(got.decided == RD_TIME_NONE && got.due == 3 && !got.is_counted);
    assert_int_equal(next_duty(bench, 7, &got), 9);
    assert_true(got.state == CASE_CLOSED && got.decided == 5 && got.closed == 5 &&
                got.total == 300 && got.is_counted && rd_str_is(got.duty, "d") &&
                rd_str_is(got.period, "p"));
    assert_int_equal(next_duty(bench, 9, &got), 0);
}

static void schedules(void **state)
{
    struct bench *bench = *state;
    struct schedule_row got, row = {.armed = 1, .day = 4, .every = RD_EVERY_MONTH};
    schedule_row_put(bench->view, 2, 3, &row);
    expect(bench, STORE_SCHEDULES, "00000002 00000003 > 01 8000000000000001 80000004 02");
    row = (struct schedule_row){.armed = RD_TIME_NONE, .day = -1, .every = RD_EVERY_YEAR};
    schedule_row_put(bench->view, 2, 4, &row);
    assert_true(schedule_row_get(bench->view, 2, 4, &got) && got.armed == RD_TIME_NONE &&
                got.day == -1 && got.every == RD_EVERY_YEAR);
    uint32_t unit = 0, duty = 0;
    assert_true(schedule_row_next(bench->view, true, &unit, &duty) && unit == 2 && duty == 3);
    assert_true(schedule_row_next(bench->view, false, &unit, &duty) && duty == 4);
    assert_false(schedule_row_next(bench->view, false, &unit, &duty));
    schedule_row_del(bench->view, 2, 3);
    assert_false(schedule_row_get(bench->view, 2, 3, &got));
}

static void mended(void **state)
{
    struct bench *bench = *state;
    struct mended_row got, row = {.verified = 1, .duty = 7};
    mended_row_put(bench->view, 2, DIGEST, &row);
    mending_put(bench->view, 3, 9);
    mending_put(bench->view, 3, 8);
    expect(bench, STORE_MENDED,
            "01 00000002 " D_HEX " > 01 8000000000000001 0000000000000007;"
            "02 0000000000000003 0000000000000008 > ;02 0000000000000003 0000000000000009 > ");
    assert_true(mended_row_get(bench->view, 2, DIGEST, &got) && got.verified == 1 && got.duty == 7);
    assert_false(mended_row_get(bench->view, 3, DIGEST, &got));
    assert_int_equal(mending_first(bench->view, 3), 8);
    mending_del(bench->view, 3, 8);
    assert_int_equal(mending_first(bench->view, 3), 9);
    assert_int_equal(mending_first(bench->view, 2), 0);
    assert_int_equal(mending_first(bench->view, 4), 0);
    mended_row_del(bench->view, 2, DIGEST);
    assert_false(mended_row_get(bench->view, 2, DIGEST, &got));
}

static void rounds(void **state)
{
    struct bench *bench = *state;
    struct round_row got, row = {.screened = 5,
                                  .at_risk = 2,
                                  .cleared = 1,
                                  .first = 1,
                                  .newest = 3,
                                  .round = RD_STR("r")};
    round_row_put(bench->view, 2, DIGEST, &row);
    expect(bench, STORE_ROUNDS,
            "00000002 " D_HEX " > 01 05 02 01 8000000000000001 8000000000000003 0172");
    assert_true(round_row_get(bench->view, 2, DIGEST, &got) && got.screened == 5 &&
                got.at_risk == 2 && got.cleared == 1 && got.newest == 3 &&
                rd_str_is(got.round, "r"));
    assert_false(round_row_get(bench->view, 1, DIGEST, &got));
}

static void tallies(void **state)
{
    struct bench *bench = *state;
    uint64_t one[TALLY_COUNT] = {[TALLY_OPENED] = 1}, sums[TALLY_COUNT] = {0};
    uint64_t next[TALLY_COUNT], seq = 9;
    rd_day day = 0;
    tally_row_add(bench->view, 2, 1, one);
    digest_row_put(bench->view, 2, 0, 1, 3);
    expect(bench, STORE_TALLIES,
            "01 00000002 80000001 > 01 01 00 00 00 00 00 00 00 00; "
            "02 00000002 00 80000001 > 0000000000000003");
    tally_row_add(bench->view, 2, 1, one);
    tally_row_add(bench->view, 2, -1, (uint64_t[TALLY_COUNT]){[TALLY_PREEMPTED] = 300});
    tally_row_add(bench->view, 3, 1, one);
    assert_int_equal(tally_rows_sum(bench->view, 2, -1, 1, sums), 2);
    assert_true(sums[TALLY_OPENED] == 2 && sums[TALLY_PREEMPTED] == 300);
    assert_int_equal(tally_rows_sum(bench->view, 2, 2, 9, sums), 0);
    assert_true(tally_row_next(bench->view, 2, 0, &day, next) && day == 1 && next[0] == 2);
    assert_false(tally_row_next(bench->view, 2, 2, &day, next));
    tally_row_del(bench->view, 2, 1);
    assert_false(tally_row_next(bench->view, 2, 0, &day, next));
    digest_row_put(bench->view, 2, 0, -3, 0);
    digest_row_put(bench->view, 2, 1, 7, 4);
    assert_true(digest_row_get(bench->view, 2, 0, -3, &seq) && seq == 0);
    assert_false(digest_row_get(bench->view, 2, 0, 0, &seq));
    assert_true(digest_row_oldest(bench->view, 2, 0, &day) && day == -3);
    assert_true(digest_row_newest(bench->view, 2, 0, &day) && day == 1);
    assert_false(digest_row_newest(bench->view, 2, 2, &day));
    digest_row_del(bench->view, 2, 0, -3);
    assert_true(digest_row_oldest(bench->view, 2, 0, &day) && day == 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test_setup_teardown(rosters, open_bench, close_bench),
            cmocka_unit_test_setup_teardown(watches, open_bench, close_bench),
            cmocka_unit_test_setup_teardown(duties, open_bench, close_bench),
            cmocka_unit_test_setup_teardown(schedules, open_bench, close_bench),
            cmocka_unit_test_setup_teardown(mended, open_bench, close_bench),
            cmocka_unit_test_setup_teardown(rounds, open_bench, close_bench),
            cmocka_unit_test_setup_teardown(tallies, open_bench, close_bench),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
