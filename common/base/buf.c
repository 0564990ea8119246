#include "common/base/buf.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

enum { CAP_MIN = 256, VARINT_MAX = 10, VARINT_BITS = 7, MORE = 0x80 };

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "put_u16 and kin swap");

void rd_buf_init(struct rd_buf *buf, size_t limit_bytes)
{
    *buf = (struct rd_buf){.limit_bytes = limit_bytes};
}

void rd_buf_init_in(struct rd_buf *buf, uint8_t *room, size_t size, size_t limit_bytes)
{
    size_t cap = size < limit_bytes ? size : limit_bytes;
    *buf = (struct rd_buf){.ptr = room, .cap = cap, .limit_bytes = limit_bytes, .lent = room};
}

void rd_buf_done(struct rd_buf *buf)
{
    if (buf->ptr != buf->lent) {
        free(buf->ptr);
    }
    *buf = (struct rd_buf){.limit_bytes = buf->limit_bytes};
}

void rd_buf_reset(struct rd_buf *buf)
{
    buf->len = 0;
    buf->error = 0;
}

struct rd_str rd_buf_str(const struct rd_buf *buf)
{
    return (struct rd_str){.ptr = (const char *)buf->ptr, .len = buf->len};
}

uint8_t *rd_buf_grow(struct rd_buf *buf, size_t size)
{
    RD_ASSERT(buf->len <= buf->cap);
    RD_ASSERT(buf->cap <= buf->limit_bytes);
    if (buf->error != 0) {
        return NULL;
    }
    if (size > buf->limit_bytes - buf->len) {
        buf->error = -EMSGSIZE;
        return NULL;
    }
    size_t need = buf->len + size;
    if (need > buf->cap || buf->ptr == NULL) {
        size_t cap = buf->cap > buf->limit_bytes / 2 ? buf->limit_bytes : 2 * buf->cap;
        cap = cap < CAP_MIN ? CAP_MIN : cap;
        cap = cap < need ? need : cap;
        cap = cap > buf->limit_bytes ? buf->limit_bytes : cap;
        bool is_lent = buf->lent != NULL && buf->ptr == buf->lent;
        uint8_t *ptr = realloc(is_lent ? NULL : buf->ptr, cap > 0 ? cap : 1);
        if (ptr == NULL) {
            rd_oom();
        }
        if (is_lent && buf->len > 0) {
            memcpy(ptr, buf->ptr, buf->len);
        }
        buf->ptr = ptr;
        buf->cap = cap;
    }
    uint8_t *room = buf->ptr + buf->len;
    buf->len = need;
    return room;
}

#define HIGH_BITS UINT64_C(0x8080808080808080)

/* Each seven bits of the lower 56 get a byte of their own, the lowest first; and back. */
static uint64_t spread(uint64_t value)
{
    value = (value & UINT64_C(0x00fffffff0000000)) << 4 | (value & UINT64_C(0x000000000fffffff));
    value = (value & UINT64_C(0x0fffc0000fffc000)) << 2 | (value & UINT64_C(0x00003fff00003fff));
    return (value & UINT64_C(0x3f803f803f803f80)) << 1 | (value & UINT64_C(0x007f007f007f007f));
}

static uint64_t gather(uint64_t word)
{
    word = (word & UINT64_C(0x7f007f007f007f00)) >> 1 | (word & UINT64_C(0x007f007f007f007f));
    word = (word & UINT64_C(0x3fff00003fff0000)) >> 2 | (word & UINT64_C(0x00003fff00003fff));
    return (word & UINT64_C(0x0fffffff00000000)) >> 4 | (word & UINT64_C(0x000000000fffffff));
}

/* Byte by byte: what has nine or ten of them, or stands at the very end of the room. */
static __attribute__((noinline)) void put_bytes(struct rd_buf *buf, uint64_t value)
{
    uint8_t bytes[VARINT_MAX];
    size_t size = 0;
    while (value >= MORE) {
        bytes[size++] = (uint8_t)(value | MORE);
        value >>= VARINT_BITS;
    }
    bytes[size++] = (uint8_t)value;
    rd_buf_put(buf, bytes, size);
}

void rd_buf_put_long(struct rd_buf *buf, uint64_t value)
{
    if (value >> (VARINT_BITS * sizeof value) != 0 || buf->error != 0 ||
            buf->cap - buf->len < sizeof value) {
        put_bytes(buf, value);
        return;
    }
    /* What a time needs: its groups are spread over eight bytes at once. */
    uint64_t word = spread(value);
    unsigned before = (63U - (unsigned)__builtin_clzll(word)) & ~7U; /* bits of its other bytes */
    word |= HIGH_BITS & ((UINT64_C(1) << before) - 1);
    memcpy(buf->ptr + buf->len, &word, sizeof word);
    buf->len += before / 8 + 1;
}

void rd_buf_printf(struct rd_buf *buf, const char *format, ...)
{
    va_list args, again;
    size_t left = buf->error == 0 ? buf->cap - buf->len : 0;
    va_start(args, format);
    va_copy(again, args);
    int length = vsnprintf(left > 0 ? (char *)buf->ptr + buf->len : NULL, left, format, args);
    va_end(args);
    RD_ASSERT(length >= 0);
    if ((size_t)length < left) { /* nearly always: printed once */
        buf->len += (size_t)length;
        va_end(again);
        return;
    }
    /* vsnprintf() writes a NUL too: it is put, then taken back. */
    size_t size = (size_t)length + 1;
    uint8_t *room = rd_buf_extend(buf, size);
    if (room != NULL) {
        (void)vsnprintf((char *)room, size, format, again);
        buf->len--;
    }
    va_end(again);
}

struct rd_get rd_get_of(struct rd_str bytes)
{
    const uint8_t *ptr = (const uint8_t *)(bytes.ptr != NULL ? bytes.ptr : "");
    return (struct rd_get){.ptr = ptr, .end = ptr + bytes.len};
}

uint64_t rd_get_fail(struct rd_get *get)
{
    get->error = -EBADMSG;
    get->ptr = get->end;
    return 0;
}

static __attribute__((noinline)) uint64_t get_bytes(struct rd_get *get)
{
    uint64_t value = 0;
    for (unsigned shift = 0; get->ptr != get->end; shift += VARINT_BITS) {
        uint8_t byte = *get->ptr++;
        if (shift == VARINT_BITS * (VARINT_MAX - 1) && byte > 1) {
            return rd_get_fail(get); /* more than 64 bits */
        }
        value |= (uint64_t)(byte & (MORE - 1)) << shift;
        if (byte < MORE) {
            /* Refuses longer forms of the same number, so that bytes can be hashed and compared. */
            return byte != 0 || shift == 0 ? value : rd_get_fail(get);
        }
    }
    return rd_get_fail(get);
}

uint64_t rd_get_long(struct rd_get *get)
{
    uint64_t word = HIGH_BITS;
    if (rd_get_left(get) >= sizeof word) {
        memcpy(&word, get->ptr, sizeof word);
    }
    uint64_t ends = ~word & HIGH_BITS;
    if (ends == 0) { /* the number does not end within eight bytes, or they are not there */
        return get_bytes(get);
    }
    unsigned before = (unsigned)__builtin_ctzll(ends) & ~7U; /* bits of its other bytes */
    word &= ends ^ (ends - 1);
    if (before > 0 && word >> before == 0) {
        return rd_get_fail(get); /* as above: a longer form */
    }
    get->ptr += before / 8 + 1;
    return gather(word);
}

int rd_get_end(const struct rd_get *get)
{
    return get->error == 0 && get->ptr == get->end ? 0 : -EBADMSG;
}
