/* common/plan/masks.h — what of a warning and an alert may be told: words of the configuration
 * stay, what somebody wrote takes a key that `sees` text. Source: redress-protocol(7), "Masks". */
#pragma once

#include "common/plan/plan.h"
#include "common/text/mask.h"
#include "common/wire/alert.h"

/* `plan` may be NULL: nothing is known then. Texts are borrowed, or in `arena`. */

/* The configuration names it itself: a duty's title, a reason of pauses. */
bool rd_plan_names(const struct rd_plan *plan, enum rd_event_key key, struct rd_str text);
bool rd_plan_is_lexicon(const struct rd_plan *plan, struct rd_str code);
/* What a lexicon found, without what its patterns matched: that is the text's. The detail itself
 * where `code` is no lexicon's. */
struct rd_str rd_plan_known_terms(const struct rd_plan *plan, struct rd_str code,
        struct rd_str detail, struct rd_arena *arena);
/* A copy of `count` reasons, their details masked: what a rule saw of a hidden attribute, "customer
 * 4711", is not told. */
const struct rd_reason *rd_mask_reasons(const struct rd_plan *plan, const struct rd_reason *reasons,
        size_t count, const struct rd_hidden *hidden, struct rd_arena *arena);
/* Everything but `customer`, which is the caller's; what only the row has is taken out. */
void rd_mask_alert(const struct rd_plan *plan, struct rd_alert *alert,
        const struct rd_hidden *hidden, struct rd_arena *arena);
