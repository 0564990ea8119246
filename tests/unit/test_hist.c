/* The histogram: exact where it says so, within 2 % above, never below. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/hist.h"

static void test_empty(void **state)
{
    (void)state;
    static struct rd_hist hist;
    assert_int_equal(rd_hist_percentile(&hist, 0), 0);
    assert_int_equal(rd_hist_percentile(&hist, 10000), 0);
    assert_int_equal(hist.max, 0);
}

static const struct {
    uint32_t share_bp;
    uint64_t want;
} hundred[] = {{0, 1}, {1, 1}, {100, 1}, {101, 2}, {5000, 50}, {9000, 90}, {9900, 99}, {9901, 100},
        {10000, 100}};

static void test_small_values_are_exact(void **state)
{
    (void)state;
    struct rd_hist hist;
    rd_hist_reset(&hist);
    for (uint64_t i = 1; i <= 100; i++) {
        rd_hist_record(&hist, i);
    }
    assert_int_equal(hist.count, 100);
    assert_int_equal(hist.max, 100);
    for (size_t i = 0; i < RD_COUNT(hundred); i++) {
        assert_int_equal(rd_hist_percentile(&hist, hundred[i].share_bp), hundred[i].want);
    }
}

static void test_one_value_comes_out_within_2_percent(void **state)
{
    (void)state;
    for (unsigned bit = 0; bit < 64; bit++) {
        static const uint64_t parts[] = {0, 1, 2, 3, 5, 7, 11, 13};
        for (size_t k = 0; k < RD_COUNT(parts); k++) {
            uint64_t value = (UINT64_C(1) << bit) + ((UINT64_C(1) << bit) / 13) * parts[k];
            struct rd_hist hist;
            rd_hist_reset(&hist);
            rd_hist_record(&hist, value);
            rd_hist_record(&hist, UINT64_MAX); /* or the maximum would make it exact */
            uint64_t got = rd_hist_percentile(&hist, 5000);
            if (got < value || got - value > value / 50) {
                fail_msg("%ju came out as %ju", (uintmax_t)value, (uintmax_t)got);
            }
            assert_int_equal(rd_hist_percentile(&hist, 10000), UINT64_MAX);
        }
    }
}

static void test_merge_is_recording_in_one(void **state)
{
    (void)state;
    struct rd_hist both, even, odd;
    rd_hist_reset(&both);
    rd_hist_reset(&even);
    rd_hist_reset(&odd);
    for (uint64_t i = 0; i < 10000; i++) {
        uint64_t value = i * i * i;
        rd_hist_record(&both, value);
        rd_hist_record(i % 2 == 0 ? &even : &odd, value);
    }
    rd_hist_merge(&even, &odd);
    assert_memory_equal(&even, &both, sizeof both);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(test_empty),
            cmocka_unit_test(test_small_values_are_exact),
            cmocka_unit_test(test_one_value_comes_out_within_2_percent),
            cmocka_unit_test(test_merge_is_recording_in_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
