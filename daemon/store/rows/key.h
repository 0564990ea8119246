/* daemon/store/rows/key.h — composite keys, so that memcmp is order: big-endian, fixed width.
 *
 * Room for the parts of fixed width; keys with texts of strangers in them are made in a buf. */
#pragma once

#include <string.h>

#include "common/time/utime.h"
#include "daemon/store/store.h"

enum { ROW_KEY_MAX = 72 };

struct row_key {
    size_t len;
    uint8_t bytes[ROW_KEY_MAX];
};

static inline struct rd_str row_key_str(const struct row_key *key)
{
    return (struct rd_str){.ptr = (const char *)key->bytes, .len = key->len};
}

static inline void row_key_bytes(struct row_key *key, const void *bytes, size_t size)
{
    RD_ASSERT(key->len + size <= sizeof key->bytes);
    memcpy(key->bytes + key->len, bytes, size);
    key->len += size;
}

static inline void row_key_u8(struct row_key *key, uint8_t value)
{
    row_key_bytes(key, &value, 1);
}

static inline void row_key_u32(struct row_key *key, uint32_t value)
{
    uint32_t big = __builtin_bswap32(value);
    row_key_bytes(key, &big, sizeof big);
}

static inline void row_key_u64(struct row_key *key, uint64_t value)
{
    uint64_t big = __builtin_bswap64(value);
    row_key_bytes(key, &big, sizeof big);
}

/* Signed: the sign bit flipped, so that earlier times stand first. */
static inline void row_key_time(struct row_key *key, rd_time time)
{
    row_key_u64(key, (uint64_t)time ^ UINT64_C(0x8000000000000000));
}

static inline uint32_t row_key_read_u32(struct rd_str key, size_t at)
{
    RD_ASSERT(at + 4 <= key.len);
    uint32_t big;
    memcpy(&big, key.ptr + at, sizeof big);
    return __builtin_bswap32(big);
}

static inline uint64_t row_key_read_u64(struct rd_str key, size_t at)
{
    RD_ASSERT(at + 8 <= key.len);
    uint64_t big;
    memcpy(&big, key.ptr + at, sizeof big);
    return __builtin_bswap64(big);
}

static inline rd_time row_key_read_time(struct rd_str key, size_t at)
{
    return (rd_time)(row_key_read_u64(key, at) ^ UINT64_C(0x8000000000000000));
}
