#include "tools/train/learn.h"

#include <linear.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "tools/shared/ends.h"

static const double CHOICES[] = {0.01, 0.03, 0.1, 0.3, 1, 3};
static const double ABOUT_EQUAL = 0.0003; /* of two areas */
static const double EPSILON = 0.001;

static void *must_alloc(size_t count, size_t size)
{
    void *memory = calloc(count > 0 ? count : 1, size);
    if (memory == NULL) {
        rd_oom();
    }
    return memory;
}

static void be_quiet(const char *text)
{
    (void)text;
}

/* Rows as liblinear wants them: indexes from 1 on, ascending, the bias behind them, -1 at the end.
 */
struct matrix {
    struct problem problem;
    struct feature_node *nodes;
    int *column_of;      /* of each candidate; 0: not used */
    uint32_t *candidate; /* of each column, from 1 on */
};

static int by_index(const void *a, const void *b)
{
    return ((const struct feature_node *)a)->index - ((const struct feature_node *)b)->index;
}

static void matrix_init(
        struct matrix *matrix, const struct dataset *dataset, const bool *is_used, size_t rows)
{
    *matrix = (struct matrix){.column_of = must_alloc(dataset->candidate_count, sizeof(int)),
            .candidate = must_alloc(dataset->candidate_count + 1, sizeof(uint32_t))};
    int columns = 0;
    for (uint32_t i = 0; i < dataset->candidate_count; i++) {
        if (is_used[i]) {
            matrix->column_of[i] = ++columns;
            matrix->candidate[columns] = i;
        }
    }
    size_t nodes = 0;
    for (size_t i = 0; i < rows; i++) {
        nodes += dataset->rows[i].count + 2;
    }
    matrix->nodes = must_alloc(nodes, sizeof *matrix->nodes);
    matrix->problem = (struct problem){.l = (int)rows,
            .n = columns + 1,
            .y = must_alloc(rows, sizeof(double)),
            .x = must_alloc(rows, sizeof(struct feature_node *)),
            .bias = 1};
    struct feature_node *at = matrix->nodes;
    for (size_t i = 0; i < rows; i++) {
        const struct dataset_row *row = &dataset->rows[i];
        struct feature_node *first = at;
        for (uint32_t k = 0; k < row->count; k++) {
            uint32_t id = dataset->ids[row->first + k];
            if (id < dataset->candidate_count && is_used[id]) {
                *at++ = (struct feature_node){matrix->column_of[id], 1};
            }
        }
        qsort(first, (size_t)(at - first), sizeof *first, by_index);
        *at++ = (struct feature_node){columns + 1, 1};
        *at++ = (struct feature_node){-1, 0};
        matrix->problem.x[i] = first;
        matrix->problem.y[i] = row->is_yes ? 1 : -1;
    }
}

static void matrix_done(struct matrix *matrix)
{
    free(matrix->nodes);
    free(matrix->column_of);
    free(matrix->candidate);
    free(matrix->problem.y);
    free(matrix->problem.x);
}

/* Weights of the candidates in use, learned from the first rows. */
static void fit(const struct dataset *dataset, const bool *is_used, size_t rows, double c,
        struct fitted *fitted)
{
    struct matrix matrix;
    struct parameter parameter = {.solver_type = L1R_LR, .eps = EPSILON, .C = c};
    matrix_init(&matrix, dataset, is_used, rows);
    set_print_string_function(be_quiet);
    RD_ASSERT(check_parameter(&matrix.problem, &parameter) == NULL);
    struct model *made = train(&matrix.problem, &parameter);
    memset(fitted->weights, 0, dataset->candidate_count * sizeof *fitted->weights);
    double sign = made->label[0] == 1 ? 1 : -1;
    fitted->weight_count = 0;
    for (int i = 1; i < matrix.problem.n; i++) {
        double weight = sign * made->w[i - 1];
        fitted->weights[matrix.candidate[i]] = weight;
        fitted->weight_count += fabs(weight) > 0;
    }
    fitted->bias = sign * made->w[matrix.problem.n - 1];
    fitted->c = c;
    free_and_destroy_model(&made);
    matrix_done(&matrix);
}

