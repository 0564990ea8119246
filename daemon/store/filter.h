/* daemon/store/filter.h — which keys surely do not exist, without a look-up in any table.
 *
 * Most keys that an event looks up do not exist: the subject of a new complaint, a new customer's
 * other cases, members of a window. Each such look-up would descend two trees in memory and one of
 * LMDB. A Bloom filter, one cache line a look-up, answers "surely none" for the prefixes of two
 * tables. It is a hint and no state: it is made anew at each start, and dropping it changes no
 * result.
 *
 * The turn's thread adds every prefix it puts. Keys that LMDB had before are added by a separate
 * thread; until that has finished, the filter answers "maybe" for every key. When it holds twice as
 * many prefixes as it has room for, a wider filter is filled in the same way while the old one goes
 * on. */
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
/* On the turn's thread. `key` has at least the prefix; bytes after it do not count. */
void filter_add(struct filter *filter, enum store_table table, struct rd_str key);
bool filter_may_have(struct filter *filter, enum store_table table, struct rd_str prefix);
/* To be called after a checkpoint with the rows put since: lets a filter that has become too full
 * grow. */
void filter_grow(struct filter *filter, const struct overlay *active);
/* For tests: waits until all that LMDB had is in. */
void filter_settle(struct filter *filter);
