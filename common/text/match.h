/* common/text/match.h — matchers: what a policy, rule, notice or silence applies to.
 *
 *   match   = map of attribute → test; all must hold; the empty map always holds
 *   test    = scalar   equals (text to text byte for byte; number to number; bool to bool)
 *           / list     any of its tests
 *           / ">=60" / ">60" / "<=5" / "<5"   numbers; money compares in whole units with places
 *           / "~RE"    pattern: PCRE2, UTF, unanchored (the RE says ^ and $), with limits
 *           / "!TEST"  not TEST; the only test that a missing attribute satisfies
 *
 * An attribute that is a list satisfies a test if one element does ("!x" if none is x). A number
 * stands also for its decimal text ("12378" as str equals the attribute 12378 and the other way,
 * and ">=60" takes a str "67"; "012" is no such text), a date and a time for theirs, and "!true"
 * for both the text and the truth. "!!", nested lists and numbers with more than two places are
 * refused.
 *
 * Compiled once from MessagePack (the normalised configuration), immutable: two threads may
 * evaluate one. Evaluating does not allocate. A pattern that exceeds its limits (the steps of a
 * search, counted over the whole text; 80 KiB of frames) does not match. Source: redress.yaml(5)
 * "match". */
#pragma once

#include "common/base/arena.h"
#include "common/base/sizes.h"
#include "common/wire/pack.h"
#include "common/wire/value.h"

struct rd_match;

/* Reads a map node. 0, -EINVAL (the message names the attribute and what is wrong; PCRE2's own
 * position is in it). Memory: `arena`, but for PCRE2's code, freed by rd_match_free(). */
RD_MUST_USE int rd_match_compile(rd_node map, struct rd_arena *arena, struct rd_match **ret_match,
        char ret_what[static 200]);
void rd_match_free(struct rd_match *match); /* NULL is fine */
bool rd_match_holds(const struct rd_match *match, rd_lookup_fn *lookup, const void *context);
/* The same, and its tests take what they cost out of *budget, which several matches share; where
 * that is used up, *budget is 0 and the match does not hold. */
bool rd_match_holds_within(
        const struct rd_match *match, rd_lookup_fn *lookup, const void *context, size_t *budget);
/* In bytes run over, of which thirteen to nineteen instructions each: of all silences for an alert;
 * for all alerts of an event or a timer; of all rules for a text, and of what reasons show of it.
 */
enum {
    RD_MATCH_BUDGET = 1024 * 1024,
    RD_MATCH_BUDGET_OF_ALL = 4 * RD_MATCH_BUDGET,
    RD_MATCH_BUDGET_OF_RULES = 16 * RD_MATCH_BUDGET,
};
/* Memory of its compiled patterns, which is PCRE2's and not the arena's. */
size_t rd_match_pattern_bytes(const struct rd_match *match);
/* True if the attribute `name` occurs in it ("attributes.x" and "contract.screened" whole). */
bool rd_match_names(const struct rd_match *match, struct rd_str name);
size_t rd_match_count(const struct rd_match *match);
struct rd_str rd_match_name_at(const struct rd_match *match, size_t index);
/* At most RD_SHOWN_CHARS_MAX characters of `text`, the value of that attribute, around what a
 * pattern of its test found, else its beginning; "…" stands where it was cut. Borrowed from `text`
 * where that is short enough. Searches cost of *budget. */
struct rd_str rd_match_shown(const struct rd_match *match, size_t index, struct rd_str text,
        size_t *budget, struct rd_arena *arena);
