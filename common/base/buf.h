/* common/base/buf.h — a growing byte builder with a limit and a sticky error, and its reader.
 *
 * The codec of every row and journal header: fixed big-endian numbers (so that memcmp of keys is
 * order), LEB128 varints, zigzag for signed, bytes with a varint length. After the first error
 * (-EMSGSIZE) puts do nothing: put ten times, look once. Memory is owned by the buf; it is kept
 * over a reset, so that a steady state does not call malloc. The short paths are inline: every row
 * of every event goes through here. */
#pragma once

#include <string.h>

#include "common/base/base.h"

struct rd_buf {
    uint8_t *ptr;
    size_t len, cap, limit_bytes;
    const uint8_t *lent; /* the room it began with; NULL: none */
    int error;           /* 0 or -EMSGSIZE */
};

void rd_buf_init(struct rd_buf *buf, size_t limit_bytes);
/* Begins in `size` bytes that are lent until rd_buf_done(), on the caller's stack say: what fits
 * into them costs no malloc. */
void rd_buf_init_in(struct rd_buf *buf, uint8_t *room, size_t size, size_t limit_bytes);
void rd_buf_done(struct rd_buf *buf);
void rd_buf_reset(struct rd_buf *buf);              /* empty again, memory kept, error cleared */
struct rd_str rd_buf_str(const struct rd_buf *buf); /* borrowed until the next put */

/* The long way of rd_buf_extend(): more memory, or the sticky error and NULL. */
uint8_t *rd_buf_grow(struct rd_buf *buf, size_t size);

/* Room for `size` bytes at the end, already counted in len; NULL on the sticky error. */
static inline uint8_t *rd_buf_extend(struct rd_buf *buf, size_t size)
{
    if (__builtin_expect(buf->error != 0 || size >= buf->cap - buf->len, 0)) {
        return rd_buf_grow(buf, size);
    }
    uint8_t *room = buf->ptr + buf->len;
    buf->len += size;
    return room;
}

static inline void rd_buf_put(struct rd_buf *buf, const void *bytes, size_t size)
{
    uint8_t *room = rd_buf_extend(buf, size);
    if (room != NULL && size > 0) {
        memcpy(room, bytes, size);
    }
}

static inline void rd_buf_put_u8(struct rd_buf *buf, uint8_t value)
{
    uint8_t *room = rd_buf_extend(buf, sizeof value);
    if (room != NULL) {
        *room = value;
    }
}

static inline void rd_buf_put_u16(struct rd_buf *buf, uint16_t value) /* big-endian, as all fixed */
{
    uint16_t big = __builtin_bswap16(value);
    rd_buf_put(buf, &big, sizeof big);
}

static inline void rd_buf_put_u32(struct rd_buf *buf, uint32_t value)
{
    uint32_t big = __builtin_bswap32(value);
    rd_buf_put(buf, &big, sizeof big);
}

static inline void rd_buf_put_u64(struct rd_buf *buf, uint64_t value)
{
    uint64_t big = __builtin_bswap64(value);
    rd_buf_put(buf, &big, sizeof big);
}

/* The sign bit is flipped: memcmp is order. */
static inline void rd_buf_put_i64(struct rd_buf *buf, int64_t value)
{
    rd_buf_put_u64(buf, (uint64_t)value ^ (UINT64_C(1) << 63));
}

void rd_buf_put_long(struct rd_buf *buf, uint64_t value); /* a varint of more than one byte */

static inline void rd_buf_put_uint(struct rd_buf *buf, uint64_t value) /* varint */
{
    if (value < 0x80) {
        rd_buf_put_u8(buf, (uint8_t)value);
    } else {
        rd_buf_put_long(buf, value);
    }
}

static inline void rd_buf_put_int(struct rd_buf *buf, int64_t value) /* zigzag varint */
{
    uint64_t sign = value < 0 ? UINT64_MAX : 0;
    rd_buf_put_uint(buf, ((uint64_t)value << 1) ^ sign);
}

static inline void rd_buf_put_str(struct rd_buf *buf, struct rd_str text)
{
    rd_buf_put_uint(buf, text.len);
    rd_buf_put(buf, text.ptr, text.len);
}

