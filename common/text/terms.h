/* common/text/terms.h — thousands of terms and patterns found in a text at once (vectorscan).
 *
 * Terms are literals, folded (fold.h) by the caller, or patterns (vectorscan's PCRE subset, UTF-8,
 * without regard to case, as the text is folded; not able to match the empty text). Literals cost
 * one pass of some 1 ns a byte however many they are, patterns a second one of 5 to 10 ns a byte.
 * A literal with an ASCII letter or digit at an edge needs none beside it there; Chinese characters
 * are edges for it ("找lawyer" hits "lawyer", "lawyers" does not). Which of several that overlap
 * count is the caller's choice (lexicons.h). Compiled once, immutable; scratch memory is the
 * caller's, one a thread. Compiling takes some 6 ms a pattern with gaps.
 * Source: redress.yaml(5), "lexicons". */
#pragma once

#include "common/base/base.h"

struct rd_term {
    struct rd_str text;
    bool is_pattern;
};

struct rd_terms;
struct rd_terms_scratch;

/* 0; -EINVAL for a pattern that does not compile or an empty term (*ret_bad its index, *ret_what
 * what is wrong). Borrows nothing after the return. count 0 is fine and finds nothing. */
RD_MUST_USE int rd_terms_compile(const struct rd_term *terms, size_t count,
        struct rd_terms **ret_terms, size_t *ret_bad, char ret_what[static 200]);
void rd_terms_free(struct rd_terms *terms);
struct rd_terms_scratch *rd_terms_scratch_new(const struct rd_terms *terms);
void rd_terms_scratch_free(struct rd_terms_scratch *scratch);

/* One occurrence of a term. Those of one term come in the order of the text. */
struct rd_terms_place {
    uint32_t index;      /* of the term */
    uint32_t slot;       /* numbers the terms of this text, by first occurrence, from 0 */
    uint32_t nth;        /* occurrence of the term, from 0 */
    uint32_t start, end; /* in bytes; of a pattern only the end is known, and `start` is `end` */
    bool is_pattern;
};
typedef void (*rd_terms_fn)(void *context, const struct rd_terms_place *place);

/* Tells each occurrence of each literal, and the first of each pattern. The order between terms is
 * the machine's: the caller's result must not depend on it. Text: valid UTF-8, folded by
 * rd_fold_text(). No allocation. */
void rd_terms_each(const struct rd_terms *terms, struct rd_terms_scratch *scratch,
        struct rd_str folded, rd_terms_fn fn, void *context);
/* Of a pattern that was found in it: what of the text it is, leftmost first, by PCRE2, which knows
 * where a match begins. Of a literal, and where PCRE2 reads the pattern otherwise than vectorscan
 * does or gives up, or *budget is used up: empty. Never decides whether there is a match. */
struct rd_str rd_terms_evidence(
        const struct rd_terms *terms, size_t index, struct rd_str folded, size_t *budget);
