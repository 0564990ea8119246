/* daemon/store/filter.h — which keys are surely not there, without a look at any table.
 *
 * Most of what an event looks up is not there: the subject of a new complaint, a new customer's
 * other cases, members of a window. Each such look went down two trees in memory and one of LMDB.
 * Here a Bloom filter, one cache line a look, says "surely none" for the prefixes of two tables.
 * It is a hint and no state: it is made anew at each start, dropping it changes no result.
 *
 * The turn's thread adds every prefix it puts. What stood in LMDB before is added by a thread of
 * its own; until that has been through, everything may be there. When twice as many prefixes came
 * as there is room for, a wider filter is filled in the same way while the old one goes on. */
#pragma once

#include "daemon/store/dbenv.h"
#include "daemon/store/overlay.h"

struct filter;

/* Begins to read what LMDB has. 0 or -errno. `keys_first`: room to begin with (0: the usual). */
RD_MUST_USE int filter_open(
        const struct dbenv *env, uint64_t seed, uint64_t keys_first, struct filter **ret_filter);
void filter_close(struct filter *filter); /* waits for its thread; accepts NULL */

/* How many bytes of a key its table's filter looks at; 0: the table has none; STORE_KEY_MAX: all.
 */
size_t filter_prefix(enum store_table table);
/* The turn's thread. `key`: at least the prefix; what is behind it does not count. */
void filter_add(struct filter *filter, enum store_table table, struct rd_str key);
bool filter_may_have(struct filter *filter, enum store_table table, struct rd_str prefix);
/* To call after a checkpoint, with what was put since: a fuller filter begins to grow. */
void filter_grow(struct filter *filter, const struct overlay *active);
/* For tests: waits until all that LMDB had is in. */
void filter_settle(struct filter *filter);
