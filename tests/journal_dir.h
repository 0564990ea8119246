/* tests/journal_dir.h — a journal in a directory of its own, and ways to hurt its files. */
#pragma once

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/journal/journal.h"
#include "daemon/journal/segment.h"
#include "tests/scratch.h"

enum { JOURNAL_DIR_SEGMENT = 64 * 1024 };

struct journal_dir {
    struct scratch scratch;
    const char *path; /* points into scratch: not to be copied */
};

#define JOURNAL_DIR_NEED(cond)                                                                     \
    do {                                                                                           \
        if (!(cond)) {                                                                             \
            (void)fprintf(stderr, "%s:%d: %s: %s\n", __FILE__, __LINE__, #cond, strerror(errno));  \
            abort();                                                                               \
        }                                                                                          \
    } while (0)

static inline void journal_dir_make(struct journal_dir *dir)
{
    dir->scratch = scratch_make();
    dir->path = dir->scratch.path;
}

static inline void journal_dir_remove(const struct journal_dir *dir)
{
    scratch_remove(&dir->scratch);
}

static inline int journal_dir_file(const struct journal_dir *dir, const char *name, int flags)
{
    char path[SCRATCH_PATH_MAX + 64];
    (void)snprintf(path, sizeof path, "%s/%s", dir->path, name);
    return open(path, flags | O_CLOEXEC, 0600);
}

static inline int journal_dir_segment(const struct journal_dir *dir, uint64_t first, int flags)
{
    char name[SEGMENT_NAME_MAX];
    segment_name(first, name);
    return journal_dir_file(dir, name, flags);
}

static inline bool journal_dir_has(const struct journal_dir *dir, uint64_t first)
{
    int fd = journal_dir_segment(dir, first, O_RDONLY);
    return fd >= 0 && close(fd) == 0;
}

/* All bytes of a segment; freed by the caller. */
static inline uint8_t *journal_dir_load(
        const struct journal_dir *dir, uint64_t first, size_t *ret_size)
{
    struct stat status;
    int fd = journal_dir_segment(dir, first, O_RDONLY);
    JOURNAL_DIR_NEED(fd >= 0 && fstat(fd, &status) == 0);
    uint8_t *bytes = malloc((size_t)status.st_size + 1);
    JOURNAL_DIR_NEED(bytes != NULL);
    JOURNAL_DIR_NEED(segment_read(fd, bytes, (size_t)status.st_size, 0) == status.st_size);
    (void)close(fd);
    *ret_size = (size_t)status.st_size;
    return bytes;
}

static inline void journal_dir_store(
        const struct journal_dir *dir, uint64_t first, const uint8_t *bytes, size_t size)
{
    int fd = journal_dir_segment(dir, first, O_WRONLY | O_CREAT | O_TRUNC);
    JOURNAL_DIR_NEED(fd >= 0 && segment_write(fd, bytes, size, 0) == 0);
    (void)close(fd);
}

static inline void journal_dir_patch(const struct journal_dir *dir, uint64_t first, size_t offset,
        const void *bytes, size_t size)
{
    int fd = journal_dir_segment(dir, first, O_RDWR);
    JOURNAL_DIR_NEED(fd >= 0 && segment_write(fd, bytes, size, offset) == 0);
    (void)close(fd);
}

static inline void journal_dir_flip(const struct journal_dir *dir, uint64_t first, size_t offset)
{
    uint8_t byte;
    int fd = journal_dir_segment(dir, first, O_RDWR);
    JOURNAL_DIR_NEED(fd >= 0 && segment_read(fd, &byte, 1, offset) == 1);
    byte ^= 0x10;
    JOURNAL_DIR_NEED(segment_write(fd, &byte, 1, offset) == 0);
    (void)close(fd);
}

/* Opened for writing, in small segments. */
static inline int journal_dir_open(
        const struct journal_dir *dir, struct journal **ret_journal, struct journal_damage *damage)
{
    struct journal_options options = {.dir = dir->path, .segment_bytes = JOURNAL_DIR_SEGMENT};
    return journal_open(&options, ret_journal, damage);
}

static inline int journal_dir_open_read(
        const struct journal_dir *dir, struct journal **ret_journal, struct journal_damage *damage)
{
    struct journal_options options = {.dir = dir->path, .read_only = true};
    return journal_open(&options, ret_journal, damage);
}

/* An event whose fields all follow from its number. The body is of `size` bytes, of which *fill
 * keeps the memory. */
enum { JOURNAL_DIR_BODY_MAX = 256 * 1024 };
struct journal_dir_fill {
    char sender[32];
    char body[JOURNAL_DIR_BODY_MAX];
};

static inline struct journal_record journal_dir_record(
        uint64_t number, size_t size, struct journal_dir_fill *fill)
{
    JOURNAL_DIR_NEED(size <= sizeof fill->body);
    (void)snprintf(fill->sender, sizeof fill->sender, "unit-%" PRIu64, number % 1000);
    for (size_t i = 0; i < size; i++) {
        uint64_t mixed = (number * 1000003 + i) * UINT64_C(0x9e3779b97f4a7c15);
        fill->body[i] = (char)(mixed >> 56 ^ mixed >> 40);
    }
    return (struct journal_record){.number = number,
            .event_seq = number * 2,
            .kind = (enum journal_kind)(1 + number % 5),
            .flags = (uint16_t)(number % 2),
            .engine = (uint32_t)(number / 100 + 1),
            .wall = (rd_time)number * RD_SECOND_US,
            .steady = (rd_time)number * 1000 - 50,
            .sender = {.ptr = fill->sender, .len = number % 7 == 0 ? 0 : strlen(fill->sender)},
            .body = {.ptr = fill->body, .len = size}};
}

static inline bool journal_dir_same(const struct journal_record *a, const struct journal_record *b)
{
    return a->number == b->number && a->event_seq == b->event_seq && a->kind == b->kind &&
           a->flags == b->flags && a->engine == b->engine && a->wall == b->wall &&
           a->steady == b->steady && rd_str_eq(a->sender, b->sender) && rd_str_eq(a->body, b->body);
}
