#include "tools/shared/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tools/shared/say.h"

static int write_all(int fd, struct rd_str text)
{
    while (text.len > 0) {
        ssize_t put = write(fd, text.ptr, text.len);
        if (put < 0 && errno != EINTR) {
            return -errno;
        }
        if (put > 0) {
            text.ptr += put;
            text.len -= (size_t)put;
        }
    }
    return 0;
}

static int sync_folder(const char *path)
{
    char folder[PATH_MAX];
    const char *slash = strrchr(path, '/');
    int length = slash == NULL ? 0 : slash == path ? 1 : (int)(slash - path);
    (void)snprintf(folder, sizeof folder, "%.*s", length, path);
    int fd = open(length > 0 ? folder : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) {
        return -errno;
    }
    int r = fsync(fd) < 0 ? -errno : 0;
    (void)close(fd);
    return r;
}

int file_replace(const char *path, struct rd_str text)
{
    enum { MODE = 0640 };
    char beside[PATH_MAX];
    int length = snprintf(beside, sizeof beside, "%s.new", path);
    if (length < 0 || (size_t)length >= sizeof beside) {
        return -ENAMETOOLONG;
    }
    int fd = open(beside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, MODE);
    if (fd < 0) {
        return -errno;
    }
    int r = write_all(fd, text);
    r = r < 0 ? r : write_all(fd, RD_STR("\n"));
    if (r == 0 && fdatasync(fd) < 0) {
        r = -errno;
    }
    if (close(fd) < 0 && r == 0) {
        r = -errno;
    }
    if (r == 0 && rename(beside, path) < 0) {
        r = -errno;
    }
    if (r < 0) {
        (void)unlink(beside);
        return r;
    }
    return sync_folder(path);
}

int file_read(const char *path, char *buffer, size_t size)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return -errno;
    }
    size_t used = 0;
    int r = 0;
    while (used < size) {
        ssize_t got = read(fd, buffer + used, size - used);
        if (got == 0) {
            break;
        }
        if (got < 0 && errno != EINTR) {
            r = -errno;
            break;
        }
        used += got > 0 ? (size_t)got : 0;
    }
    (void)close(fd);
    if (r == 0 && used == size) {
        r = -EFBIG;
    }
    if (r < 0) {
        return r;
    }
    buffer[used] = '\0';
    return (int)used;
}

bool file_exists(const char *path)
{
    struct stat about;
    return stat(path, &about) == 0;
}

FILE *file_to_write(const char *path)
{
    FILE *file = strcmp(path, "-") == 0 ? stdout : fopen(path, "wbe");
    if (file == NULL) {
        say_error("%s: %m", path);
    }
    return file;
}

bool file_written(FILE *file, const char *path)
{
    bool is_good = fflush(file) == 0 && ferror(file) == 0;
    is_good = (file == stdout || fclose(file) == 0) && is_good;
    if (!is_good) {
        say_error("%s: cannot be written: %m", path);
    }
    return is_good;
}
