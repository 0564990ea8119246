/* tests/scratch.h — a directory for a test's files, in memory where there is /dev/shm; removed with
 * what it holds (files, and directories of files). */
#pragma once

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/base.h"

enum { SCRATCH_PATH_MAX = 64 };

struct scratch {
    char path[SCRATCH_PATH_MAX];
};

static inline struct scratch scratch_make_in(const char *base)
{
    struct scratch scratch;
    (void)snprintf(scratch.path, sizeof scratch.path, "%s/redress-test-XXXXXX", base);
    RD_ASSERT(mkdtemp(scratch.path) != NULL);
    return scratch;
}

static inline struct scratch scratch_make(void)
{
    return scratch_make_in(access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
}

static inline void scratch_remove_in(int parent_fd, const char *name, int depth)
{
    RD_ASSERT(depth > 0);
    int fd = openat(parent_fd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
    RD_ASSERT(dir != NULL);
    for (struct dirent *entry = readdir(dir); entry != NULL; entry = readdir(dir)) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) {
            continue;
        }
        if (unlinkat(fd, entry->d_name, 0) != 0) {
            scratch_remove_in(fd, entry->d_name, depth - 1);
        }
    }
    (void)closedir(dir);
    (void)unlinkat(parent_fd, name, AT_REMOVEDIR);
}

static inline void scratch_remove(const struct scratch *scratch)
{
    scratch_remove_in(AT_FDCWD, scratch->path, 4);
}
