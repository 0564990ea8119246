/* tools/train/learn.h — weights for candidates (liblinear), and integer points of them.
 *
 * A logistic regression under L1, so that few candidates keep a weight. Its C is the best of a few,
 * by the area under the curve over the newest fifth of the training rows, learned from the others;
 * of about equal ones the smallest, which keeps the fewest. Then the card is a straight line over
 * the model's log-odds: what a training row in a thousand stays below gets 0 points, what one in a
 * thousand exceeds gets the cap. */
#pragma once

#include "tools/train/dataset.h"

struct learn_options {
    size_t features_max;
    int32_t cap; /* 1..100 */
    double c;    /* 0: choose */
};

struct fitted {
    double *weights; /* per candidate; 0: none */
    double bias;
    double c;
    size_t weight_count; /* not 0 */
    double per_point;    /* log-odds that a point of the card stands for */
    double low;          /* log-odds that get 0 points */
};

/* False: nothing could be learned; printed. */
bool learn(
        const struct dataset *dataset, const struct learn_options *options, struct fitted *fitted);
void fitted_done(struct fitted *fitted);
double fitted_log_odds(
        const struct fitted *fitted, const struct dataset *dataset, const struct dataset_row *row);
/* The card of the model, texts borrowed from both; features by attribute, strongest first. */
struct rd_card fitted_card(const struct fitted *fitted, const struct dataset *dataset,
        const struct learn_options *options, struct rd_str code, struct rd_arena *arena);
/* The area under the ROC curve of rows first..last-1 by the model. */
double fitted_auc(
        const struct fitted *fitted, const struct dataset *dataset, size_t first, size_t last);
