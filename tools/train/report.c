#include "tools/train/report.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/shared/json.h"
#include "tools/shared/text.h"

enum { ARENA_BYTES_MAX = 16 * 1024 * 1024 };

static const char *const OUTCOMES[] = {"unknown", "no", "yes"};

static double share(uint64_t part, uint64_t whole)
{
    return whole > 0 ? (double)part / (double)whole : 0;
}

/* ---- the strongest features ---- */

static int by_strength(const void *a, const void *b)
{
    const struct rd_card_feature *x = *(const struct rd_card_feature *const *)a;
    const struct rd_card_feature *y = *(const struct rd_card_feature *const *)b;
    int order = (abs(x->points) < abs(y->points)) - (abs(x->points) > abs(y->points));
    return order != 0 ? order : (x > y) - (x < y);
}

/* As many as there are, at most REPORT_STRONGEST. */
static size_t strongest(const struct rd_card *card, struct rd_arena *arena,
        const struct rd_card_feature ***ret_features)
{
    const struct rd_card_feature **all =
            RD_ARENA_ARRAY(arena, const struct rd_card_feature *, card->feature_count + 1);
    for (size_t i = 0; i < card->feature_count; i++) {
        all[i] = &card->features[i];
    }
    qsort(all, card->feature_count, sizeof all[0], by_strength);
    *ret_features = all;
    return card->feature_count < REPORT_STRONGEST ? card->feature_count : REPORT_STRONGEST;
}

/* ---- text ---- */

static void print_figures(const struct figures *figures)
{
    (void)printf("tried on %" PRIu64 " later rows, %" PRIu64 " of them yes (%.2f %%)\n",
            figures->rows, figures->yes, 100 * figures->base_rate);
    (void)printf("  ROC-AUC            %.4f\n  average precision  %.4f\n"
                 "  lift, top tenth    %.2f\n",
            figures->auc, figures->average_precision, figures->lift);
    (void)printf("calibration\n   score      rows  yes %%\n");
    for (size_t i = 0; i < figures->decile_count; i++) {
        const struct measure_band *band = &figures->deciles[i];
        (void)printf("  %3" PRId32 "..%-3" PRId32 " %8" PRIu64 "  %5.1f\n", band->from, band->to,
                band->rows, 100 * share(band->yes, band->rows));
    }
    (void)printf("levels\n  from   warned   right   missed  precision  recall\n");
    for (size_t i = 0; i < MEASURE_LEVELS; i++) {
        const struct measure_level *level = &figures->levels[i];
        uint64_t warned = level->true_warned + level->false_warned;
        (void)printf("  %4" PRId32 " %8" PRIu64 " %7" PRIu64 " %8" PRIu64
                     "    %5.1f %%  %5.1f %%\n",
                level->from, warned, level->true_warned, level->missed,
                100 * share(level->true_warned, warned),
                100 * share(level->true_warned, figures->yes));
    }
}

static void print_learned(const struct report *report)
{
    const struct dataset *dataset = report->dataset;
    (void)printf("learned from %zu rows; %zu features of %zu candidates, C %g, area of the model "
                 "before rounding %.4f\n",
            dataset->train_count, report->card->feature_count, dataset->candidate_count,
            report->fitted->c, report->model_auc);
}

void report_text(const struct report *report)
{
    struct rd_arena arena;
    rd_arena_init(&arena, ARENA_BYTES_MAX);
    if (report->dataset != NULL) {
        print_learned(report);
    }
    if (report->unknown > 0) {
        (void)printf("%" PRIu64 " rows without an outcome are left out\n", report->unknown);
    }
    if (report->bad > 0) {
        (void)printf("%" PRIu64 " rows are no events and are left out; the first: %s\n",
                report->bad, report->bad_what);
    }
    print_figures(report->figures);
    (void)printf("strongest features\n");
    const struct rd_card_feature **features;
    size_t count = strongest(report->card, &arena, &features);
    for (size_t i = 0; i < count; i++) {
        (void)printf("  %+4" PRId32 "  ", features[i]->points);
        print_text(stdout, rd_card_feature_text(features[i], &arena));
        (void)fputc('\n', stdout);
    }
    for (size_t i = 0; i < report->leak_count; i++) {
        (void)printf("warning: ");
        print_text(stdout, report->leaks[i].name);
        (void)printf(" alone has an area of %.3f: was it known at the first contact?\n",
                report->leaks[i].auc);
    }
    rd_arena_done(&arena);
}

/* ---- JSON ---- */

