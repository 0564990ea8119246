/* common/terms.h — thousands of terms and patterns found in a text at once (vectorscan).
 *
 * Terms are literals, folded (fold.h) by the caller, or patterns (vectorscan's PCRE subset, UTF-8,
 * without regard to case, as the text is folded; not able to match the empty text). Literals cost
 * one pass of some 1 ns a byte however many they are, patterns a second one of 5 to 10 ns a byte.
 * A literal with an ASCII letter or digit at an edge needs none beside it there; Chinese characters
 * are edges for it ("找lawyer" hits "lawyer", "lawyers" does not). Overlapping terms all count; a
 * term counts once. Compiled once, immutable; scratch memory is the caller's, one a thread.
 * Source: DOMAIN "Assessment", redress.yaml(5) "lexicons". */
#pragma once

#include "common/base.h"

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

/* Sets found[i] for each term that occurs; `found` has `count` entries and is cleared first.
 * ret_end, if not NULL, gets per term found (and for no other) the byte offset behind its first
 * occurrence. The text is valid UTF-8. No allocation. */
void rd_terms_find(const struct rd_terms *terms, struct rd_terms_scratch *scratch,
        struct rd_str folded, bool *found, uint32_t *ret_end);
/* Of a pattern that was found in it: what of the text it is, leftmost first, by PCRE2, which knows
 * where a match begins. Of a literal, and where PCRE2 reads the pattern otherwise than vectorscan
 * does or gives up: empty. Never decides whether there is a match. */
struct rd_str rd_terms_evidence(const struct rd_terms *terms, size_t index, struct rd_str folded);
