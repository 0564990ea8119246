/* common/text/match_pattern.h — the pattern of a matcher: PCRE2, bounded, without the heap.
 *
 * UTF, unanchored, no JIT. A search has memory of its own on the stack; its steps are counted over
 * the whole text, and one that takes too many does not match, on every machine alike, so that a
 * replay agrees. Immutable: two threads may search at once.
 * For match.c and terms.c; the owner keeps the list they stand in. */
#pragma once

#include "common/base/arena.h"

struct rd_pattern {
    struct rd_pattern *next;
    void *code;   /* PCRE2's */
    size_t bytes; /* of that */
    size_t run;   /* the longest repeat it insists on */
};

/* In `arena`, but for what rd_pattern_done() frees. 0; -EINVAL and *ret_what: PCRE2's words and the
 * position in the pattern. */
RD_MUST_USE int rd_pattern_compile(struct rd_str text, struct rd_arena *arena,
        struct rd_pattern **ret_pattern, char ret_what[static 200]);
void rd_pattern_done(struct rd_pattern *pattern);
/* What searches of a value of so many bytes may cost together. */
size_t rd_pattern_budget(size_t bytes);
/* Takes what it costs out of *budget; false also where that is used up. */
bool rd_pattern_matches(const struct rd_pattern *pattern, struct rd_str text, size_t *budget);
/* What of the text matches, leftmost first; false: nothing. The search may cost what one of a text
 * of this size may, and no more than *budget, which many share. */
bool rd_pattern_find(const struct rd_pattern *pattern, struct rd_str text, size_t *budget,
        struct rd_str *ret_found);
