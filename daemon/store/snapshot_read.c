/* A snapshot read back. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/base/squeeze.h"
#include "daemon/store/raw.h"
#include "daemon/store/snapshot_parts.h"

enum { VALUE_MAX = 1 << 30 };

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
        gather_put(&reading->sums.all, bytes, size);
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
    gather_end(&reading->sums.rows, sum.digest);
    int r = get(reading, count, sizeof count);
    r = r == 0 ? get(reading, told, sizeof told) : r;
    gather_end(&reading->sums.all, all);
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
    int r = snapshot_head_bytes(fd, bytes, &head);
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
    ret_sum->head = head;
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
