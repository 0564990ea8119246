#include "daemon/config/calendar_file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

static int read_whole(int fd, size_t limit_bytes, struct rd_arena *arena, struct rd_str *ret_text)
{
    struct stat status;
    if (fstat(fd, &status) < 0) {
        return -errno;
    }
    if (!S_ISREG(status.st_mode)) {
        return S_ISDIR(status.st_mode) ? -EISDIR : -EINVAL;
    }
    if (status.st_size < 0 || (uint64_t)status.st_size > limit_bytes) {
        return -EFBIG;
    }
    size_t size = (size_t)status.st_size, got = 0;
    char *bytes = rd_arena_alloc(arena, size + 1);
    while (got < size) {
        ssize_t n = read(fd, bytes + got, size - got);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n < 0) {
            return -errno;
        }
        if (n == 0) {
            break; /* cut while it was read: what is there is judged */
        }
        got += (size_t)n;
    }
    bytes[got] = '\0';
    *ret_text = (struct rd_str){.ptr = bytes, .len = got};
    return 0;
}

int calendar_file_read(
        const char *path, size_t limit_bytes, struct rd_arena *arena, struct rd_str *ret_text)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK); /* no wait for a FIFO */
    if (fd < 0) {
        return -errno;
    }
    int r = read_whole(fd, limit_bytes, arena, ret_text);
    (void)close(fd);
    return r;
}
