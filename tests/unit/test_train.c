/* The figures of redress-train(1), and how it cuts its rows. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tools/train/dataset.h"
#include "tools/train/learn.h"
#include "tools/train/measure.h"

struct point {
    int32_t score;
    uint64_t no, yes;
};

/* By hand: pairs in order, precision at each score from above, the tenth with most points. */
static const struct {
    struct point points[4];
    double auc, average_precision, lift;
} figures[] = {
        {{{10, 5, 0}, {90, 0, 5}}, 1, 1, 2},
        {{{10, 0, 5}, {90, 5, 0}}, 0, 1.0 / 2, 0},
        {{{50, 6, 4}}, 0.5, 0.4, 1},
        /* pairs: 2*4 + 1/2*2*2... = (1*(2/2) + 3*(2+2/2)) / (4*4) */
        {{{20, 2, 1}, {60, 2, 3}}, 0.625, 3.0 / 4 * 3 / 5 + 1.0 / 4 * 4 / 8, 1.2},
        /* the tenth is 2 of 20 rows: the one of 80, and one of the four of 70, half of them yes */
        {{{0, 10, 5}, {70, 2, 2}, {80, 0, 1}}, (5 * 5 + 2 * 11 + 12) / 96.0,
                1.0 / 8 * 1 + 2.0 / 8 * 3 / 5 + 5.0 / 8 * 8 / 20, (1.5 / 2) / (8.0 / 20)},
};

static bool near(double a, double b)
{
    return fabs(a - b) < 1e-9;
}

static void test_figures(void **state)
{
    (void)state;
    static const int32_t levels[MEASURE_LEVELS] = {30, 60, 85};
    for (size_t i = 0; i < RD_COUNT(figures); i++) {
        struct measure measure = {{0}, {0}};
        struct figures made;
        for (size_t k = 0; k < RD_COUNT(figures[i].points); k++) {
            const struct point *point = &figures[i].points[k];
            for (uint64_t n = 0; n < point->no; n++) {
                measure_add(&measure, point->score, false);
            }
            for (uint64_t n = 0; n < point->yes; n++) {
                measure_add(&measure, point->score, true);
            }
        }
        measure_figures(&measure, levels, &made);
        if (!near(made.auc, figures[i].auc) || !near(made.lift, figures[i].lift) ||
                !near(made.average_precision, figures[i].average_precision)) {
            fail_msg("row %zu: %f %f %f", i, made.auc, made.average_precision, made.lift);
        }
    }
}

static void test_levels_and_tenths(void **state)
{
    (void)state;
    static const int32_t levels[MEASURE_LEVELS] = {30, 60, 85};
    struct measure measure = {{0}, {0}};
    struct figures made;
    for (int32_t score = 0; score <= 100; score++) {
        measure_add(&measure, score, score >= 60);
    }
    measure_figures(&measure, levels, &made);
    assert_int_equal(made.levels[0].true_warned, 41);
    assert_int_equal(made.levels[0].false_warned, 30);
    assert_int_equal(made.levels[0].missed, 0);
    assert_int_equal(made.levels[0].rightly_quiet, 30);
    assert_int_equal(made.levels[2].true_warned, 16);
    assert_int_equal(made.levels[2].missed, 25);
    assert_int_equal(made.decile_count, MEASURE_DECILES);
    uint64_t rows = 0;
    for (size_t i = 0; i < made.decile_count; i++) {
        rows += made.deciles[i].rows;
        assert_in_range(made.deciles[i].rows, 10, 11);
        assert_true(i == 0 || made.deciles[i].from == made.deciles[i - 1].to + 1);
    }
    assert_int_equal(rows, 101);
    assert_int_equal(made.deciles[9].to, 100);

    measure = (struct measure){{0}, {0}}; /* one score is one band, however many rows it has */
    for (int i = 0; i < 50; i++) {
        measure_add(&measure, 40, i % 2 == 0);
    }
    measure_figures(&measure, levels, &made);
    assert_int_equal(made.decile_count, 1);
    assert_int_equal(made.deciles[0].rows, 50);
}

/* ---- a data set by hand ---- */

static void add_row(struct dataset *dataset, rd_time time, bool is_yes, int64_t number)
{
    static struct dataset_row rows[1000];
    static uint32_t ids[1000];
    static struct dataset_number numbers[1000];
    size_t at = dataset->row_count++;
    rows[at] = (struct dataset_row){
            .time = time, .number = at + 1, .is_yes = is_yes, .count = 1, .first = at};
    ids[at] = (uint32_t)at | 1U << 31;
    numbers[at] = (struct dataset_number){0, number};
    dataset->rows = rows;
    dataset->ids = ids;
    dataset->numbers = numbers;
    dataset->id_count = dataset->number_count = at + 1;
}

static void forget(struct dataset *dataset)
{
    dataset->rows = NULL; /* they are this test's own */
    dataset->ids = NULL;
    dataset->numbers = NULL;
    dataset_done(dataset);
}

