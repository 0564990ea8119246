/* daemon/desk/appraisal.h — units beside each other, by the weights of figures.appraisal. This room
 * only. */
#pragma once

#include "daemon/desk/figure.h"

struct appraised {  /* one for each group of a tally, in its order */
    bool is_small;  /* fewer complaints than small_n: listed, not ranked */
    bool is_last;   /* among the last quarter of those ranked */
    int64_t points; /* hundredths */
    uint32_t rank;  /* from 1; 0: none */
};

/* In the call's arena. NULL: nothing is appraised (no weights, or no units). */
struct appraised *appraise(const struct tally_question *question, const struct tally *tally);
