/* common/buf.h — a growing byte builder with a limit and a sticky error, and its reader.
 *
 * The codec of every row and journal header: fixed big-endian numbers (so that memcmp of keys is
 * order), LEB128 varints, zigzag for signed, bytes with a varint length. After the first error
 * (-EMSGSIZE) puts do nothing: put ten times, look once. Memory is owned by the buf. */
#pragma once

#include "common/base.h"

struct rd_buf {
    uint8_t *ptr;
    size_t len, cap, limit_bytes;
    int error; /* 0 or -EMSGSIZE */
};

void rd_buf_init(struct rd_buf *buf, size_t limit_bytes);
void rd_buf_done(struct rd_buf *buf);
void rd_buf_reset(struct rd_buf *buf); /* empty again, memory kept, error cleared */
struct rd_str rd_buf_str(const struct rd_buf *buf); /* borrowed until the next put */

/* Room for `size` bytes at the end, already counted in len; NULL on the sticky error. */
uint8_t *rd_buf_extend(struct rd_buf *buf, size_t size);
void rd_buf_put(struct rd_buf *buf, const void *bytes, size_t size);
void rd_buf_put_u8(struct rd_buf *buf, uint8_t value);
void rd_buf_put_u16(struct rd_buf *buf, uint16_t value); /* big-endian, as all fixed ones */
void rd_buf_put_u32(struct rd_buf *buf, uint32_t value);
void rd_buf_put_u64(struct rd_buf *buf, uint64_t value);
void rd_buf_put_i64(struct rd_buf *buf, int64_t value); /* sign bit flipped: memcmp is order */
void rd_buf_put_uint(struct rd_buf *buf, uint64_t value); /* varint */
void rd_buf_put_int(struct rd_buf *buf, int64_t value);   /* zigzag varint */
void rd_buf_put_str(struct rd_buf *buf, struct rd_str text);
void rd_buf_put_text(struct rd_buf *buf, struct rd_str text); /* the bytes alone, no length */
void rd_buf_printf(struct rd_buf *buf, const char *format, ...) RD_PRINTF(2, 3);

/* Reads what rd_buf_put_* wrote. After the first error (-EBADMSG: too short, an overlong or
 * overflowing varint) every get returns 0 or the empty text. */
struct rd_get {
    const uint8_t *ptr, *end;
    int error;
};

struct rd_get rd_get_of(struct rd_str bytes);
uint8_t rd_get_u8(struct rd_get *get);
uint16_t rd_get_u16(struct rd_get *get);
uint32_t rd_get_u32(struct rd_get *get);
uint64_t rd_get_u64(struct rd_get *get);
int64_t rd_get_i64(struct rd_get *get);
uint64_t rd_get_uint(struct rd_get *get);
int64_t rd_get_int(struct rd_get *get);
/* A varint that must be ≤ max, else the sticky error and 0. */
uint64_t rd_get_uint_max(struct rd_get *get, uint64_t max);
struct rd_str rd_get_str(struct rd_get *get); /* borrowed from the bytes read */
struct rd_str rd_get_bytes(struct rd_get *get, size_t size);
/* 0 if all was read without error, else -EBADMSG. */
RD_MUST_USE int rd_get_end(const struct rd_get *get);
