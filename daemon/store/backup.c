#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "daemon/store/errors.h"
#include "daemon/store/room.h"

enum { FILE_MODE = 0600 };

static int copy_to(const struct dbenv *env, int dir_fd)
{
    int fd = openat(dir_fd, "data.mdb", O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, FILE_MODE);
    if (fd < 0) {
        return -errno;
    }
    int r = store_errno(mdb_env_copyfd2(env->env, fd, 0));
    if (r == 0 && (fsync(fd) != 0 || fsync(dir_fd) != 0)) {
        r = -errno;
    }
    (void)close(fd);
    if (r < 0) { /* half a copy must not look like one */
        (void)unlinkat(dir_fd, "data.mdb", 0);
    }
    return r;
}

int store_backup(struct store *store, const char *dir)
{
    int dir_fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (dir_fd < 0) {
        return -errno;
    }
    int r = copy_to(room_env(store), dir_fd);
    (void)close(dir_fd);
    return r;
}