static json_t *json_figures(const struct figures *figures)
{
    json_t *deciles = json_array();
    json_t *levels = json_array();
    for (size_t i = 0; i < figures->decile_count; i++) {
        const struct measure_band *band = &figures->deciles[i];
        (void)json_array_append_new(
                deciles, json_pack("{s:i,s:i,s:I,s:I}", "from", band->from, "to", band->to, "rows",
                                 (json_int_t)band->rows, "yes", (json_int_t)band->yes));
    }
    for (size_t i = 0; i < MEASURE_LEVELS; i++) {
        const struct measure_level *level = &figures->levels[i];
        (void)json_array_append_new(levels,
                json_pack("{s:i,s:I,s:I,s:I,s:I}", "from", level->from, "true_warned",
                        (json_int_t)level->true_warned, "false_warned",
                        (json_int_t)level->false_warned, "missed", (json_int_t)level->missed,
                        "rightly_quiet", (json_int_t)level->rightly_quiet));
    }
    return json_pack("{s:I,s:I,s:f,s:f,s:f,s:f,s:o,s:o}", "rows", (json_int_t)figures->rows, "yes",
            (json_int_t)figures->yes, "base_rate", figures->base_rate, "auc", figures->auc,
            "average_precision", figures->average_precision, "lift", figures->lift, "deciles",
            deciles, "levels", levels);
}

static json_t *json_feature(const struct rd_card_feature *feature, struct rd_arena *arena)
{
    return json_pack("{s:o,s:i}", "feature", json_text(rd_card_feature_text(feature, arena)),
            "points", feature->points);
}

void report_json(const struct report *report)
{
    struct rd_arena arena;
    rd_arena_init(&arena, ARENA_BYTES_MAX);
    const struct rd_card_feature **features;
    json_t *best = json_array();
    json_t *leaks = json_array();
    size_t count = strongest(report->card, &arena, &features);
    for (size_t i = 0; i < count; i++) {
        (void)json_array_append_new(best, json_feature(features[i], &arena));
    }
    for (size_t i = 0; i < report->leak_count; i++) {
        (void)json_array_append_new(
                leaks, json_pack("{s:o,s:f}", "feature", json_text(report->leaks[i].name), "auc",
                               report->leaks[i].auc));
    }
    json_t *root = json_pack("{s:I,s:I,s:I,s:o,s:o,s:o}", "features",
            (json_int_t)report->card->feature_count, "unknown", (json_int_t)report->unknown, "bad",
            (json_int_t)report->bad, "figures", json_figures(report->figures), "strongest", best,
            "too_strong", leaks);
    if (report->dataset != NULL) {
        (void)json_object_set_new(root, "learned",
                json_pack("{s:I,s:I,s:I,s:f,s:f}", "rows", (json_int_t)report->dataset->train_count,
                        "words_left_out", (json_int_t)report->dataset->tokens_left_out,
                        "candidates", (json_int_t)report->dataset->candidate_count, "c",
                        report->fitted->c, "model_auc", report->model_auc));
    }
    json_print(stdout, root, false);
    rd_arena_done(&arena);
}

/* ---- one row ---- */

void report_row(const struct rd_scorecard *card, const struct rd_card_score *score,
        const struct history_row *row, bool is_json)
{
    struct rd_arena arena;
    const struct rd_card *written = rd_scorecard_card(card);
    rd_arena_init(&arena, ARENA_BYTES_MAX);
    json_t *hits = json_array();
    for (size_t i = 0; i < score->hit_count; i++) {
        (void)json_array_append_new(hits, json_feature(&written->features[score->hits[i]], &arena));
    }
    if (is_json) {
        json_print(stdout,
                json_pack("{s:I,s:s,s:i,s:i,s:o}", "row", (json_int_t)row->number, "outcome",
                        OUTCOMES[row->outcome], "points", score->points, "base", written->base,
                        "features", hits),
                false);
    } else {
        json_decref(hits);
        (void)printf("row %" PRIu64 ": %" PRId32 " points, outcome %s\n  %+4" PRId32 "  base\n",
                row->number, score->points, OUTCOMES[row->outcome], written->base);
        for (size_t i = 0; i < score->hit_count; i++) {
            const struct rd_card_feature *feature = &written->features[score->hits[i]];
            (void)printf("  %+4" PRId32 "  ", feature->points);
            print_text(stdout, rd_card_feature_text(feature, &arena));
            (void)fputc('\n', stdout);
        }
    }
    rd_arena_done(&arena);
}
