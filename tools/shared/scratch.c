#include "tools/shared/scratch.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int scratch_make(struct scratch *ret_scratch)
{
    const char *base = getenv("TMPDIR");
    if (base == NULL || base[0] == '\0') {
        base = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
    }
    struct scratch scratch;
    int len = snprintf(scratch.path, sizeof scratch.path, "%s/redress-XXXXXX", base);
    if (len < 0 || (size_t)len >= sizeof scratch.path) {
        return -ENAMETOOLONG;
    }
    if (mkdtemp(scratch.path) == NULL) {
        return -errno;
    }
    *ret_scratch = scratch;
    return 0;
}

void scratch_remove(struct scratch *scratch)
{
    if (scratch->path[0] == '\0') {
        return;
    }
    DIR *dir = opendir(scratch->path);
    if (dir != NULL) {
        for (struct dirent *entry; (entry = readdir(dir)) != NULL;) {
            if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0) {
                (void)unlinkat(dirfd(dir), entry->d_name, 0);
            }
        }
        (void)closedir(dir);
    }
    (void)rmdir(scratch->path);
    scratch->path[0] = '\0';
}
