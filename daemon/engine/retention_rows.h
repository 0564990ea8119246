/* daemon/engine/retention_rows.h — rows of tables without cases that are kept no longer: one a
 * call. */
#pragma once

#include "daemon/engine/state.h"

/* Each looks at the row behind *key (empty: the first), moves *key to it, in the record's arena,
 * and removes it where it is older than `until` and nothing speaks of it. False: there is no next.
 */
bool retention_contract(struct engine *engine, struct rd_str *key, rd_time until);
bool retention_silence(struct engine *engine, struct rd_str *key, rd_time until);
/* *ret_cost: where it was removed, for what is known of its numbers. */
bool retention_source(struct engine *engine, struct rd_str *key, rd_time until, uint32_t *ret_cost);
