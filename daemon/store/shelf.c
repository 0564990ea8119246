#include "daemon/store/shelf.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/store/raw.h"
#include "daemon/store/room.h"

enum { FILE_MODE = 0600, DIR_MODE = 0700, DIGITS = 20 };
static const char suffix[] = ".snapshot";
static const char part[] = "new.part";

void shelf_name(uint64_t position, char ret_name[static SHELF_NAME_MAX])
{
    (void)snprintf(ret_name, SHELF_NAME_MAX, "%020llu%s", (unsigned long long)position, suffix);
}

static bool is_name(const char *name)
{
    for (int i = 0; i < DIGITS; i++) {
        if (name[i] < '0' || name[i] > '9') {
            return false;
        }
    }
    return strcmp(name + DIGITS, suffix) == 0;
}

static int item_read(int dir_fd, const char *name, struct shelf_item *ret_item)
{
    struct stat about;
    struct shelf_item item = {.bytes = 0};
    (void)snprintf(item.name, sizeof item.name, "%s", name);
    int fd = openat(dir_fd, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0) {
        return -errno;
    }
    int r = fstat(fd, &about) == 0 ? snapshot_head_read(fd, &item.head) : -errno;
    (void)close(fd);
    if (r == 0) {
        item.bytes = (uint64_t)about.st_size;
        item.made_us = about.st_mtim.tv_sec * RD_SECOND_US + about.st_mtim.tv_nsec / 1000;
        *ret_item = item;
    }
    return r;
}

static int by_position(const void *a, const void *b)
{
    const struct shelf_item *left = a, *right = b;
    return strcmp(left->name, right->name);
}

static int dir_read(DIR *dir, struct shelf *shelf)
{
    for (;;) {
        errno = 0;
        const struct dirent *entry = readdir(dir);
        if (entry == NULL) {
            return -errno;
        }
        struct shelf_item item;
        if (!is_name(entry->d_name) || item_read(dirfd(dir), entry->d_name, &item) < 0) {
            continue; /* not ours or unusable: callers take another file */
        }
        shelf->items = realloc(shelf->items, (shelf->count + 1) * sizeof item);
        if (shelf->items == NULL) {
            rd_oom();
        }
        shelf->items[shelf->count++] = item;
    }
}

int shelf_read(const char *dir, struct shelf *ret_shelf)
{
    struct shelf shelf = {.items = NULL};
    DIR *opened = opendir(dir);
    if (opened == NULL && errno != ENOENT) {
        return -errno;
    }
    int r = opened != NULL ? dir_read(opened, &shelf) : 0;
    if (opened != NULL) {
        (void)closedir(opened);
    }
    if (r < 0) {
        shelf_done(&shelf);
        return r;
    }
    if (shelf.count > 0) {
        qsort(shelf.items, shelf.count, sizeof *shelf.items, by_position);
    }
    *ret_shelf = shelf;
    return 0;
}

void shelf_done(struct shelf *shelf)
{
    free(shelf->items);
    *shelf = (struct shelf){.items = NULL};
}

static int dir_make(const char *dir)
{
    bool is_new = mkdir(dir, DIR_MODE) == 0;
    if (!is_new && errno != EEXIST) {
        return -errno;
    }
    int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) {
        return -errno;
    }
    int parent = is_new ? openat(fd, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
    int r = is_new && (parent < 0 || fsync(parent) != 0) ? -errno : 0;
    if (parent >= 0) {
        (void)close(parent);
    }
    if (r < 0) {
        (void)close(fd);
    }
    return r < 0 ? r : fd;
}

/* One of the same engine and chain has the same rows; any other is somebody's only one. */
static int may_replace(
        int dir_fd, const char *name, const struct snapshot_head *head, char ret_what[static 256])
{
    struct shelf_item there;
    if (item_read(dir_fd, name, &there) < 0 ||
            (there.head.numbers.engine == head->numbers.engine &&
                    memcmp(there.head.chain, head->chain, sizeof head->chain) == 0)) {
        return 0;
    }
    (void)snprintf(ret_what, 256,
            "%s is there, of another journal or engine: it is left as it is, and this one finds no "
            "name",
            name);
    return -EEXIST;
}

static int put_in(struct raw *raw, int dir_fd, const struct snapshot_way *way,
        struct snapshot_sum *ret_sum, char ret_what[static 256])
{
    struct shelf_item item;
    char name[SHELF_NAME_MAX];
    int fd = openat(dir_fd, part, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, FILE_MODE);
    if (fd < 0) {
        return -errno;
    }
    int r = snapshot_write(raw, fd, way, ret_sum, ret_what);
    (void)close(fd);
    r = r == 0 ? item_read(dir_fd, part, &item) : r;
    if (r == 0) {
        shelf_name(item.head.numbers.position, name);
        r = may_replace(dir_fd, name, &item.head, ret_what);
    }
    if (r == 0) {
        r = renameat(dir_fd, part, dir_fd, name) == 0 && fsync(dir_fd) == 0 ? 0 : -errno;
    }
    if (r < 0) {
        (void)unlinkat(dir_fd, part, 0);
    }
    return r;
}

int shelf_put_raw(struct raw *raw, const char *dir, const struct snapshot_way *way,
        struct snapshot_sum *ret_sum, char ret_what[static 256])
{
    int dir_fd = dir_make(dir);
    if (dir_fd < 0) {
        (void)snprintf(ret_what, 256, "the folder of snapshots cannot be used");
        return dir_fd;
    }
    int r = put_in(raw, dir_fd, way, ret_sum, ret_what);
    (void)close(dir_fd);
    return r;
}

int shelf_put(struct store *store, const char *dir, const struct snapshot_way *way,
        struct snapshot_sum *ret_sum, char ret_what[static 256])
{
    struct raw raw;
    int r = raw_begin(&raw, room_env(store)->env);
    if (r == 0) {
        r = shelf_put_raw(&raw, dir, way, ret_sum, ret_what);
    }
    raw_end(&raw);
    return r;
}

static bool counts(const struct shelf_trim *trim, const struct snapshot_head *head)
{
    const struct store_numbers *newest = &trim->newest->numbers;
    return head->numbers.engine == newest->engine && head->numbers.position <= newest->position &&
           (head->numbers.position == newest->position || trim->is_other == NULL ||
                   !trim->is_other(trim->arg, head));
}

int shelf_trim(const char *dir, const struct shelf_trim *trim)
{
    struct shelf shelf;
    int r = shelf_read(dir, &shelf);
    if (r < 0) {
        return r;
    }
    int dir_fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    r = dir_fd >= 0 ? 0 : -errno;
    size_t seen = 0;
    for (size_t i = shelf.count; i > 0 && r == 0; i--) {
        const struct shelf_item *item = &shelf.items[i - 1];
        if (counts(trim, &item->head) && ++seen > trim->keep) {
            r = unlinkat(dir_fd, item->name, 0) == 0 || errno == ENOENT ? 0 : -errno;
        }
    }
    if (dir_fd >= 0) {
        (void)close(dir_fd);
    }
    shelf_done(&shelf);
    return r;
}

int shelf_open(const char *dir, const struct shelf_item *item)
{
    int dir_fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (dir_fd < 0) {
        return -errno;
    }
    int fd = openat(dir_fd, item->name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    int r = fd < 0 ? -errno : fd;
    (void)close(dir_fd);
    return r;
}
