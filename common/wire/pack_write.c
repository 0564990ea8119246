#include <string.h>

#include <msgpack.h>

#include "common/wire/pack.h"

enum { ARRAY_32 = 0xdd, MAP_32 = 0xdf, HEAD_32_BYTES = 5 };

/* The buf keeps its own error; msgpack-c need not know of it. */
static int put(void *buf, const char *bytes, size_t size)
{
    rd_buf_put(buf, bytes, size);
    return 0;
}

static msgpack_packer packer(struct rd_buf *buf)
{
    msgpack_packer packer;
    msgpack_packer_init(&packer, buf, put);
    return packer;
}

void rd_pack_node(struct rd_buf *buf, rd_node node)
{
    msgpack_packer pk = packer(buf);
    if (node == NULL) {
        (void)msgpack_pack_nil(&pk);
    } else {
        (void)msgpack_pack_object(&pk, *node); /* recursion: 16 levels, the scan saw to it */
    }
}

void rd_pack_nil(struct rd_buf *buf)
{
    msgpack_packer pk = packer(buf);
    (void)msgpack_pack_nil(&pk);
}

void rd_pack_bool(struct rd_buf *buf, bool value)
{
    msgpack_packer pk = packer(buf);
    (void)(value ? msgpack_pack_true(&pk) : msgpack_pack_false(&pk));
}

void rd_pack_uint(struct rd_buf *buf, uint64_t value)
{
    msgpack_packer pk = packer(buf);
    (void)msgpack_pack_uint64(&pk, value);
}

void rd_pack_int(struct rd_buf *buf, int64_t value)
{
    msgpack_packer pk = packer(buf);
    (void)msgpack_pack_int64(&pk, value);
}

void rd_pack_str(struct rd_buf *buf, struct rd_str text)
{
    if (text.len < RD_PACK_SHORT_MAX) {
        rd_buf_put_u8(buf, (uint8_t)(RD_PACK_SHORT | text.len));
        rd_buf_put(buf, text.ptr, text.len);
        return;
    }
    msgpack_packer pk = packer(buf);
    RD_ASSERT(text.len <= UINT32_MAX);
    (void)msgpack_pack_str(&pk, text.len);
    rd_buf_put(buf, text.ptr, text.len);
}

void rd_pack_bin(struct rd_buf *buf, struct rd_str bytes)
{
    msgpack_packer pk = packer(buf);
    RD_ASSERT(bytes.len <= UINT32_MAX);
    (void)msgpack_pack_bin(&pk, bytes.len);
    rd_buf_put(buf, bytes.ptr, bytes.len);
}

void rd_pack_time(struct rd_buf *buf, rd_time time)
{
    time = time < RD_TIME_MIN ? RD_TIME_MIN : time > RD_TIME_MAX ? RD_TIME_MAX : time;
    msgpack_packer pk = packer(buf);
    int64_t rest_us = time % RD_SECOND_US;
    int64_t seconds = time / RD_SECOND_US;
    if (rest_us < 0) { /* before 1970: the nanoseconds count forward from the second below */
        rest_us += RD_SECOND_US;
        seconds--;
    }
    msgpack_timestamp stamp = {.tv_sec = seconds, .tv_nsec = (uint32_t)rest_us * 1000};
    (void)msgpack_pack_timestamp(&pk, &stamp);
}

void rd_pack_array(struct rd_buf *buf, uint32_t count)
{
    msgpack_packer pk = packer(buf);
    (void)msgpack_pack_array(&pk, count);
}

void rd_pack_map(struct rd_buf *buf, uint32_t pairs)
{
    msgpack_packer pk = packer(buf);
    (void)msgpack_pack_map(&pk, pairs);
}

static size_t begin(struct rd_buf *buf, uint8_t tag)
{
    size_t mark = buf->len;
    rd_buf_put_u8(buf, tag);
    rd_buf_put_u32(buf, 0);
    return mark;
}

static void end(struct rd_buf *buf, size_t mark, uint8_t tag, uint32_t count)
{
    if (buf->error != 0) {
        return; /* what stands at the mark need not be ours */
    }
    RD_ASSERT(mark + HEAD_32_BYTES <= buf->len);
    RD_ASSERT(buf->ptr[mark] == tag);
    for (size_t i = 0; i < sizeof count; i++) {
        buf->ptr[mark + 1 + i] = (uint8_t)(count >> (24 - 8 * i));
    }
}

size_t rd_pack_map_begin(struct rd_buf *buf)
{
    return begin(buf, MAP_32);
}

void rd_pack_map_end(struct rd_buf *buf, size_t mark, uint32_t pairs)
{
    end(buf, mark, MAP_32, pairs);
}

size_t rd_pack_array_begin(struct rd_buf *buf)
{
    return begin(buf, ARRAY_32);
}

void rd_pack_array_end(struct rd_buf *buf, size_t mark, uint32_t count)
{
    end(buf, mark, ARRAY_32, count);
}