static inline void rd_buf_put_text(struct rd_buf *buf, struct rd_str text) /* bytes, no length */
{
    rd_buf_put(buf, text.ptr, text.len);
}

/* Wants one byte of room more than the text, for printf's NUL, which is not kept. */
void rd_buf_printf(struct rd_buf *buf, const char *format, ...) RD_PRINTF(2, 3);

/* Reads what rd_buf_put_* wrote. After the first error (-EBADMSG: too short, an overlong or
 * overflowing varint) every get returns 0 or the empty text. */
struct rd_get {
    const uint8_t *ptr, *end; /* after an error both the same: whatever comes then is too short */
    int error;
};

struct rd_get rd_get_of(struct rd_str bytes);
uint64_t rd_get_fail(struct rd_get *get); /* sets the sticky error; 0 */

static inline size_t rd_get_left(const struct rd_get *get)
{
    return (size_t)(get->end - get->ptr);
}

static inline uint8_t rd_get_u8(struct rd_get *get)
{
    if (__builtin_expect(get->ptr == get->end, 0)) {
        return (uint8_t)rd_get_fail(get);
    }
    return *get->ptr++;
}

static inline uint16_t rd_get_u16(struct rd_get *get)
{
    uint16_t big;
    if (__builtin_expect(rd_get_left(get) < sizeof big, 0)) {
        return (uint16_t)rd_get_fail(get);
    }
    memcpy(&big, get->ptr, sizeof big);
    get->ptr += sizeof big;
    return __builtin_bswap16(big);
}

static inline uint32_t rd_get_u32(struct rd_get *get)
{
    uint32_t big;
    if (__builtin_expect(rd_get_left(get) < sizeof big, 0)) {
        return (uint32_t)rd_get_fail(get);
    }
    memcpy(&big, get->ptr, sizeof big);
    get->ptr += sizeof big;
    return __builtin_bswap32(big);
}

static inline uint64_t rd_get_u64(struct rd_get *get)
{
    uint64_t big;
    if (__builtin_expect(rd_get_left(get) < sizeof big, 0)) {
        return rd_get_fail(get);
    }
    memcpy(&big, get->ptr, sizeof big);
    get->ptr += sizeof big;
    return __builtin_bswap64(big);
}

/* Returns 0 on error; without this check the flipped sign bit would turn it into another number. */
static inline int64_t rd_get_i64(struct rd_get *get)
{
    uint64_t flipped = rd_get_u64(get);
    return get->error == 0 ? (int64_t)(flipped ^ (UINT64_C(1) << 63)) : 0;
}

uint64_t rd_get_long(struct rd_get *get); /* a varint of more than one byte */

static inline uint64_t rd_get_uint(struct rd_get *get)
{
    if (__builtin_expect(get->ptr != get->end && *get->ptr < 0x80, 1)) {
        return *get->ptr++;
    }
    return rd_get_long(get);
}

static inline int64_t rd_get_int(struct rd_get *get)
{
    uint64_t zigzag = rd_get_uint(get);
    uint64_t sign = (zigzag & 1) != 0 ? UINT64_MAX : 0;
    return (int64_t)((zigzag >> 1) ^ sign);
}

/* A varint that must be ≤ max, else the sticky error and 0. */
static inline uint64_t rd_get_uint_max(struct rd_get *get, uint64_t max)
{
    uint64_t value = rd_get_uint(get);
    return value <= max ? value : rd_get_fail(get);
}

static inline struct rd_str rd_get_bytes(struct rd_get *get, size_t size)
{
    if (__builtin_expect(rd_get_left(get) < size, 0)) {
        return (struct rd_str){.ptr = "", .len = rd_get_fail(get)};
    }
    struct rd_str bytes = {.ptr = (const char *)get->ptr, .len = size};
    get->ptr += size;
    return bytes;
}

/* Borrowed from the bytes read. */
static inline struct rd_str rd_get_str(struct rd_get *get)
{
    uint64_t size = rd_get_uint(get);
    return rd_get_bytes(get, size);
}

/* 0 if all was read without error, else -EBADMSG. */
RD_MUST_USE int rd_get_end(const struct rd_get *get);
