/* common/base/digest.h — short names for long keys (libsodium), 128 bits each.
 *
 * rd_digest() is SipHash-2-4 of each part, keyed by the digest of the parts before it, so
 * ("ab","c") and ("a","bc") differ. It is for customers, phones and other keys whose text a peer
 * may choose anyway: who makes two of his texts share a digest could have sent the same text twice.
 * rd_digest_id() is BLAKE2b: a source must not find an id that makes another's event a duplicate.
 */
#pragma once

#include "common/base/base.h"

enum { RD_DIGEST_BYTES = 16, RD_HASH_BYTES = 32 };

void rd_digest(
        const struct rd_str *parts, size_t count, uint8_t ret_digest[static RD_DIGEST_BYTES]);
void rd_digest1(struct rd_str text, uint8_t ret_digest[static RD_DIGEST_BYTES]);
void rd_digest_id(
        struct rd_str source, struct rd_str id, uint8_t ret_digest[static RD_DIGEST_BYTES]);
/* BLAKE2b, 256 bits. */
void rd_hash(struct rd_str bytes, uint8_t ret_hash[static RD_HASH_BYTES]);
/* XXH3, 64 bits, for telling two values of one sender apart: who makes his own collide gains
 * nothing. */
uint64_t rd_digest_word(struct rd_str bytes, uint64_t seed);
/* XXH3, 128 bits, for telling whether bytes came before in this process's life or the last one's;
 * who does not know the seed cannot make two texts share one. */
void rd_fingerprint(struct rd_str bytes, uint64_t seed, uint8_t ret_digest[static RD_DIGEST_BYTES]);
