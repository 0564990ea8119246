/* common/digest.h — short names for long keys: BLAKE2b of texts (libsodium).
 *
 * 128 bits against peers who choose the texts: two ids never share a digest by their doing. Each
 * part goes in with its length, so ("ab","c") and ("a","bc") differ. */
#pragma once

#include "common/base.h"

enum { RD_DIGEST_BYTES = 16, RD_HASH_BYTES = 32 };

void rd_digest(
        const struct rd_str *parts, size_t count, uint8_t ret_digest[static RD_DIGEST_BYTES]);
void rd_digest1(struct rd_str text, uint8_t ret_digest[static RD_DIGEST_BYTES]);
void rd_digest2(struct rd_str a, struct rd_str b, uint8_t ret_digest[static RD_DIGEST_BYTES]);
void rd_hash(struct rd_str bytes, uint8_t ret_hash[static RD_HASH_BYTES]);
