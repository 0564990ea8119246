#include "tools/train/leak.h"

#include <stdlib.h>
#include <string.h>

struct counts { /* of a candidate */
    double yes, rows;
};

struct judged {
    double share;
    bool is_yes;
};

static int by_share(const void *a, const void *b)
{
    double x = ((const struct judged *)a)->share;
    double y = ((const struct judged *)b)->share;
    return (x > y) - (x < y);
}

static int by_auc(const void *a, const void *b)
{
    double x = ((const struct leak *)a)->auc;
    double y = ((const struct leak *)b)->auc;
    return (x < y) - (x > y);
}

static double area(struct judged *all, size_t count)
{
    double pairs = 0;
    double no = 0;
    double yes = 0;
    qsort(all, count, sizeof *all, by_share);
    for (size_t i = 0; i < count;) {
        double tied_yes = 0;
        double tied_no = 0;
        size_t k = i;
        for (; k < count && by_share(&all[k], &all[i]) == 0; k++) {
            tied_yes += all[k].is_yes;
            tied_no += !all[k].is_yes;
        }
        pairs += tied_yes * (no + tied_no / 2);
        no += tied_no;
        yes += tied_yes;
        i = k;
    }
    return yes > 0 && no > 0 ? pairs / (yes * no) : 0.5;
}

static double share_of(const struct counts *counts, double otherwise)
{
    return counts->rows > 0 ? counts->yes / counts->rows : otherwise;
}

/* Of the attribute's candidate in the row; of several (a list) the greatest. */
static double row_share(const struct dataset *dataset, const struct dataset_row *row,
        const struct counts *counts, uint32_t attribute, double otherwise)
{
    double share = -1;
    for (uint32_t k = 0; k < row->count; k++) {
        uint32_t id = dataset->ids[row->first + k];
        if (id < dataset->candidate_count && dataset->candidates[id].attribute == attribute) {
            double one = share_of(&counts[id], otherwise);
            share = one > share ? one : share;
        }
    }
    return share < 0 ? otherwise : share;
}

static struct counts *count_all(const struct dataset *dataset, struct counts *ret_all)
{
    struct counts *counts = calloc(dataset->candidate_count + 1, sizeof *counts);
    if (counts == NULL) {
        rd_oom();
    }
    for (size_t i = 0; i < dataset->train_count; i++) {
        const struct dataset_row *row = &dataset->rows[i];
        ret_all->rows++;
        ret_all->yes += row->is_yes;
        for (uint32_t k = 0; k < row->count; k++) {
            uint32_t id = dataset->ids[row->first + k];
            if (id < dataset->candidate_count) {
                counts[id].rows++;
                counts[id].yes += row->is_yes;
            }
        }
    }
    return counts;
}

/* The area of "it stands there" alone: the middle of how often it is right for each outcome. */
static double token_area(const struct counts *counts, const struct counts *all)
{
    double hits = counts->yes / all->yes;
    double false_hits = (counts->rows - counts->yes) / (all->rows - all->yes);
    double auc = 0.5 + (hits - false_hits) / 2;
    return auc < 0.5 ? 1 - auc : auc;
}

static void keep(struct leak *leaks, size_t room, size_t *count, struct leak leak)
{
    if (*count < room) {
        leaks[(*count)++] = leak;
    }
}

size_t leaks_find(const struct dataset *dataset, double limit, struct leak *leaks, size_t room)
{
    struct counts all = {0};
    struct counts *counts = count_all(dataset, &all);
    size_t test = dataset->row_count - dataset->train_count;
    struct judged *judged = calloc(test + 1, sizeof *judged);
    if (judged == NULL) {
        rd_oom();
    }
    size_t count = 0;
    for (uint32_t a = 0; a < dataset->attribute_count; a++) {
        for (size_t i = 0; i < test; i++) {
            const struct dataset_row *row = &dataset->rows[dataset->train_count + i];
            judged[i].share = row_share(dataset, row, counts, a, all.yes / all.rows);
            judged[i].is_yes = row->is_yes;
        }
        double auc = area(judged, test);
        auc = auc < 0.5 ? 1 - auc : auc;
        if (auc > limit) {
            keep(leaks, room, &count, (struct leak){dataset->attributes[a], auc});
        }
    }
    for (size_t i = 0; i < dataset->candidate_count; i++) {
        const struct candidate *candidate = &dataset->candidates[i];
        double auc = token_area(&counts[i], &all);
        if (candidate->feature.kind == RD_CARD_TOKEN && candidate->is_kept && auc > limit) {
            keep(leaks, room, &count, (struct leak){candidate->feature.text, auc});
        }
    }
    free(judged);
    free(counts);
    qsort(leaks, count, sizeof *leaks, by_auc);
    return count;
}
