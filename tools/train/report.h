/* tools/train/report.h — what was learned and how good it is, for people and as JSON. */
#pragma once

#include "common/text/scorecard.h"
#include "tools/train/leak.h"
#include "tools/train/learn.h"
#include "tools/train/measure.h"

enum { REPORT_LEAKS_MAX = 20, REPORT_STRONGEST = 15 };

struct report {
    const struct dataset *dataset; /* NULL: a card was read, not learned */
    const struct fitted *fitted;
    double model_auc; /* of the model before its weights were made points, same rows */
    const struct rd_card *card;
    const struct figures *figures;
    struct leak leaks[REPORT_LEAKS_MAX];
    size_t leak_count;
    uint64_t bad, unknown;
    const char *bad_what;
};

void report_text(const struct report *report);
void report_json(const struct report *report);
/* One row of the history: what each feature gave it. */
void report_row(const struct rd_scorecard *card, const struct rd_card_score *score,
        const struct history_row *row, bool is_json);
