#include "daemon/served.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#include "daemon/store/snapshot.h"

#define MARK "served"

enum { MARK_BYTES_MAX = EDGE_STATE_PATH_MAX + 8 };

/* The first folder of the list; a descriptor, or -errno. */
static int open_cache(const struct edge *edge)
{
    char path[512];
    const char *list = edge->options->cache_dir;
    size_t len = list != NULL ? strcspn(list, ":") : 0;
    if (len == 0) {
        return -ENOENT;
    }
    if (len >= sizeof path) {
        return -ENAMETOOLONG;
    }
    memcpy(path, list, len);
    path[len] = '\0';
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return fd < 0 ? -errno : fd;
}

/* False: no state was served here before, or the note of it is gone. */
static bool read_mark(int cache, char ret_path[static MARK_BYTES_MAX])
{
    int fd = openat(cache, MARK, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0) {
        return false;
    }
    ssize_t len = read(fd, ret_path, MARK_BYTES_MAX - 1);
    (void)close(fd);
    ret_path[len > 0 ? len : 0] = '\0';
    ret_path[strcspn(ret_path, "\n")] = '\0';
    return true;
}

static bool is_there(const struct edge *edge, const char *name)
{
    char path[EDGE_STATE_PATH_MAX + 32];
    struct stat about;
    (void)snprintf(path, sizeof path, "%s/%s", edge->state, name);
    return lstat(path, &about) == 0;
}

/* Whether the journal's folder has a segment. */
static bool has_segments(const struct edge *edge)
{
    char path[EDGE_STATE_PATH_MAX + 32];
    (void)snprintf(path, sizeof path, "%s/journal", edge->state);
    DIR *dir = opendir(path);
    bool has = false;
    for (struct dirent *entry; dir != NULL && !has && (entry = readdir(dir)) != NULL;) {
        has = entry->d_name[0] != '.' && strcmp(entry->d_name, "lock") != 0;
    }
    if (dir != NULL) {
        (void)closedir(dir);
    }
    return has;
}

int served_check(struct edge *edge)
{
    char before[MARK_BYTES_MAX];
    if (is_there(edge, SNAPSHOT_UNFINISHED)) {
        log_err("main",
                "redressctl restore is not through with this folder: wait for it, or, if it was "
                "ended before, remove the folder and restore again. Nothing was changed",
                "dir=\"%s\"", edge->state);
        return EX_DATAERR;
    }
    edge->is_new = !is_there(edge, "store/data.mdb") && !has_segments(edge);
    if (!edge->is_new && edge->options->is_new_state) {
        log_err("main", "there is a state in this folder: --new-state makes one in an empty folder",
                "dir=\"%s\"", edge->state);
        return EX_CANTCREAT;
    }
    if (!edge->is_new || edge->options->is_new_state) {
        return 0;
    }
    if (edge->options->is_recovery) {
        log_err("main",
                "there is no state in this folder: --recover makes the store anew of what is "
                "there. "
                "Mount or put back what was there, or restore a backup",
                "dir=\"%s\"", edge->state);
        return EX_DATAERR;
    }
    int cache = open_cache(edge);
    bool is_marked = cache >= 0 && read_mark(cache, before);
    if (cache >= 0) {
        (void)close(cache);
    }
    if (is_marked) {
        log_err("main",
                "the state folder is empty, and this machine has served a state: mount or put back "
                "what was there, or restore a backup. If a new state is meant to begin, redressd "
                "--new-state makes it",
                "dir=\"%s\" served=\"%s\"", edge->state, before);
        return EX_DATAERR;
    }
    log_warning("main", "a new state begins: the folder was empty", "dir=\"%s\"", edge->state);
    return 0;
}

/* Whole or not at all: what a power cut leaves of it must not be an empty name. */
static int replace(int cache, const char *text, size_t len)
{
    int fd =
            openat(cache, MARK ".new", O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0) {
        return -errno;
    }
    ssize_t written = write(fd, text, len);
    int r = written < 0 ? -errno : (size_t)written < len ? -ENOSPC : fsync(fd) < 0 ? -errno : 0;
    (void)close(fd);
    if (r == 0 && (renameat(cache, MARK ".new", cache, MARK) < 0 || fsync(cache) < 0)) {
        r = -errno;
    }
    return r;
}

void served_note(const struct edge *edge)
{
    char text[MARK_BYTES_MAX], before[MARK_BYTES_MAX];
    int cache = open_cache(edge);
    if (cache == -ENOENT && edge->options->cache_dir == NULL) {
        return;
    }
    int len = snprintf(text, sizeof text, "%s\n", edge->state);
    bool is_same = cache >= 0 && read_mark(cache, before) && strcmp(before, edge->state) == 0;
    int r = cache < 0 ? cache : is_same ? 0 : replace(cache, text, (size_t)len);
    if (cache >= 0) {
        (void)close(cache);
    }
    if (r < 0) {
        log_warning("main",
                "cannot note that this state is served here: a lost state folder would look like a "
                "first start",
                "dir=\"%s\" error=\"%s\"", edge->options->cache_dir, strerrordesc_np(-r));
    }
}
