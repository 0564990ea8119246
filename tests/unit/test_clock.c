/* redress-events(7), "Time": two scales, steps held or believed, time from events. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "daemon/clock.h"

#define DAY   RD_DAY_US
#define HOUR  RD_HOUR_US
#define S     RD_SECOND_US
#define START (INT64_C(1750000000) * S)

static const struct clock_options real = {.mode = CLOCK_REAL, .max_step_us = HOUR};

static struct clock_reading at(rd_time real_us, rd_time boot_us)
{
    return (struct clock_reading){.real = real_us, .boot = boot_us};
}

static void test_the_first_start_takes_real_time(void **state)
{
    (void)state;
    struct clock clock;
    assert_int_equal(
            clock_init(&clock, &real, RD_TIME_NONE, RD_TIME_NONE, at(START, 7 * S)), CLOCK_STEADY);
    assert_true(clock.wall == START && clock.steady == START);
    assert_int_equal(clock_step(&clock, at(START + 5 * S, 12 * S)), CLOCK_STEADY);
    assert_true(clock.wall == START + 5 * S && clock.steady == START + 5 * S);
}

/* Where a row says nothing else, steady went on by what boot did. */
static void test_steps_while_running(void **state)
{
    (void)state;
    static const struct {
        rd_time real, boot; /* since START and 0 */
        enum clock_news news;
        rd_time wall, steady;
    } rows[] = {
            {10 * S, 10 * S, CLOCK_STEADY, 10 * S, 10 * S},
            /* set back by 6 s: wall stands still until real has passed it */
            {5 * S, 11 * S, CLOCK_SET_BACK, 10 * S, 11 * S},
            {9 * S, 15 * S, CLOCK_STEADY, 10 * S, 15 * S},
            {11 * S, 17 * S, CLOCK_CAUGHT_UP, 11 * S, 17 * S},
            /* forward by less than max_step: believed */
            {HOUR, 18 * S, CLOCK_STEADY, HOUR, 18 * S},
            /* forward by more: held, wall goes on by steady */
            {3 * HOUR, 19 * S, CLOCK_HELD, HOUR + S, 19 * S},
            {3 * HOUR + S, 20 * S, CLOCK_STEADY, HOUR + 2 * S, 20 * S},
            /* it comes back by itself */
            {HOUR + 4 * S, 22 * S, CLOCK_BACK, HOUR + 4 * S, 22 * S},
            {HOUR + 5 * S, 23 * S, CLOCK_STEADY, HOUR + 5 * S, 23 * S},
            /* a suspension of two hours counts on both scales: it is no step */
            {3 * HOUR + 5 * S, 2 * HOUR + 23 * S, CLOCK_STEADY, 3 * HOUR + 5 * S,
                    2 * HOUR + 23 * S},
            /* boot going back is not believed */
            {3 * HOUR + 6 * S, HOUR, CLOCK_STEADY, 3 * HOUR + 6 * S, 2 * HOUR + 23 * S},
    };
    struct clock clock;
    (void)clock_init(&clock, &real, RD_TIME_NONE, RD_TIME_NONE, at(START, 0));
    for (size_t i = 0; i < RD_COUNT(rows); i++) {
        enum clock_news news = clock_step(&clock, at(START + rows[i].real, rows[i].boot));
        if (news != rows[i].news || clock.wall != START + rows[i].wall ||
                clock.steady != START + rows[i].steady) {
            fail_msg("row %zu: news %d wall %lld steady %lld", i, (int)news,
                    (long long)(clock.wall - START), (long long)(clock.steady - START));
        }
    }
}

static void test_an_accepted_step_is_believed(void **state)
{
    (void)state;
    struct clock clock;
    (void)clock_init(&clock, &real, RD_TIME_NONE, RD_TIME_NONE, at(START, 0));
    assert_false(clock_accept(&clock));
    assert_int_equal(clock_step(&clock, at(START + 5 * DAY, S)), CLOCK_HELD);
    assert_true(clock.wall == START + S);
    assert_true(clock.held_us == 5 * DAY - S);
    assert_true(clock_accept(&clock));
    assert_true(clock.wall == START + 5 * DAY);
    assert_true(clock.steady == START + S); /* nothing passed on the steady scale */
    assert_int_equal(clock_step(&clock, at(START + 5 * DAY + S, 2 * S)), CLOCK_STEADY);
    assert_true(clock.wall == START + 5 * DAY + S);
}

