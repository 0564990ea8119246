/* daemon/engine/policy.h — which policy a case lives under, and its change to another. */
#pragma once

#include "common/wire/event_table.h"
#include "daemon/engine/attributes.h"

/* Matches in the present configuration, sets config, policy, clocks, ladder. */
void policy_apply(struct engine *engine, struct work *work);
/* Again, for an open case: clocks of the same name keep start, the ladder keeps start and rung.
 * False: the policy is the same one, though common clocks may have come or gone. */
bool policy_reapply(struct engine *engine, struct work *work);
/* policy_reapply(), if an attribute that the match of a policy or of a common clock names is
 * another than `before`. */
bool policy_follow(struct engine *engine, struct work *work, const struct attributes_seen *before);
/* policy_reapply(), if such a match names one of these keys. */
bool policy_follow_keys(struct engine *engine, struct work *work, rd_key_set keys);