double fitted_log_odds(
        const struct fitted *fitted, const struct dataset *dataset, const struct dataset_row *row)
{
    double sum = fitted->bias;
    for (uint32_t k = 0; k < row->count; k++) {
        uint32_t id = dataset->ids[row->first + k];
        sum += id < dataset->candidate_count ? fitted->weights[id] : 0;
    }
    return sum;
}

/* ---- the area under the curve ---- */

struct judged {
    double value;
    bool is_yes;
};

static int by_judgement(const void *a, const void *b)
{
    double x = ((const struct judged *)a)->value;
    double y = ((const struct judged *)b)->value;
    return (x > y) - (x < y);
}

/* Pairs of a yes and a no that are in order, ties half. */
static double area(struct judged *all, size_t count)
{
    qsort(all, count, sizeof *all, by_judgement);
    double pairs = 0;
    size_t no = 0;
    size_t yes = 0;
    for (size_t i = 0; i < count;) {
        size_t tied[2] = {0, 0};
        size_t k = i;
        for (; k < count && by_judgement(&all[k], &all[i]) == 0; k++) {
            tied[all[k].is_yes]++;
        }
        pairs += (double)tied[1] * ((double)no + (double)tied[0] / 2);
        no += tied[0];
        yes += tied[1];
        i = k;
    }
    return yes > 0 && no > 0 ? pairs / ((double)yes * (double)no) : 0.5;
}

double fitted_auc(
        const struct fitted *fitted, const struct dataset *dataset, size_t first, size_t last)
{
    struct judged *all = must_alloc(last - first, sizeof *all);
    for (size_t i = first; i < last; i++) {
        const struct dataset_row *row = &dataset->rows[i];
        all[i - first] = (struct judged){fitted_log_odds(fitted, dataset, row), row->is_yes};
    }
    double auc = area(all, last - first);
    free(all);
    return auc;
}

/* ---- what is chosen ---- */

/* The newest fifth of what may be learned from judges each C. */
static double choose_c(const struct dataset *dataset, const bool *is_used, struct fitted *fitted)
{
    size_t rows = dataset->train_count - dataset->train_count / 5;
    double areas[RD_COUNT(CHOICES)];
    double best = 0;
    for (size_t i = 0; i < RD_COUNT(CHOICES); i++) {
        fit(dataset, is_used, rows, CHOICES[i], fitted);
        areas[i] = fitted_auc(fitted, dataset, rows, dataset->train_count);
        best = areas[i] > best ? areas[i] : best;
    }
    size_t at = 0;
    while (areas[at] < best - ABOUT_EQUAL) {
        at++;
    }
    return CHOICES[at];
}

struct weighed {
    uint32_t candidate;
    double worth;
};

static int by_worth(const void *a, const void *b)
{
    const struct weighed *x = a;
    const struct weighed *y = b;
    int order = (x->worth < y->worth) - (x->worth > y->worth);
    return order != 0 ? order : (x->candidate > y->candidate) - (x->candidate < y->candidate);
}

/* Leaves in use what says most: weight times how much it varies over the rows. */
static void keep_best(
        const struct dataset *dataset, const struct fitted *fitted, size_t max, bool *is_used)
{
    struct weighed *all = must_alloc(dataset->candidate_count, sizeof *all);
    for (uint32_t i = 0; i < dataset->candidate_count; i++) {
        double share = (double)dataset->candidates[i].rows / (double)dataset->train_count;
        all[i] = (struct weighed){i, fabs(fitted->weights[i]) * sqrt(share * (1 - share))};
    }
    qsort(all, dataset->candidate_count, sizeof *all, by_worth);
    for (size_t i = 0; i < dataset->candidate_count; i++) {
        is_used[all[i].candidate] = i < max && all[i].worth > 0;
    }
    free(all);
}

static int by_double(const void *a, const void *b)
{
    double x = *(const double *)a;
    double y = *(const double *)b;
    return (x > y) - (x < y);
}

