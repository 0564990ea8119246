/* tools/train/measure.h — how good integer scores are at telling outcomes apart.
 *
 * Counted per score, so that ties are exact: rows of one score are one step of every curve. */
#pragma once

#include "common/base/base.h"

enum { MEASURE_SCORES = 101, MEASURE_DECILES = 10, MEASURE_LEVELS = 3 };

struct measure { /* rows by score, 0..100 */
    uint64_t no[MEASURE_SCORES], yes[MEASURE_SCORES];
};

struct measure_band { /* rows of neighbouring scores */
    int32_t from, to; /* both included */
    uint64_t rows, yes;
};

struct measure_level { /* those from a threshold on are warned of */
    int32_t from;
    uint64_t true_warned, false_warned, missed, rightly_quiet;
};

struct figures {
    uint64_t rows, yes;
    double base_rate;
    double auc;               /* area under the ROC curve, ties half */
    double average_precision; /* sum of precision over the steps of recall */
    double lift;              /* of the top tenth; of a score that it cuts, as many as fit */
    struct measure_band deciles[MEASURE_DECILES]; /* by score from below; ties stay together */
    size_t decile_count;
    struct measure_level levels[MEASURE_LEVELS];
};

void measure_add(struct measure *measure, int32_t score, bool is_yes);
void measure_figures(const struct measure *measure, const int32_t levels[MEASURE_LEVELS],
        struct figures *ret_figures);
