/* daemon/engine/policy.h — which policy a case lives under, and its change to another. */
#pragma once

#include "daemon/engine/state.h"

/* Matches in the present configuration, sets config, policy, clocks, ladder. */
void policy_apply(struct engine *engine, struct work *work);
/* Again, for an open case: clocks of the same name keep start, the ladder keeps start and rung.
 * False: the policy is the same one. */
bool policy_reapply(struct engine *engine, struct work *work);
bool policy_names(const struct rd_plan *plan, struct rd_str attribute);
/* True if a change of the key could change what a policy matches. */
bool policy_watches(const struct rd_plan *plan, enum rd_event_key key);
