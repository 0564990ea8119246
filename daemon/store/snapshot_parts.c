#include "daemon/store/snapshot_parts.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "common/base/buf.h"

static const char magic[] = "redressS";

/* ---- the head ---- */

void snapshot_head_put(const struct snapshot_head *head, uint8_t ret_bytes[static SNAPSHOT_HEAD])
{
    struct rd_buf buf;
    rd_buf_init(&buf, SNAPSHOT_HEAD);
    rd_buf_put(&buf, magic, 8);
    rd_buf_put_u32(&buf, SNAPSHOT_VERSION);
    rd_buf_put_u32(&buf, head->numbers.schema);
    rd_buf_put_u32(&buf, head->numbers.engine);
    rd_buf_put_u64(&buf, head->numbers.position);
    rd_buf_put(&buf, head->chain, SNAPSHOT_HASH);
    rd_buf_put_u64(&buf, (uint64_t)head->wall);
    if (buf.error != 0 || buf.len != HASHED_HEAD) {
        RD_UNREACHABLE("a head has one length");
    }
    memcpy(ret_bytes, buf.ptr, HASHED_HEAD);
    (void)crypto_generichash(
            ret_bytes + HASHED_HEAD, SNAPSHOT_HASH, ret_bytes, HASHED_HEAD, NULL, 0);
    rd_buf_done(&buf);
}

static int head_get(const uint8_t bytes[static SNAPSHOT_HEAD], struct snapshot_head *ret_head)
{
    uint8_t hash[SNAPSHOT_HASH];
    if (memcmp(bytes, magic, 8) != 0) {
        return -EBADMSG;
    }
    struct rd_get get = rd_get_of((struct rd_str){(const char *)bytes + 8, HASHED_HEAD - 8});
    if (rd_get_u32(&get) != SNAPSHOT_VERSION) {
        return -EPROTO;
    }
    (void)crypto_generichash(hash, sizeof hash, bytes, HASHED_HEAD, NULL, 0);
    if (memcmp(hash, bytes + HASHED_HEAD, sizeof hash) != 0) {
        return -EBADMSG;
    }
    struct snapshot_head head = {.numbers.schema = rd_get_u32(&get)};
    head.numbers.engine = rd_get_u32(&get);
    head.numbers.position = rd_get_u64(&get);
    memcpy(head.chain, rd_get_bytes(&get, SNAPSHOT_HASH).ptr, SNAPSHOT_HASH);
    head.wall = head.numbers.wall = (rd_time)rd_get_u64(&get);
    *ret_head = head;
    return rd_get_end(&get);
}

static int bytes_read(int fd, uint8_t *bytes, size_t size)
{
    size_t got = 0;
    while (got < size) {
        ssize_t n = read(fd, bytes + got, size - got);
        if (n < 0 && errno != EINTR) {
            return -errno;
        }
        if (n == 0) {
            return -EBADMSG;
        }
        got += n > 0 ? (size_t)n : 0;
    }
    return 0;
}

int snapshot_head_bytes(int fd, uint8_t bytes[static SNAPSHOT_HEAD], struct snapshot_head *ret_head)
{
    int r = sodium_init();
    RD_ASSERT(r >= 0);
    r = bytes_read(fd, bytes, SNAPSHOT_HEAD);
    return r == 0 ? head_get(bytes, ret_head) : r;
}

int snapshot_head_read(int fd, struct snapshot_head *ret_head)
{
    uint8_t bytes[SNAPSHOT_HEAD];
    return snapshot_head_bytes(fd, bytes, ret_head);
}

/* ---- what both ways count ---- */

static void gather_begin(struct gather *gather)
{
    gather->len = 0;
    (void)crypto_generichash_init(&gather->state, NULL, 0, SNAPSHOT_HASH);
}

static void gather_hash(struct gather *gather)
{
    (void)crypto_generichash_update(&gather->state, gather->bytes, gather->len);
    gather->len = 0;
}

void gather_put(struct gather *gather, const void *bytes, size_t size)
{
    if (size > sizeof gather->bytes - gather->len) {
        gather_hash(gather);
    }
    if (size > sizeof gather->bytes) {
        (void)crypto_generichash_update(&gather->state, bytes, size);
    } else if (size > 0) {
        memcpy(gather->bytes + gather->len, bytes, size);
        gather->len += size;
    }
}

void gather_end(struct gather *gather, uint8_t ret_hash[static SNAPSHOT_HASH])
{
    gather_hash(gather);
    (void)crypto_generichash_final(&gather->state, ret_hash, SNAPSHOT_HASH);
}

void sums_begin(struct sums *sums, const uint8_t head[static SNAPSHOT_HEAD])
{
    sums_begin_rows(sums);
    gather_put(&sums->all, head, HASHED_HEAD);
}

void sums_begin_rows(struct sums *sums)
{
    int r = sodium_init();
    RD_ASSERT(r >= 0);
    sums->count = 0;
    gather_begin(&sums->rows);
    gather_begin(&sums->all);
}

static void add_counted(struct gather *gather, struct rd_str bytes)
{
    uint8_t length[4] = {(uint8_t)(bytes.len >> 24), (uint8_t)(bytes.len >> 16),
            (uint8_t)(bytes.len >> 8), (uint8_t)bytes.len};
    gather_put(gather, length, sizeof length);
    gather_put(gather, bytes.ptr, bytes.len);
}

void sums_row(struct sums *sums, const char *table, struct rd_str key, struct rd_str value)
{
    sums->count++;
    if (strcmp(table, store_table_name(STORE_DEAD_LETTERS)) != 0) {
        add_counted(&sums->rows, rd_str_of(table));
        add_counted(&sums->rows, key);
        add_counted(&sums->rows, value);
    }
}
