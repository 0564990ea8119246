#include "daemon/store/snapshot.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sodium.h>

#include "common/buf.h"
#include "common/squeeze.h"
#include "daemon/store/dbenv.h"
#include "daemon/store/numbers.h"
#include "daemon/store/raw.h"
#include "daemon/store/room.h"

enum {
    MARK_TABLE = 1,
    MARK_ROW = 2,
    MARK_END = 0xff,
    HASHED_HEAD = 68,
    ASK_EVERY = 4096, /* rows */
    VALUE_MAX = 1 << 30,
};
static const char magic[] = "redressS";

/* ---- the head ---- */

static void head_put(const struct snapshot_head *head, uint8_t ret_bytes[static SNAPSHOT_HEAD])
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

static int head_bytes_read(
        int fd, uint8_t bytes[static SNAPSHOT_HEAD], struct snapshot_head *ret_head)
{
    int r = sodium_init();
    RD_ASSERT(r >= 0);
    r = bytes_read(fd, bytes, SNAPSHOT_HEAD);
    return r == 0 ? head_get(bytes, ret_head) : r;
}

int snapshot_head_read(int fd, struct snapshot_head *ret_head)
{
    uint8_t bytes[SNAPSHOT_HEAD];
    return head_bytes_read(fd, bytes, ret_head);
}

/* ---- what both ways count ---- */

struct sums {
    crypto_generichash_state rows, all;
    uint64_t count;
};

static void sums_begin(struct sums *sums, const uint8_t head[static SNAPSHOT_HEAD])
{
    sums->count = 0;
    (void)crypto_generichash_init(&sums->rows, NULL, 0, SNAPSHOT_HASH);
    (void)crypto_generichash_init(&sums->all, NULL, 0, SNAPSHOT_HASH);
    (void)crypto_generichash_update(&sums->all, head, HASHED_HEAD);
}

static void add_counted(crypto_generichash_state *state, struct rd_str bytes)
{
    uint8_t length[4] = {(uint8_t)(bytes.len >> 24), (uint8_t)(bytes.len >> 16),
            (uint8_t)(bytes.len >> 8), (uint8_t)bytes.len};
    (void)crypto_generichash_update(state, length, sizeof length);
    (void)crypto_generichash_update(state, (const uint8_t *)bytes.ptr, bytes.len);
}

static void sums_row(struct sums *sums, const char *table, struct rd_str key, struct rd_str value)
{
    sums->count++;
    if (strcmp(table, store_table_name(STORE_DEAD_LETTERS)) != 0) {
        add_counted(&sums->rows, rd_str_of(table));
        add_counted(&sums->rows, key);
        add_counted(&sums->rows, value);
    }
}

/* ---- writing ---- */

struct writing {
    struct squeeze *squeeze;
    struct sums sums;
    const struct snapshot_way *way;
    const char *table;
};

