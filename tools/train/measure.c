#include "tools/train/measure.h"

#include <string.h>

void measure_add(struct measure *measure, int32_t score, bool is_yes)
{
    RD_ASSERT(score >= 0 && score < MEASURE_SCORES);
    if (is_yes) {
        measure->yes[score]++;
    } else {
        measure->no[score]++;
    }
}

static double ratio(double part, double whole)
{
    return whole > 0 ? part / whole : 0;
}

static double auc_of(const struct measure *measure, double yes, double no)
{
    double pairs = 0;
    double below = 0;
    for (size_t i = 0; i < MEASURE_SCORES; i++) {
        pairs += (double)measure->yes[i] * (below + (double)measure->no[i] / 2);
        below += (double)measure->no[i];
    }
    return yes > 0 && no > 0 ? pairs / (yes * no) : 0.5;
}

static double average_precision_of(const struct measure *measure, double yes)
{
    double sum = 0;
    double hits = 0;
    double rows = 0;
    for (size_t i = MEASURE_SCORES; i-- > 0;) {
        double more = (double)measure->yes[i];
        hits += more;
        rows += more + (double)measure->no[i];
        sum += ratio(more, yes) * ratio(hits, rows);
    }
    return sum;
}

static double lift_of(const struct measure *measure, double rows, double yes)
{
    double left = rows / 10;
    double hits = 0;
    for (size_t i = MEASURE_SCORES; i-- > 0 && left > 0;) {
        double here = (double)(measure->yes[i] + measure->no[i]);
        double taken = here < left ? here : left;
        hits += taken * ratio((double)measure->yes[i], here);
        left -= taken;
    }
    return ratio(ratio(hits, rows / 10), ratio(yes, rows));
}

static void put_deciles(const struct measure *measure, struct figures *figures)
{
    struct measure_band band = {0};
    uint64_t seen = 0;
    for (int32_t i = 0; i < MEASURE_SCORES; i++) {
        uint64_t here = measure->yes[i] + measure->no[i];
        band.from = band.rows == 0 ? i : band.from;
        band.to = i;
        band.rows += here;
        band.yes += measure->yes[i];
        seen += here;
        bool is_full = seen * MEASURE_DECILES >= figures->rows * (figures->decile_count + 1);
        if (band.rows > 0 && (is_full || i == MEASURE_SCORES - 1) && here > 0) {
            figures->deciles[figures->decile_count++] = band;
            band = (struct measure_band){0};
            if (figures->decile_count == MEASURE_DECILES) {
                return;
            }
        }
    }
}

void measure_figures(const struct measure *measure, const int32_t levels[MEASURE_LEVELS],
        struct figures *ret_figures)
{
    *ret_figures = (struct figures){.rows = 0};
    for (size_t i = 0; i < MEASURE_SCORES; i++) {
        ret_figures->rows += measure->yes[i] + measure->no[i];
        ret_figures->yes += measure->yes[i];
    }
    double rows = (double)ret_figures->rows;
    double yes = (double)ret_figures->yes;
    ret_figures->base_rate = ratio(yes, rows);
    ret_figures->auc = auc_of(measure, yes, rows - yes);
    ret_figures->average_precision = average_precision_of(measure, yes);
    ret_figures->lift = lift_of(measure, rows, yes);
    put_deciles(measure, ret_figures);
    for (size_t k = 0; k < MEASURE_LEVELS; k++) {
        struct measure_level *level = &ret_figures->levels[k];
        level->from = levels[k];
        for (int32_t i = 0; i < MEASURE_SCORES; i++) {
            bool is_warned = i >= levels[k];
            level->true_warned += is_warned ? measure->yes[i] : 0;
            level->false_warned += is_warned ? measure->no[i] : 0;
            level->missed += is_warned ? 0 : measure->yes[i];
            level->rightly_quiet += is_warned ? 0 : measure->no[i];
        }
    }
}
