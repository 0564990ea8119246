/* Closed segments into the archive. */
#include "daemon/journal/archive.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sodium.h>

#include "common/base/squeeze.h"
#include "daemon/journal/archive_file.h"

static int say(struct journal_damage *ret_damage, const char *dir, const char *why, int error)
{
    (void)snprintf(ret_damage->text, sizeof ret_damage->text, "%.300s: %s", dir, why);
    return error;
}

/* ---- what there is ---- */

static int by_first(const void *a, const void *b)
{
    const struct archive_item *left = a, *right = b;
    return (left->first > right->first) - (left->first < right->first);
}

static int dir_read(DIR *dir, struct archive_list *list)
{
    for (;;) {
        errno = 0;
        const struct dirent *entry = readdir(dir);
        if (entry == NULL) {
            return -errno;
        }
        struct archive_item item;
        uint64_t first = archive_name_number(entry->d_name);
        int fd = first > 0 ? openat(dirfd(dir), entry->d_name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
                           : -1;
        uint8_t bytes[ARCHIVE_HEAD];
        if (fd >= 0 && archive_head_read(fd, bytes, &item) == 0 && item.first == first) {
            list->items = realloc(list->items, (list->count + 1) * sizeof item);
            if (list->items == NULL) {
                rd_oom();
            }
            list->items[list->count++] = item;
        }
        if (fd >= 0) {
            (void)close(fd);
        }
    }
}

int archive_read(const char *dir, struct archive_list *ret_list)
{
    int r = sodium_init();
    RD_ASSERT(r >= 0);
    struct archive_list list = {.items = NULL};
    DIR *opened = opendir(dir);
    if (opened == NULL && errno != ENOENT) {
        return -errno;
    }
    r = opened != NULL ? dir_read(opened, &list) : 0;
    if (opened != NULL) {
        (void)closedir(opened);
    }
    if (r < 0) {
        archive_list_done(&list);
        return r;
    }
    if (list.count > 0) {
        qsort(list.items, list.count, sizeof *list.items, by_first);
    }
    *ret_list = list;
    return 0;
}

void archive_list_done(struct archive_list *list)
{
    free(list->items);
    *list = (struct archive_list){.items = NULL};
}

static bool is_same(const struct archive_item *a, const struct archive_item *b)
{
    return a->first == b->first && a->last == b->last &&
           memcmp(a->chain, b->chain, sizeof a->chain) == 0;
}

/* Records of these numbers are there that are not these records. */
static int say_foreign(
        struct journal_damage *ret_damage, const char *dir, const struct archive_item *there)
{
    char name[ARCHIVE_NAME_MAX];
    archive_name(there->first, name);
    (void)snprintf(ret_damage->text, sizeof ret_damage->text,
            "%.300s/%s: records %llu to %llu of another journal lie there: one of before a "
            "restore, or another redressd's; move it and all files of higher numbers into a "
            "folder of their own, or name another folder in journal_archive",
            dir, name, (unsigned long long)there->first, (unsigned long long)there->last);
    return -EILSEQ;
}

/* 1: the archive has this segment; 0: it has none of its records; -EILSEQ: others of the same
 * numbers. Two histories of one number could not be told apart by a restore. */
static int find(const struct archive_list *list, const char *dir, const struct archive_item *wanted,
        struct journal_damage *ret_damage)
{
    int found = 0;
    for (size_t i = 0; i < list->count; i++) {
        const struct archive_item *item = &list->items[i];
        if (is_same(item, wanted)) {
            found = 1;
        } else if (item->first <= wanted->last && item->last >= wanted->first) {
            return say_foreign(ret_damage, dir, item);
        }
    }
    return found;
}

/* ---- a segment into it ---- */

/* Reads and verifies the whole segment, so that no damage gets into the archive. *ret_used: the
 * bytes up to and with its end mark. */
static int segment_look(struct scan *scan, int dir_fd, uint64_t first, struct archive_item *item,
        uint64_t *ret_used, struct journal_damage *ret_damage)
{
    struct format_frame frame;
    int r = scan_open(scan, dir_fd, first, NULL, ret_damage);
    if (r < 0) {
        return r;
    }
    *item = (struct archive_item){.first = first, .segment_bytes = scan->head.bytes};
    memcpy(item->chain_before, scan->chain, FORMAT_HASH);
    while ((r = scan_step(scan, false, &frame, ret_damage)) > 0) {
    }
    item->last = scan->next - 1;
    memcpy(item->chain, scan->chain, FORMAT_HASH);
    *ret_used = scan->offset + FORMAT_END_MARK;
    return r;
}

static int frame_write(
        struct squeeze *squeeze, int fd, const uint8_t head[static ARCHIVE_HEAD], uint64_t used)
{
    static const size_t chunk = 256 * 1024;
    crypto_generichash_state state;
    uint8_t length[8], hash[FORMAT_HASH];
    uint8_t *bytes = malloc(chunk);
    if (bytes == NULL) {
        rd_oom();
    }
    for (size_t i = 0; i < sizeof length; i++) {
        length[i] = (uint8_t)(used >> (56 - 8 * i));
    }
    (void)crypto_generichash_init(&state, NULL, 0, FORMAT_HASH);
    (void)crypto_generichash_update(&state, head, ARCHIVE_HEAD);
    squeeze_put(squeeze, length, sizeof length);
    int r = 0;
    for (uint64_t at = 0; at < used && r == 0;) {
        size_t size = used - at < chunk ? (size_t)(used - at) : chunk;
        int64_t got = segment_read(fd, bytes, size, at);
        r = got < 0 ? (int)got : got < (int64_t)size ? -EBADMSG : 0;
        if (r == 0) {
            (void)crypto_generichash_update(&state, bytes, size);
            squeeze_put(squeeze, bytes, size);
            at += size;
        }
    }
    (void)crypto_generichash_final(&state, hash, sizeof hash);
    squeeze_put(squeeze, hash, sizeof hash);
    free(bytes);
    return r;
}

static int file_write(int out, int segment, const struct archive_item *item, uint64_t used)
{
    uint8_t head[ARCHIVE_HEAD];
    archive_head_put(item, head);
    int r = segment_write(out, head, sizeof head, 0);
    if (r == 0 && lseek(out, ARCHIVE_HEAD, SEEK_SET) < 0) {
        r = -errno;
    }
    if (r < 0) {
        return r;
    }
    struct squeeze *squeeze = squeeze_new(out);
    r = frame_write(squeeze, segment, head, used);
    int ended = squeeze_end(squeeze, r == 0);
    r = r == 0 ? ended : r;
    return r == 0 && fsync(out) != 0 ? -errno : r;
}

struct folders {
    int from, to;
    const char *to_dir; /* for messages */
    struct segment_list segments;
    struct archive_list archive;
};

/* What has the name already is replaced if it is the same segment, or not whole. */
static int may_replace(const struct folders *folders, const struct archive_item *item,
        struct journal_damage *ret_damage)
{
    char name[ARCHIVE_NAME_MAX];
    uint8_t bytes[ARCHIVE_HEAD];
    struct archive_item there;
    archive_name(item->first, name);
    int fd = openat(folders->to, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0) {
        return errno == ENOENT ? 0 : -errno;
    }
    int r = archive_head_read(fd, bytes, &there);
    (void)close(fd);
    return r == 0 && !is_same(&there, item) ? say_foreign(ret_damage, folders->to_dir, &there) : 0;
}

static int put_in(struct scan *scan, const struct folders *folders, uint64_t first,
        struct journal_damage *ret_damage)
{
    static const char part[] = "new.part";
    int to_fd = folders->to;
    struct archive_item item;
    uint64_t used;
    char name[ARCHIVE_NAME_MAX];
    int r = segment_look(scan, folders->from, first, &item, &used, ret_damage);
    r = r == 0 ? may_replace(folders, &item, ret_damage) : r;
    if (r < 0) {
        return r;
    }
    int out = openat(to_fd, part, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (out < 0) {
        return -errno;
    }
    r = file_write(out, scan->fd, &item, used);
    (void)close(out);
    archive_name(first, name);
    if (r == 0) {
        r = renameat(to_fd, part, to_fd, name) == 0 ? segment_dir_sync(to_fd) : -errno;
    }
    if (r < 0) {
        (void)unlinkat(to_fd, part, 0);
    }
    return r;
}

static int folders_open(struct folders *folders, const char *journal_dir, const char *dir,
        struct journal_damage *ret_damage)
{
    int r = sodium_init();
    RD_ASSERT(r >= 0);
    *ret_damage = (struct journal_damage){0};
    *folders =
            (struct folders){.from = segment_dir_open(journal_dir, false), .to = -1, .to_dir = dir};
    if (folders->from < 0) {
        return say(ret_damage, journal_dir, "the folder cannot be opened", folders->from);
    }
    folders->to = segment_dir_open(dir, true);
    return folders->to >= 0 ? 0 : say(ret_damage, dir, "the folder cannot be opened", folders->to);
}

static void folders_close(const struct folders *folders)
{
    if (folders->from >= 0) {
        (void)close(folders->from);
    }
    if (folders->to >= 0) {
        (void)close(folders->to);
    }
}

int archive_put(
        const char *journal_dir, const char *dir, uint64_t first, struct journal_damage *ret_damage)
{
    struct folders folders;
    struct scan scan;
    int r = folders_open(&folders, journal_dir, dir, ret_damage);
    scan_init(&scan, journal_dir);
    if (r == 0) {
        r = put_in(&scan, &folders, first, ret_damage);
    }
    scan_done(&scan);
    folders_close(&folders);
    return r;
}

/* Does the archive have the closed segment `i`? As find(); the segment after it tells how it ends.
 */
static int look_up(const struct folders *folders, struct scan *scan, size_t i,
        struct journal_damage *ret_damage)
{
    const struct segment_entry *entries = folders->segments.items;
    struct archive_item wanted = {.first = entries[i].first, .last = entries[i + 1].first - 1};
    int r = scan_open(scan, folders->from, entries[i + 1].first, NULL, ret_damage);
    if (r < 0) {
        return r;
    }
    memcpy(wanted.chain, scan->chain, FORMAT_HASH);
    return find(&folders->archive, folders->to_dir, &wanted, ret_damage);
}

/* All segments but the newest are closed. What the daemon beside recycles meanwhile ends it. */
static int fill(const struct folders *folders, struct scan *scan, unsigned max,
        uint64_t *ret_through, unsigned *ret_done, struct journal_damage *ret_damage)
{
    const struct segment_list *segments = &folders->segments;
    for (size_t i = 0; i + 1 < segments->count; i++) {
        int r = look_up(folders, scan, i, ret_damage);
        if (r == 0 && max-- == 0) {
            return 1;
        }
        if (r == 0) {
            r = put_in(scan, folders, segments->items[i].first, ret_damage);
            *ret_done += r == 0;
        }
        if (r < 0) {
            return r == -ENOENT ? 0 : r;
        }
        *ret_through = segments->items[i + 1].first - 1;
    }
    return 0;
}

int archive_fill(const char *journal_dir, const char *dir, unsigned max, uint64_t *ret_through,
        unsigned *ret_done, struct journal_damage *ret_damage)
{
    struct folders folders;
    struct scan scan;
    *ret_through = 0;
    int r = folders_open(&folders, journal_dir, dir, ret_damage);
    scan_init(&scan, journal_dir);
    if (r == 0) {
        r = segment_list_read(folders.from, &folders.segments);
    }
    if (r == 0) {
        r = archive_read(dir, &folders.archive);
    }
    if (r == 0) {
        r = fill(&folders, &scan, max, ret_through, ret_done, ret_damage);
    }
    scan_done(&scan);
    segment_list_done(&folders.segments);
    archive_list_done(&folders.archive);
    folders_close(&folders);
    return r;
}