/* The log-odds that get 0 points, and those that a point stands for. False: all rows are alike. */
static bool find_scale(
        const struct dataset *dataset, int32_t cap, struct fitted *fitted, double *ret_low)
{
    double *odds = must_alloc(dataset->train_count, sizeof *odds);
    for (size_t i = 0; i < dataset->train_count; i++) {
        odds[i] = fitted_log_odds(fitted, dataset, &dataset->rows[i]);
    }
    qsort(odds, dataset->train_count, sizeof *odds, by_double);
    double low = odds[dataset->train_count / 1000];
    double high = odds[dataset->train_count - 1 - dataset->train_count / 1000];
    free(odds);
    fitted->per_point = (high - low) / cap;
    *ret_low = low;
    return fitted->per_point > 0;
}

bool learn(
        const struct dataset *dataset, const struct learn_options *options, struct fitted *fitted)
{
    double low;
    bool *is_used = must_alloc(dataset->candidate_count, sizeof *is_used);
    *fitted = (struct fitted){
            .weights = must_alloc(dataset->candidate_count, sizeof *fitted->weights)};
    for (size_t i = 0; i < dataset->candidate_count; i++) {
        is_used[i] = dataset->candidates[i].is_kept;
    }
    double c = options->c > 0 ? options->c : choose_c(dataset, is_used, fitted);
    fit(dataset, is_used, dataset->train_count, c, fitted);
    if (fitted->weight_count > options->features_max) {
        keep_best(dataset, fitted, options->features_max, is_used);
        fit(dataset, is_used, dataset->train_count, c, fitted);
    }
    free(is_used);
    if (!find_scale(dataset, options->cap, fitted, &low)) {
        say_error("nothing was learned: no feature of the %zu rows tells the outcomes apart",
                dataset->train_count);
        return false;
    }
    fitted->low = low;
    return true;
}

void fitted_done(struct fitted *fitted)
{
    free(fitted->weights);
    fitted->weights = NULL;
}

/* ---- points ---- */

static int by_place(const void *a, const void *b)
{
    const struct rd_card_feature *x = a;
    const struct rd_card_feature *y = b;
    int order = rd_str_cmp(x->attribute, y->attribute);
    bool are_tokens = x->kind == RD_CARD_TOKEN || y->kind == RD_CARD_TOKEN;
    if (order != 0) {
        return are_tokens ? -order : order; /* the text's tokens stand last */
    }
    if (x->kind != y->kind) {
        return x->kind < y->kind ? -1 : 1;
    }
    if (x->kind == RD_CARD_RANGE) {
        return (x->from > y->from) - (x->from < y->from);
    }
    order = (x->points < y->points) - (x->points > y->points);
    return order != 0 ? order : rd_str_cmp(x->text, y->text);
}

struct rd_card fitted_card(const struct fitted *fitted, const struct dataset *dataset,
        const struct learn_options *options, struct rd_str code, struct rd_arena *arena)
{
    struct rd_card_feature *features =
            RD_ARENA_ARRAY(arena, struct rd_card_feature, fitted->weight_count);
    size_t count = 0;
    for (size_t i = 0; i < dataset->candidate_count; i++) {
        long points = lround(fitted->weights[i] / fitted->per_point);
        points = points > RD_CARD_POINTS_MAX    ? RD_CARD_POINTS_MAX
                 : points < -RD_CARD_POINTS_MAX ? -RD_CARD_POINTS_MAX
                                                : points;
        if (points != 0) {
            features[count] = dataset->candidates[i].feature;
            features[count++].points = (int32_t)points;
        }
    }
    qsort(features, count, sizeof *features, by_place);
    long base = lround((fitted->bias - fitted->low) / fitted->per_point);
    base = base > RD_CARD_BASE_MAX    ? RD_CARD_BASE_MAX
           : base < -RD_CARD_BASE_MAX ? -RD_CARD_BASE_MAX
                                      : base;
    return (struct rd_card){.code = code,
            .base = (int32_t)base,
            .cap = options->cap,
            .features = features,
            .feature_count = count};
}
