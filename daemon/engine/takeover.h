/* daemon/engine/takeover.h — digest.takeover: what was taken over quietly is told to its units. */
#pragma once

#include "daemon/engine/state.h"

/* At the end of a record that is not quiet, while counters.has_taken_over: to some units, in the
 * order of the configuration. Where others are left counters.is_telling stands. */
void takeover_tell(struct engine *engine);
