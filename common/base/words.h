/* common/base/words.h — the words that were found in a text, for people: each once, and none that
 * is part of another one. Pure. */
#pragma once

#include "common/base/base.h"

enum { RD_WORDS_MAX = 32 };
struct rd_words { /* begins zeroed; texts are borrowed; in the order they were added */
    struct rd_str at[RD_WORDS_MAX];
    size_t count;
};
/* Words with ", " between them, as a lexicon's reason has them in its detail. Beyond the limit they
 * are left out. */
void rd_words_add(struct rd_words *words, struct rd_str list);
