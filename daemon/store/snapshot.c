#include "daemon/store/snapshot.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/base/buf.h"
#include "common/base/squeeze.h"
#include "daemon/store/dbenv.h"
#include "daemon/store/numbers.h"
#include "daemon/store/raw.h"
#include "daemon/store/room.h"
#include "daemon/store/snapshot_parts.h"

enum { ASK_EVERY = 4096 }; /* rows */

struct writing {
    struct squeeze *squeeze;
    struct sums sums;
    const struct snapshot_way *way;
    const char *table;
};

static void put(struct writing *writing, const void *bytes, size_t size)
{
    squeeze_put(writing->squeeze, bytes, size);
    gather_put(&writing->sums.all, bytes, size);
}

static void put_u32(struct writing *writing, size_t value)
{
    uint8_t bytes[4] = {
            (uint8_t)(value >> 24), (uint8_t)(value >> 16), (uint8_t)(value >> 8), (uint8_t)value};
    put(writing, bytes, sizeof bytes);
}

static void put_mark(struct writing *writing, uint8_t mark)
{
    put(writing, &mark, 1);
}

static int write_row(void *arg, struct rd_str key, struct rd_str value)
{
    struct writing *writing = arg;
    put_mark(writing, MARK_ROW);
    put_u32(writing, key.len);
    put_u32(writing, value.len);
    put(writing, key.ptr, key.len);
    put(writing, value.ptr, value.len);
    sums_row(&writing->sums, writing->table, key, value);
    const struct snapshot_way *way = writing->way;
    bool is_asked = writing->sums.count % ASK_EVERY == 0 && way->goes_on != NULL;
    return is_asked && !way->goes_on(way->arg) ? -ECANCELED : 0;
}

static void write_end(struct writing *writing, struct snapshot_sum *ret_sum)
{
    uint8_t all[SNAPSHOT_HASH];
    struct snapshot_sum sum = {.rows = writing->sums.count};
    gather_end(&writing->sums.rows, sum.digest);
    put_mark(writing, MARK_END);
    put_u32(writing, (size_t)(sum.rows >> 32));
    put_u32(writing, (size_t)(sum.rows & UINT32_MAX));
    put(writing, sum.digest, SNAPSHOT_HASH);
    gather_end(&writing->sums.all, all);
    squeeze_put(writing->squeeze, all, sizeof all);
    *ret_sum = sum;
}

static int write_tables(struct writing *writing, struct raw *raw, char ret_what[static 256])
{
    int r = 0;
    for (size_t i = 0; i < raw->count && r == 0; i++) {
        uint8_t length = (uint8_t)strlen(raw->names[i]);
        writing->table = raw->names[i];
        put_mark(writing, MARK_TABLE);
        put_mark(writing, length);
        put(writing, raw->names[i], length);
        r = raw_each(raw, i, write_row, writing, ret_what);
    }
    return r;
}

/* What the tables say of themselves. */
int snapshot_head_of(struct raw *raw, const uint8_t *known_chain, struct snapshot_head *ret_head)
{
    static const char meta[] = "meta";
    struct rd_str schema, engine = {0}, chain;
    struct snapshot_head head = {.chain = {0}};
    int r = raw_get(raw, meta, RD_STR("schema"), &schema);
    if (r == 0) {
        r = raw_get(raw, meta, RD_STR("engine"), &engine);
        r = r == -ENOENT ? 0 : r;
    }
    if (r == 0) {
        r = numbers_of(schema, engine, &head.numbers);
        head.wall = head.numbers.wall;
    }
    if (r == 0 && known_chain != NULL) {
        memcpy(head.chain, known_chain, SNAPSHOT_HASH);
    } else if (r == 0 && raw_get(raw, meta, RD_STR("chain"), &chain) == 0) {
        struct rd_get get = rd_get_of(chain);
        (void)rd_get_u8(&get);
        uint64_t number = rd_get_u64(&get);
        struct rd_str hash = rd_get_bytes(&get, SNAPSHOT_HASH);
        if (rd_get_end(&get) == 0 && number == head.numbers.position) {
            memcpy(head.chain, hash.ptr, SNAPSHOT_HASH);
        }
    }
    if (r == 0) {
        *ret_head = head;
    }
    return r == -ENOENT ? -EBADMSG : r;
}

static int all_write(int fd, const uint8_t *bytes, size_t size)
{
    while (size > 0) {
        ssize_t n = write(fd, bytes, size);
        if (n < 0 && errno != EINTR) {
            return -errno;
        }
        if (n > 0) {
            bytes += n;
            size -= (size_t)n;
        }
    }
    return 0;
}

int snapshot_write(struct raw *raw, int fd, const struct snapshot_way *way,
        struct snapshot_sum *ret_sum, char ret_what[static 256])
{
    struct snapshot_head head;
    uint8_t bytes[SNAPSHOT_HEAD];
    struct snapshot_sum sum = {.rows = 0};
    int r = sodium_init();
    RD_ASSERT(r >= 0);
    r = snapshot_head_of(raw, way->chain, &head);
    if (r < 0) {
        (void)snprintf(ret_what, 256, "the numbers of the store cannot be read");
        return r;
    }
    snapshot_head_put(&head, bytes);
    r = all_write(fd, bytes, sizeof bytes);
    if (r < 0) {
        return r;
    }
    struct writing *writing = calloc(1, sizeof *writing);
    if (writing == NULL) {
        rd_oom();
    }
    writing->squeeze = squeeze_new(fd);
    writing->way = way;
    sums_begin(&writing->sums, bytes);
    r = write_tables(writing, raw, ret_what);
    if (r == 0) {
        write_end(writing, &sum);
    }
    int ended = squeeze_end(writing->squeeze, r == 0);
    free(writing);
    r = r == 0 ? ended : r;
    if (r == 0 && fsync(fd) != 0) {
        r = -errno;
    }
    off_t size = lseek(fd, 0, SEEK_CUR);
    sum.bytes = size > 0 ? (uint64_t)size : 0;
    if (r == 0) {
        sum.head = head;
        *ret_sum = sum;
    }
    return r;
}

int store_snapshot(struct store *store, int fd, const struct snapshot_way *way,
        struct snapshot_sum *ret_sum, char ret_what[static 256])
{
    struct raw raw;
    int r = raw_begin(&raw, room_env(store)->env);
    if (r == 0) {
        r = snapshot_write(&raw, fd, way, ret_sum, ret_what);
    }
    raw_end(&raw);
    return r;
}

struct digesting {
    struct sums sums;
    const char *table;
};

static int digest_row(void *arg, struct rd_str key, struct rd_str value)
{
    struct digesting *digesting = arg;
    sums_row(&digesting->sums, digesting->table, key, value);
    return 0;
}

int store_digest(struct store *store, uint8_t ret_digest[static SNAPSHOT_HASH])
{
    char what[256];
    struct raw raw;
    struct digesting digesting;
    sums_begin_rows(&digesting.sums);
    int r = raw_begin(&raw, room_env(store)->env);
    for (size_t i = 0; r == 0 && i < raw.count; i++) {
        digesting.table = raw.names[i];
        r = raw_each(&raw, i, digest_row, &digesting, what);
    }
    raw_end(&raw);
    if (r == 0) {
        gather_end(&digesting.sums.rows, ret_digest);
    }
    return r;
}
