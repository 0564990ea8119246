/* redress-train: learns a scorecard from the past, and says how good it is on what came later. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "common/text/fold.h"
#include "daemon/config/config.h"
#include "tools/shared/ends.h"
#include "tools/train/card_file.h"
#include "tools/train/options.h"
#include "tools/train/report.h"

static const double LEAK_AREA = 0.7; /* what is known at a first contact alone never reaches it */
enum { ARENA_BYTES_MAX = 64 * 1024 * 1024 };

struct run {
    struct options options;
    struct dataset dataset;
    struct fitted fitted;
    struct rd_arena arena; /* of the card */
    struct config *config; /* of a card that was read */
    const struct rd_scorecard *card;
    struct measure measure;
    struct figures figures;
    struct report report;
};

/* ---- trying: the daemon's own scoring, over the rows as they come ---- */

static struct rd_card_score score_row(
        const struct run *run, const struct history_row *row, struct rd_arena *arena)
{
    const struct rd_value *text = &row->event->data[RD_KEY_TEXT];
    struct rd_str folded = {0};
    if (text->type == RD_VALUE_STR && rd_scorecard_reads_text(run->card)) {
        folded = rd_fold_text(text->bytes, arena);
    }
    return rd_scorecard_score(run->card, event_lookup, row->event, folded, arena);
}

static int try_card(struct run *run, bool is_all)
{
    struct history_row row;
    struct rd_arena arena;
    struct history *history = history_open(&run->options.history);
    bool is_explained = false;
    int r;
    if (history == NULL) {
        return STATUS_USAGE;
    }
    rd_arena_init(&arena, ARENA_BYTES_MAX);
    while ((r = history_next(history, &row)) != 0 && (r > 0 || r == -EBADMSG)) {
        bool is_asked = row.number == run->options.explain;
        bool is_counted =
                r > 0 && row.outcome != OUTCOME_UNKNOWN && (is_all || row.time >= run->dataset.cut);
        rd_arena_reset(&arena);
        if (r < 0) {
            run->report.bad += is_all;
            continue;
        }
        if (!is_asked && !is_counted) {
            run->report.unknown += is_all && row.outcome == OUTCOME_UNKNOWN;
            continue;
        }
        struct rd_card_score score = score_row(run, &row, &arena);
        if (is_counted) {
            measure_add(&run->measure, score.points, row.outcome == OUTCOME_YES);
        }
        if (is_asked) {
            report_row(run->card, &score, &row, run->options.is_json);
            is_explained = true;
        }
    }
    rd_arena_done(&arena);
    history_close(history);
    if (r == 0 && run->options.explain > 0 && !is_explained) {
        say_error("--explain: there is no such row, or it is no event");
        return STATUS_REFUSED;
    }
    measure_figures(&run->measure, run->options.levels, &run->figures);
    return r == 0 ? STATUS_OK : STATUS_USAGE;
}

/* ---- learning ---- */

static bool gather(struct run *run)
{
    struct history *history = history_open(&run->options.history);
    bool is_good =
            history != NULL && options_features(&run->options, &run->dataset) &&
            dataset_read(&run->dataset, history) &&
            dataset_split(&run->dataset, run->options.cut, (unsigned)run->options.test_share);
    history_close(history);
    if (is_good && run->dataset.tokens_left_out > 0) {
        say_error("the text has more than %zu different words (--max-words): %" PRIu64
                  " mentions of later ones are left out",
                run->dataset.tokens_max, run->dataset.tokens_left_out);
    }
    if (is_good) {
        dataset_prepare(&run->dataset);
    }
    return is_good;
}

static bool make_card(struct run *run, struct rd_card *card)
{
    size_t bad = 0;
    char what[200];
    *card = fitted_card(&run->fitted, &run->dataset, &run->options.learn,
            rd_str_of(run->options.code), &run->arena);
    run->card = rd_scorecard_compile(card, &run->arena, &bad, what);
    if (run->card == NULL) {
        say_error("the card is wrong: feature %zu: %s", bad + 1, what);
    }
    return run->card != NULL;
}

static int write_card(struct run *run, const struct rd_card *card)
{
    const struct dataset *dataset = &run->dataset;
    struct card_about about = {.data = run->options.history.path,
            .made = run->options.made,
            .rows = dataset->train_count,
            .from = dataset->rows[0].time,
            .through = dataset->rows[dataset->train_count - 1].time,
            .figures = &run->figures,
            .tried_from = dataset->rows[dataset->train_count].time,
            .tried_through = dataset->rows[dataset->row_count - 1].time};
    for (size_t i = 0; i < dataset->train_count; i++) {
        about.yes += dataset->rows[i].is_yes;
    }
    const char *slash = strrchr(about.data, '/');
    about.data = slash != NULL && slash[1] != '\0' ? slash + 1 : about.data;
    int r = card_write(run->options.out_path, card, &about);
    if (r < 0) {
        say_error("%s: %s", run->options.out_path, strerror(-r));
        return STATUS_USAGE;
    }
    /* What the daemon will load is what was tried. */
    const struct rd_scorecard *read = card_read(run->options.out_path, &run->config);
    if (read == NULL) {
        return STATUS_USAGE;
    }
    RD_ASSERT(rd_card_checksum(rd_scorecard_card(read)) == rd_card_checksum(card));
    return STATUS_OK;
}

static int learn_card(struct run *run)
{
    struct rd_card card;
    struct report *report = &run->report;
    if (!gather(run) || !learn(&run->dataset, &run->options.learn, &run->fitted) ||
            !make_card(run, &card)) {
        return STATUS_REFUSED;
    }
    report->dataset = &run->dataset;
    report->fitted = &run->fitted;
    report->model_auc = fitted_auc(
            &run->fitted, &run->dataset, run->dataset.train_count, run->dataset.row_count);
    report->leak_count = leaks_find(&run->dataset, LEAK_AREA, report->leaks, REPORT_LEAKS_MAX);
    report->bad = run->dataset.bad;
    report->bad_what = run->dataset.bad_what;
    report->unknown = run->dataset.unknown;
    int status = try_card(run, false);
    if (status == STATUS_OK && run->options.out_path != NULL) {
        status = write_card(run, &card);
    }
    return status;
}

static int work(struct run *run)
{
    int status = STATUS_OK;
    if (run->options.try_path == NULL) {
        status = learn_card(run);
    } else {
        run->card = card_read(run->options.try_path, &run->config);
        run->dataset.cut = run->options.cut;
        run->report.bad_what = "see redress-send --check";
        status = run->card == NULL ? STATUS_USAGE : try_card(run, run->options.cut == RD_TIME_NONE);
    }
    if (status == STATUS_OK && run->options.explain == 0) {
        run->report.card = rd_scorecard_card(run->card);
        run->report.figures = &run->figures;
        (run->options.is_json ? report_json : report_text)(&run->report);
    }
    return status;
}

int main(int argc, char *argv[])
{
    static struct run run;
    if (!options_parse(argc, argv, &run.options)) {
        options_done(&run.options);
        return STATUS_USAGE;
    }
    int status = STATUS_OK;
    if (!run.options.is_done) {
        dataset_init(&run.dataset, (uint32_t)run.options.rows_min);
        run.dataset.tokens_max = (size_t)run.options.words_max;
        rd_arena_init(&run.arena, ARENA_BYTES_MAX);
        status = work(&run);
        rd_arena_done(&run.arena);
        fitted_done(&run.fitted);
        dataset_done(&run.dataset);
        config_free(run.config);
    }
    options_done(&run.options);
    return status;
}
