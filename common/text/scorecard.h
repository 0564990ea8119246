/* common/text/scorecard.h — a trained model as integer points for features a person can read.
 *
 *   score = base + the points of every feature that holds, cut to 0..cap
 *
 * A feature is an attribute that has a value, is in a range, or is not there; or a word or a pair
 * of characters of the text (tokens.h), which counts once however often it stands there. The daemon
 * and redress-train score with this one file. Pure, integers only; a text is read once, each token
 * is one look into a table. Source: redress-scorecard(5). */
#pragma once

#include "common/base/arena.h"
#include "common/base/base.h"
#include "common/wire/value.h"

enum {
    RD_CARD_FEATURES_MAX = 20000,
    RD_CARD_ATTRIBUTES_MAX = 64,
    RD_CARD_POINTS_MAX = 100,  /* of a feature, either sign */
    RD_CARD_BASE_MAX = 100000, /* either sign */
    RD_CARD_CODE_BYTES_MAX = 64,
    RD_CARD_CHECKSUM_TEXT = 17, /* digits and a NUL */
    RD_CARD_DETAIL_BYTES = 192, /* of the reason's detail */
    RD_CARD_TOLD = 5,           /* features named in it */
};

#define RD_CARD_NUMBER_MAX (INT64_C(1) << 53) /* of a range's end, either sign */

enum rd_card_kind {
    RD_CARD_VALUE,  /* the attribute's value is `text`; of a list, one of them is */
    RD_CARD_RANGE,  /* from ≤ value < below, whole units of the currency for an amount */
    RD_CARD_ABSENT, /* there is no such attribute */
    RD_CARD_TOKEN,  /* `text` is a token of the text */
};

struct rd_card_feature {
    enum rd_card_kind kind;
    int32_t points;
    struct rd_str attribute; /* "issue", "attributes.state"; empty for a token */
    struct rd_str text;      /* of a VALUE or a TOKEN (folded) */
    int64_t from, below;     /* INT64_MIN, INT64_MAX: open at that end */
};

struct rd_card {        /* as written */
    struct rd_str code; /* of its reason */
    int32_t base, cap;  /* cap: 1..100 */
    const struct rd_card_feature *features;
    size_t feature_count;
};

struct rd_scorecard; /* compiled, immutable, in the arena it was made in */

/* The card's texts are borrowed. NULL: *ret_bad is the index of the feature that is wrong, ret_what
 * says how: doubled, ranges that overlap, a text that is no token, too many attributes. */
struct rd_scorecard *rd_scorecard_compile(const struct rd_card *card, struct rd_arena *arena,
        size_t *ret_bad, char ret_what[static 200]);
const struct rd_card *rd_scorecard_card(const struct rd_scorecard *scorecard);
bool rd_scorecard_reads_text(const struct rd_scorecard *scorecard); /* it has tokens */

struct rd_card_score {
    int32_t points;       /* 0..cap */
    const uint32_t *hits; /* indexes of the features that hold, each once, ascending */
    size_t hit_count;
};

/* `folded` is the event's text, folded; not looked at where the card has no tokens. Hits live in
 * `arena`. The same answer on every machine. */
struct rd_card_score rd_scorecard_score(const struct rd_scorecard *scorecard, rd_lookup_fn *lookup,
        const void *context, struct rd_str folded, struct rd_arena *arena);
/* The strongest of the hits by what they weigh, as the reason's detail: "issue Mortgage +7, lawyer
 * +5, age 60..74 -2". */
struct rd_str rd_scorecard_detail(const struct rd_scorecard *scorecard,
        const struct rd_card_score *score, struct rd_arena *arena);
/* "issue Mortgage", "age 60..74", "state absent", "lawyer". */
struct rd_str rd_card_feature_text(const struct rd_card_feature *feature, struct rd_arena *arena);
/* Over all that the score depends on, in the order written (XXH64). */
uint64_t rd_card_checksum(const struct rd_card *card);
void rd_card_checksum_text(const struct rd_card *card, char ret_text[static RD_CARD_CHECKSUM_TEXT]);
