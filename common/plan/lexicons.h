/* common/plan/lexicons.h — the points that a text gets from the lexicons of a configuration.
 *
 * Terms of one lexicon that overlap in the text: the longest is taken first, of equal length the
 * first in the file; what overlaps one that is taken is not, elsewhere it may be. A term counts
 * once, however often it is taken; patterns stand apart. A lexicon's sum is cut to 0..cap (cap 0:
 * no upper end), so a term with negative points is a guard for the others.
 * Work and memory grow with the occurrences in the text, not with the terms. Pure.
 * Source: redress.yaml(5), "lexicons". */
#pragma once

#include "common/base/arena.h"
#include "common/plan/plan.h"

struct rd_lexicon_score {
    int32_t points;        /* 0..cap */
    const uint32_t *terms; /* indexes into the lexicon's terms that counted, in file order */
    size_t term_count;
};

/* `folded` by rd_fold_text(). Returns plan->lexicon_count scores, in `arena`. The scratch is of
 * plan->terms. */
const struct rd_lexicon_score *rd_lexicons_score(const struct rd_plan_assessment *plan,
        struct rd_terms_scratch *scratch, struct rd_str folded, struct rd_arena *arena);