static void test_rows_are_split_by_time(void **state)
{
    (void)state;
    struct dataset dataset;
    dataset_init(&dataset, 1);
    for (int i = 0; i < 100; i++) {
        add_row(&dataset, (99 - i) / 10 * RD_DAY_US, i % 3 == 0, i);
    }
    assert_true(dataset_split(&dataset, RD_TIME_NONE, 25));
    assert_int_equal(dataset.train_count, 70); /* of one instant none is parted */
    assert_int_equal(dataset.cut, 7 * RD_DAY_US);
    for (size_t i = 1; i < dataset.row_count; i++) {
        assert_true(dataset.rows[i - 1].time <= dataset.rows[i].time);
    }
    dataset.train_count = 0;
    assert_true(dataset_split(&dataset, 5 * RD_DAY_US, 25));
    assert_int_equal(dataset.train_count, 50);
    dataset.train_count = 0;
    assert_false(dataset_split(&dataset, 50 * RD_DAY_US, 25)); /* nothing to try it on */
    forget(&dataset);
}

/* Eight ranges, by the training rows alone, without holes; a card may name each. */
static void test_numbers_become_ranges(void **state)
{
    (void)state;
    struct dataset dataset;
    dataset_init(&dataset, 1);
    assert_true(dataset_add_attribute(&dataset, RD_STR("age")));
    for (int i = 0; i < 800; i++) {
        add_row(&dataset, i, i % 5 == 0, i % 80);
    }
    for (int i = 0; i < 100; i++) {
        add_row(&dataset, 1000, i % 5 == 0, 1000 + i); /* later: they move no edge */
    }
    assert_true(dataset_split(&dataset, 1000, 25));
    dataset_prepare(&dataset);
    assert_int_equal(dataset.candidate_count, DATASET_BINS);
    int64_t end = INT64_MIN;
    size_t kept = 0;
    for (size_t i = 0; i < dataset.candidate_count; i++) {
        const struct candidate *candidate = &dataset.candidates[i];
        assert_int_equal(candidate->feature.from, end);
        assert_int_equal(candidate->rows, 100);
        kept += candidate->is_kept;
        end = candidate->feature.below;
    }
    assert_int_equal(end, INT64_MAX);
    assert_int_equal(dataset.candidates[3].feature.below, 40);
    assert_int_equal(kept, DATASET_BINS - 1); /* one is what the others are measured by */
    forget(&dataset);
}

static void test_one_value_makes_no_range(void **state)
{
    (void)state;
    struct dataset dataset;
    struct fitted fitted;
    struct learn_options options = {.features_max = 10, .cap = 100};
    dataset_init(&dataset, 1);
    assert_true(dataset_add_attribute(&dataset, RD_STR("age")));
    for (int i = 0; i < 100; i++) {
        add_row(&dataset, i, i % 5 == 0, 7);
    }
    assert_true(dataset_split(&dataset, 50, 25));
    dataset_prepare(&dataset);
    assert_int_equal(dataset.candidate_count, 0);
    assert_false(learn(&dataset, &options, &fitted)); /* and nothing is learned of nothing */
    fitted_done(&fitted);
    forget(&dataset);
}

/* Where the old end badly and the young do not, that is what the card says. */
static void test_a_card_is_learned(void **state)
{
    (void)state;
    struct dataset dataset;
    struct fitted fitted;
    struct learn_options options = {.features_max = 10, .cap = 80};
    struct rd_arena arena;
    rd_arena_init(&arena, 1024 * 1024);
    dataset_init(&dataset, 1);
    assert_true(dataset_add_attribute(&dataset, RD_STR("age")));
    for (int i = 0; i < 900; i++) {
        int age = i * 37 % 80;
        add_row(&dataset, i, age >= 60 ? i % 10 != 0 : i % 10 == 0, age);
    }
    assert_true(dataset_split(&dataset, 700, 25));
    dataset_prepare(&dataset);
    assert_true(learn(&dataset, &options, &fitted));
    assert_true(fitted_auc(&fitted, &dataset, 700, 900) > 0.8);
    struct rd_card card = fitted_card(&fitted, &dataset, &options, RD_STR("t"), &arena);
    assert_int_equal(card.cap, 80);
    assert_in_range(card.base, 0, 80);
    int32_t oldest = 0;
    for (size_t i = 0; i < card.feature_count; i++) {
        const struct rd_card_feature *feature = &card.features[i];
        assert_int_equal(feature->kind, RD_CARD_RANGE);
        oldest = feature->below == INT64_MAX ? feature->points : oldest;
        assert_true(i == 0 || card.features[i - 1].from < feature->from);
    }
    assert_in_range(oldest + card.base, 60, 100);
    fitted_done(&fitted);
    forget(&dataset);
    rd_arena_done(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(test_figures),
            cmocka_unit_test(test_levels_and_tenths),
            cmocka_unit_test(test_rows_are_split_by_time),
            cmocka_unit_test(test_numbers_become_ranges),
            cmocka_unit_test(test_one_value_makes_no_range),
            cmocka_unit_test(test_a_card_is_learned),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