static void put(struct writing *writing, const void *bytes, size_t size)
{
    squeeze_put(writing->squeeze, bytes, size);
    (void)crypto_generichash_update(&writing->sums.all, bytes, size);
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
    (void)crypto_generichash_final(&writing->sums.rows, sum.digest, SNAPSHOT_HASH);
    put_mark(writing, MARK_END);
    put_u32(writing, (size_t)(sum.rows >> 32));
    put_u32(writing, (size_t)(sum.rows & UINT32_MAX));
    put(writing, sum.digest, SNAPSHOT_HASH);
    (void)crypto_generichash_final(&writing->sums.all, all, SNAPSHOT_HASH);
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
static int head_make(
        struct raw *raw, const struct snapshot_way *way, struct snapshot_head *ret_head)
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
    if (r == 0 && way->chain != NULL) {
        memcpy(head.chain, way->chain, SNAPSHOT_HASH);
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
    r = head_make(raw, way, &head);
    if (r < 0) {
        (void)snprintf(ret_what, 256, "the numbers of the store cannot be read");
        return r;
    }
    head_put(&head, bytes);
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

/* ---- reading ---- */

struct reading {
    struct unsqueeze *in;
    struct sums sums;
    snapshot_row *row_fn; /* NULL: nobody wants them */
    void *arg;
    char table[RAW_NAME_MAX];
    uint8_t *row;
    size_t cap;
    char *what;
};

static int bad(struct reading *reading, const char *why)
{
    (void)snprintf(
            reading->what, 256, "row %llu: %s", (unsigned long long)reading->sums.count + 1, why);
    return -EBADMSG;
}

static int get(struct reading *reading, void *bytes, size_t size)
{
    int r = unsqueeze_get(reading->in, bytes, size);
    if (r == 0) {
        (void)crypto_generichash_update(&reading->sums.all, bytes, size);
    }
    return r == -EBADMSG ? bad(reading, "the file is damaged here, or ends") : r;
}

static int read_table(struct reading *reading)
{
    uint8_t length = 0;
    char name[RAW_NAME_MAX] = "";
    int r = get(reading, &length, 1);
    if (r == 0 && (length == 0 || length >= RAW_NAME_MAX)) {
        return bad(reading, "the name of a table is too long");
    }
    r = r == 0 ? get(reading, name, length) : r;
    if (r == 0 && (strlen(name) != length || strcmp(reading->table, name) >= 0)) {
        return bad(reading, "its tables are not in order");
    }
    memcpy(reading->table, name, sizeof name);
    if (r == 0 && reading->row_fn != NULL) {
        r = reading->row_fn(reading->arg, name, (struct rd_str){0}, (struct rd_str){0});
    }
    return r == -EBADMSG ? bad(reading, "a table that is not known") : r;
}

static size_t u32_of(const uint8_t *at)
{
    return (size_t)at[0] << 24 | (size_t)at[1] << 16 | (size_t)at[2] << 8 | at[3];
}

static int read_row(struct reading *reading)
{
    uint8_t lengths[8];
    int r = get(reading, lengths, sizeof lengths);
    size_t key_len = r == 0 ? u32_of(lengths) : 0, len = r == 0 ? u32_of(lengths + 4) : 0;
    if (r == 0 && (key_len == 0 || key_len > STORE_KEY_MAX || len > VALUE_MAX ||
                          reading->table[0] == '\0')) {
        return bad(reading, "its lengths are impossible");
    }
    if (r == 0 && reading->cap < key_len + len) {
        reading->cap = 2 * (key_len + len);
        free(reading->row);
        reading->row = malloc(reading->cap);
        if (reading->row == NULL) {
            rd_oom();
        }
    }
    r = r == 0 ? get(reading, reading->row, key_len + len) : r;
    if (r < 0) {
        return r;
    }
    struct rd_str key = {.ptr = (const char *)reading->row, .len = key_len};
    struct rd_str value = {.ptr = key.ptr + key_len, .len = len};
    sums_row(&reading->sums, reading->table, key, value);
    r = reading->row_fn != NULL ? reading->row_fn(reading->arg, reading->table, key, value) : 0;
    return r == -EBADMSG ? bad(reading, "it is no row of a store, or its keys do not rise") : r;
}

static int read_end(struct reading *reading, struct snapshot_sum *ret_sum)
{
    uint8_t count[8], told[SNAPSHOT_HASH], all[SNAPSHOT_HASH], all_told[SNAPSHOT_HASH];
    struct snapshot_sum sum = {.rows = reading->sums.count};
    (void)crypto_generichash_final(&reading->sums.rows, sum.digest, SNAPSHOT_HASH);
    int r = get(reading, count, sizeof count);
    r = r == 0 ? get(reading, told, sizeof told) : r;
    (void)crypto_generichash_final(&reading->sums.all, all, sizeof all);
    r = r == 0 ? unsqueeze_get(reading->in, all_told, sizeof all_told) : r;
    r = r == 0 ? unsqueeze_at_end(reading->in) : r;
    if (r < 0) {
        return r == -EBADMSG ? bad(reading, "the end of the file is damaged") : r;
    }
    uint64_t rows = (uint64_t)u32_of(count) << 32 | u32_of(count + 4);
    if (rows != sum.rows || memcmp(told, sum.digest, sizeof told) != 0 ||
            memcmp(all, all_told, sizeof all) != 0) {
        return bad(reading, "the digest of the rows before is another than was written");
    }
    *ret_sum = sum;
    return 0;
}

static int read_all(struct reading *reading, struct snapshot_sum *ret_sum)
{
    for (;;) {
        uint8_t mark = 0;
        int r = get(reading, &mark, 1);
        if (r == 0 && mark == MARK_END) {
            return read_end(reading, ret_sum);
        }
        if (r == 0) {
            r = mark == MARK_TABLE ? read_table(reading)
                : mark == MARK_ROW ? read_row(reading)
                                   : bad(reading, "neither table nor row");
        }
        if (r < 0) {
            return r;
        }
    }
}

int snapshot_read(int fd, snapshot_row *row, void *arg, struct snapshot_sum *ret_sum,
        char ret_what[static 256])
{
    uint8_t bytes[SNAPSHOT_HEAD];
    struct snapshot_head head;
    int r = head_bytes_read(fd, bytes, &head);
    if (r < 0) {
        (void)snprintf(ret_what, 256, "%s",
                r == -EPROTO ? "a snapshot of a later version" : "it is no snapshot, or damaged");
        return r;
    }
    struct reading *reading = calloc(1, sizeof *reading);
    if (reading == NULL) {
        rd_oom();
    }
    reading->in = unsqueeze_new(fd);
    reading->what = ret_what;
    reading->row_fn = row;
    reading->arg = arg;
    sums_begin(&reading->sums, bytes);
    r = read_all(reading, ret_sum);
    off_t size = lseek(fd, 0, SEEK_CUR);
    ret_sum->bytes = r == 0 && size > 0 ? (uint64_t)size : 0;
    unsqueeze_free(reading->in);
    free(reading->row);
    free(reading);
    return r;
}

static int put_row(void *arg, const char *table, struct rd_str key, struct rd_str value)
{
    return key.len == 0 ? raw_file_table(arg, table) : raw_file_put(arg, table, key, value);
}

int snapshot_restore(int fd, const char *dir, const char *old, struct snapshot_sum *ret_sum,
        char ret_what[static 256])
{
    struct raw_file file;
    int r = raw_file_begin(&file, dir, "restored");
    if (r < 0) {
        return r;
    }
    r = snapshot_read(fd, put_row, &file, ret_sum, ret_what);
    if (r == 0) {
        return raw_file_end(&file, old);
    }
    raw_file_drop(&file);
    return r;
}
