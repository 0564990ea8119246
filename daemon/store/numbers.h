/* daemon/store/numbers.h — which formats a state has, read before any of its rows is trusted.
 *
 * Reads two rows of the newest snapshot of data.mdb with pread(2): no table but `meta` is looked
 * at, LMDB does not map the file, and every bound is checked. So a state of another version is
 * recognized by its number, and not reported as damaged.
 *
 * What stays alike in every version: row "schema" (dbenv.h), and the beginning of row "engine":
 * version u8, then varints of which the first is the position and the twelfth the engine number,
 * then the wall time as i64. */
#pragma once

#include "daemon/store/store.h"

/* Reads the file open at `fd`, which must not be written meanwhile. 0; -ENOENT (an LMDB file
 * without a schema number, so none of ours); -EPROTO (its format is unknown); -EBADMSG (a page or
 * row that had to be read is damaged); -errno. */
RD_MUST_USE int numbers_read(int fd, struct store_numbers *ret_numbers);

/* The same from the values of the two rows; `engine` empty: there is none yet. 0, -EPROTO,
 * -EBADMSG.
 */
RD_MUST_USE int numbers_of(
        struct rd_str schema, struct rd_str engine, struct store_numbers *ret_numbers);
