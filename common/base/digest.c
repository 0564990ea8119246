#include "common/base/digest.h"

#include <assert.h>
#include <string.h>

#include <sodium.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

static_assert(RD_DIGEST_BYTES == crypto_shorthash_siphashx24_BYTES, "the digest is SipHash's");
static_assert(RD_DIGEST_BYTES == crypto_shorthash_siphashx24_KEYBYTES, "and keys the next part's");

void rd_digest(const struct rd_str *parts, size_t count, uint8_t ret_digest[static RD_DIGEST_BYTES])
{
    memset(ret_digest, 0, RD_DIGEST_BYTES);
    for (size_t i = 0; i < count; i++) {
        uint8_t key[RD_DIGEST_BYTES];
        memcpy(key, ret_digest, sizeof key);
        crypto_shorthash_siphashx24(ret_digest, (const uint8_t *)parts[i].ptr, parts[i].len, key);
    }
}

void rd_digest1(struct rd_str text, uint8_t ret_digest[static RD_DIGEST_BYTES])
{
    rd_digest(&text, 1, ret_digest);
}

static void hash_part(crypto_generichash_blake2b_state *state, struct rd_str part)
{
    uint8_t length[4] = {(uint8_t)(part.len >> 24), (uint8_t)(part.len >> 16),
            (uint8_t)(part.len >> 8), (uint8_t)part.len};
    crypto_generichash_blake2b_update(state, length, sizeof length);
    crypto_generichash_blake2b_update(state, (const uint8_t *)part.ptr, part.len);
}

void rd_digest_id(
        struct rd_str source, struct rd_str id, uint8_t ret_digest[static RD_DIGEST_BYTES])
{
    crypto_generichash_blake2b_state state;
    crypto_generichash_blake2b_init(&state, NULL, 0, RD_DIGEST_BYTES);
    hash_part(&state, source);
    hash_part(&state, id);
    crypto_generichash_blake2b_final(&state, ret_digest, RD_DIGEST_BYTES);
}

void rd_hash(struct rd_str bytes, uint8_t ret_hash[static RD_HASH_BYTES])
{
    crypto_generichash_blake2b(
            ret_hash, RD_HASH_BYTES, (const uint8_t *)bytes.ptr, bytes.len, NULL, 0);
}

uint64_t rd_digest_word(struct rd_str bytes, uint64_t seed)
{
    return XXH3_64bits_withSeed(bytes.ptr, bytes.len, seed);
}

void rd_fingerprint(struct rd_str bytes, uint64_t seed, uint8_t ret_digest[static RD_DIGEST_BYTES])
{
    XXH128_canonical_t canonical;
    XXH128_canonicalFromHash(&canonical, XXH3_128bits_withSeed(bytes.ptr, bytes.len, seed));
    _Static_assert(sizeof canonical == RD_DIGEST_BYTES, "128 bits");
    memcpy(ret_digest, &canonical, RD_DIGEST_BYTES);
}