static void test_a_restart_goes_on(void **state)
{
    (void)state;
    static const struct {
        rd_time real; /* since the last record's wall */
        enum clock_news news;
        rd_time wall, steady; /* since the last record's */
    } rows[] = {
            {10 * S, CLOCK_STEADY, 10 * S, 10 * S},
            {30 * DAY, CLOCK_STEADY, 30 * DAY, 30 * DAY},
            {30 * DAY + 1, CLOCK_HELD, 0, 0},
            {-5 * S, CLOCK_SET_BACK, 0, 0},
            {0, CLOCK_STEADY, 0, 0},
    };
    for (size_t i = 0; i < RD_COUNT(rows); i++) {
        struct clock clock;
        rd_time steady = START - 100 * S;
        assert_int_equal(clock_init(&clock, &real, START, steady, at(START + rows[i].real, 3)),
                rows[i].news);
        assert_true(clock.wall == START + rows[i].wall);
        assert_true(clock.steady == steady + rows[i].steady);
    }
}

static void test_an_accepted_absence_counts_on_both_scales(void **state)
{
    (void)state;
    struct clock clock;
    (void)clock_init(&clock, &real, START, START, at(START + 40 * DAY, 0));
    assert_int_equal(clock_step(&clock, at(START + 40 * DAY + 3 * S, 3 * S)), CLOCK_STEADY);
    assert_true(clock.wall == START + 3 * S && clock.steady == START + 3 * S);
    assert_true(clock_accept(&clock));
    assert_true(clock.wall == START + 40 * DAY + 3 * S);
    assert_true(clock.steady == START + 40 * DAY + 3 * S);
}

static void test_time_from_events(void **state)
{
    (void)state;
    struct clock clock;
    struct clock_options events = {.mode = CLOCK_EVENTS, .max_step_us = HOUR};
    (void)clock_init(&clock, &events, RD_TIME_NONE, RD_TIME_NONE, at(START, 0));
    assert_true(clock.wall == RD_TIME_NONE);
    (void)clock_step(&clock, at(START + DAY, DAY));
    assert_true(clock.wall == RD_TIME_NONE);
    clock_advance(&clock, 5 * DAY);
    assert_true(clock.wall == 5 * DAY && clock.steady == 5 * DAY);
    clock_advance(&clock, 4 * DAY); /* an older event is taken at the clock */
    assert_true(clock.wall == 5 * DAY);
    (void)clock_step(&clock, at(START + 2 * DAY, 2 * DAY));
    assert_true(clock.wall == 5 * DAY);
    assert_true(clock_until_us(&clock, 5 * DAY) == 0);
    assert_true(clock_until_us(&clock, 6 * DAY) == INT64_MAX);

    events.rate = 3600;
    (void)clock_init(&clock, &events, 5 * DAY, 5 * DAY, at(START, 0));
    (void)clock_step(&clock, at(START, 2 * S));
    assert_true(clock.wall == 5 * DAY + 2 * HOUR);
    assert_true(clock_until_us(&clock, 5 * DAY + 3 * HOUR) == S + 1);
    (void)clock_step(&clock, at(START, INT64_C(90000000000000000)));
    assert_true(clock.wall == RD_TIME_MAX || clock.wall > 5 * DAY);
}

static void test_how_long_until(void **state)
{
    (void)state;
    struct clock clock;
    (void)clock_init(&clock, &real, RD_TIME_NONE, RD_TIME_NONE, at(START, 0));
    assert_true(clock_until_us(&clock, START - 1) == 0);
    assert_true(clock_until_us(&clock, START + 7) == 7);
    assert_true(clock_until_us(&clock, RD_TIME_NONE) == INT64_MAX);
    (void)clock_step(&clock, at(START - 10 * S, S)); /* stands still for 10 s */
    assert_true(clock_until_us(&clock, START + S) == 11 * S);
}

static void test_readings_do_not_go_back(void **state)
{
    (void)state;
    struct clock_reading first = clock_read(), second = clock_read();
    assert_true(second.boot >= first.boot);
    assert_true(first.real > START);
    rd_time ticks = clock_ticks_us();
    assert_true(clock_ticks_us() >= ticks);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(test_the_first_start_takes_real_time),
            cmocka_unit_test(test_steps_while_running),
            cmocka_unit_test(test_an_accepted_step_is_believed),
            cmocka_unit_test(test_a_restart_goes_on),
            cmocka_unit_test(test_an_accepted_absence_counts_on_both_scales),
            cmocka_unit_test(test_time_from_events),
            cmocka_unit_test(test_how_long_until),
            cmocka_unit_test(test_readings_do_not_go_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
