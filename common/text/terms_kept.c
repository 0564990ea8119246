#include "common/text/terms_kept.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <hs.h>

enum { FILE_BYTES_MAX = 64 * 1024 * 1024, NAME_BYTES = 2 * RD_DIGEST_BYTES + 64 };
#define SUFFIX ".terms"

/* The folder, which is made if it is not there; -1: there is none. */
static int open_folder(void)
{
    char path[PATH_MAX];
    const char *given = getenv("CACHE_DIRECTORY"), *base = getenv("XDG_CACHE_HOME");
    const char *home = getenv("HOME");
    int len = 0;
    if (given != NULL && given[0] == '/') {
        len = snprintf(path, sizeof path, "%.*s", (int)strcspn(given, ":"), given);
    } else if (base != NULL && base[0] == '/') {
        len = snprintf(path, sizeof path, "%s/redress", base);
    } else if (home != NULL && home[0] == '/') {
        len = snprintf(path, sizeof path, "%s/.cache", home);
        if (len > 0 && len < (int)sizeof path) {
            (void)mkdir(path, 0700); /* a home that no desktop has used has none yet */
        }
        len = snprintf(path, sizeof path, "%s/.cache/redress", home);
    }
    if (len <= 0 || len >= (int)sizeof path) {
        return -1;
    }
    (void)mkdir(path, 0700);
    return open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

/* Of the digest, how it is searched, and the library that made it. */
static void name_of(
        const uint8_t digest[static RD_HASH_BYTES], bool is_pieced, char name[static NAME_BYTES])
{
    const struct rd_str parts[] = {{.ptr = (const char *)digest, .len = RD_HASH_BYTES},
            rd_str_of(is_pieced ? "pieced" : "whole"), rd_str_of(hs_version())};
    uint8_t key[RD_DIGEST_BYTES];
    rd_digest(parts, RD_COUNT(parts), key);
    size_t at = 0;
    for (size_t i = 0; i < sizeof key; i++) {
        at += (size_t)snprintf(name + at, NAME_BYTES - at, "%02x", key[i]);
    }
    (void)snprintf(name + at, NAME_BYTES - at, "%s", SUFFIX);
}

/* The whole file; NULL: it cannot be had, or others could have written it. */
static char *read_own(int fd, size_t *ret_len)
{
    struct stat about;
    if (fstat(fd, &about) < 0 || !S_ISREG(about.st_mode) || about.st_uid != geteuid() ||
            (about.st_mode & (S_IWGRP | S_IWOTH)) != 0 || about.st_size <= 0 ||
            about.st_size > FILE_BYTES_MAX) {
        return NULL;
    }
    size_t size = (size_t)about.st_size, have = 0;
    char *bytes = malloc(size);
    while (bytes != NULL && have < size) {
        ssize_t n = read(fd, bytes + have, size - have);
        if (n == 0 || (n < 0 && errno != EINTR)) {
            free(bytes);
            return NULL;
        }
        have += n > 0 ? (size_t)n : 0;
    }
    *ret_len = size;
    return bytes;
}

hs_database_t *terms_kept_get(const uint8_t digest[static RD_HASH_BYTES], bool is_pieced)
{
    char name[NAME_BYTES];
    hs_database_t *database = NULL;
    size_t len = 0;
    int folder = open_folder();
    if (folder < 0) {
        return NULL;
    }
    name_of(digest, is_pieced, name);
    int fd = openat(folder, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    char *bytes = fd >= 0 ? read_own(fd, &len) : NULL;
    if (bytes != NULL && hs_deserialize_database(bytes, len, &database) != HS_SUCCESS) {
        database = NULL;
    }
    if (database != NULL) {
        (void)futimens(fd, NULL); /* it was used */
    }
    free(bytes);
    if (fd >= 0) {
        (void)close(fd);
    }
    (void)close(folder);
    return database;
}

static bool write_all(int fd, const char *bytes, size_t len)
{
    while (len > 0) {
        ssize_t n = write(fd, bytes, len);
        if (n < 0 && errno != EINTR) {
            return false;
        }
        bytes += n > 0 ? n : 0;
        len -= n > 0 ? (size_t)n : 0;
    }
    return true;
}

/* Removes the least recently used file if there are too many. The unfinished file of a process that
 * was killed counts as one of them. */
static void make_room(int folder)
{
    int fd = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
    char oldest[NAME_BYTES] = "";
    struct timespec when = {0};
    size_t count = 0;
    for (const struct dirent *one = dir != NULL ? readdir(dir) : NULL; one != NULL;
            one = readdir(dir)) {
        size_t len = strlen(one->d_name);
        struct stat about;
        if (len >= sizeof oldest || strstr(one->d_name, SUFFIX) == NULL ||
                fstatat(folder, one->d_name, &about, AT_SYMLINK_NOFOLLOW) < 0) {
            continue;
        }
        count++;
        if (oldest[0] == '\0' || about.st_mtim.tv_sec < when.tv_sec) {
            when = about.st_mtim;
            memcpy(oldest, one->d_name, len + 1);
        }
    }
    if (count > TERMS_KEPT_MAX) {
        (void)unlinkat(folder, oldest, 0);
    }
    if (dir != NULL) {
        (void)closedir(dir);
    } else if (fd >= 0) {
        (void)close(fd);
    }
}

void terms_kept_put(
        const uint8_t digest[static RD_HASH_BYTES], bool is_pieced, const hs_database_t *database)
{
    char name[NAME_BYTES], draft[NAME_BYTES], *bytes = NULL;
    size_t len = 0;
    int folder = open_folder();
    if (folder < 0) {
        return;
    }
    name_of(digest, is_pieced, name);
    int written = snprintf(draft, sizeof draft, "%s.%ld", name, (long)getpid());
    if (written > 0 && (size_t)written < sizeof draft &&
            hs_serialize_database(database, &bytes, &len) == HS_SUCCESS && len <= FILE_BYTES_MAX) {
        int fd = openat(folder, draft, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
        bool is_whole = fd >= 0 && write_all(fd, bytes, len);
        if (fd >= 0 && close(fd) < 0) {
            is_whole = false;
        }
        if (fd >= 0 && (!is_whole || renameat(folder, draft, folder, name) < 0)) {
            (void)unlinkat(folder, draft, 0);
        }
        make_room(folder);
    }
    free(bytes);
    (void)close(folder);
}
