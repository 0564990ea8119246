/* daemon/store/rows/by_key.h — table `by_key`: what is known of a customer, or of another key that
 * windows count, side by side.
 *
 * Keys are digests (16 bytes, common/base/digest.h), so each key seen for the first time lies on a
 * page of its own once the table is large; a checkpoint copies that page once for all that is known
 * of it. Key: digest, what u8, then by what:
 *
 *   case:    number u64 → kind u8 (index_row.h)
 *   open:    kind u8, number u64 → empty; of a customer's cases those that are not over, duties
 *            excepted (index_row.h)
 *   contact: time i64, event seq u64 → empty (window_row.h, the ledger's)
 *   member:  window digest u64, in a window that counts distinct values the digest of the value (16
 *            bytes), time i64, event seq u64 → empty (window_row.h)
 *   gone:    case number u64, number u64 of a history entry → events of a case
 *            that is kept no longer (gone_row.h)
 *   screened: event seq u64 → the contract that was screened (screened_row.h)
 *   newest:  window digest u64, time i64 of the newest member of a value, digest of the value →
 *            empty (window_row.h); in windows that count distinct values only */
#pragma once

#include "daemon/store/rows/key.h"

enum by_key {
    BY_KEY_CASE = 1,
    BY_KEY_CONTACT = 2,
    BY_KEY_MEMBER = 3,
    BY_KEY_NEWEST = 4,
    BY_KEY_OPEN = 5,
    BY_KEY_GONE = 6,
    BY_KEY_SCREENED = 7,
};
enum { BY_KEY_DIGEST = 16, BY_KEY_PREFIX = BY_KEY_DIGEST + 1 };

static inline struct row_key by_key(const uint8_t digest[static BY_KEY_DIGEST], enum by_key what)
{
    struct row_key key = {0};
    row_key_bytes(&key, digest, BY_KEY_DIGEST);
    row_key_u8(&key, (uint8_t)what);
    return key;
}
