/* daemon/store/rows/gone_row.h — table `by_key`, customers' cases that are kept no longer: the
 * numbers of their events, by which an erasure finds the bodies in journals and archives.
 *
 * Key: by_key.h; the entry is the newest of the history that the row is about. Value: version u8 =
 * 1, then the events' numbers, varints. Example, events 5 and 3: 01 05 03. */
#pragma once

#include "common/base/buf.h"
#include "common/base/digest.h"
#include "daemon/store/rows/by_key.h"

void gone_row_put(struct store_view *view, const uint8_t customer[static RD_DIGEST_BYTES],
        uint64_t number, uint64_t entry, const uint64_t *seqs, size_t count);
/* The next row of the customer behind *key (empty: the first). False: none. The value is borrowed
 * as store_get(). */
bool gone_row_next(struct store_view *view, const uint8_t customer[static RD_DIGEST_BYTES],
        struct row_key *key, struct rd_str *ret_value);
/* A value's numbers, one a call; begins with gone_row_read(). 0: no more. */
struct rd_get gone_row_read(struct rd_str value);
uint64_t gone_row_seq(struct rd_get *get);
