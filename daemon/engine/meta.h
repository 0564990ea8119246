/* daemon/engine/meta.h — the counters of the tables, in one row of `meta`. */
#pragma once

#include "daemon/engine/state.h"

/* False: the state is new, *ret_counters untouched. */
bool meta_read(struct store_view *view, struct counters *ret_counters);
void meta_write(struct store_view *view, const struct counters *counters);
