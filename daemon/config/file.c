/* daemon/config/file.c — the files that a configuration names. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/config/load.h"

struct rd_str config_path_of(struct config_load *load, struct rd_str path)
{
    if (path.len == 0 || path.ptr[0] == '/' || load->folder == NULL) {
        return path;
    }
    if (rd_str_starts(path, RD_STR("./"))) {
        path = (struct rd_str){path.ptr + 2, path.len - 2};
    }
    return rd_arena_printf(load->arena, "%s/%.*s", load->folder, RD_FMT(path));
}

/* A configuration that was copied from the example finds the files that the example names. */
struct rd_str config_input_path_of(struct config_load *load, struct rd_str path)
{
    struct rd_str beside = config_path_of(load, path);
    bool is_relative = !rd_str_eq(beside, path);
    if (!is_relative || access(rd_arena_dup(load->arena, beside).ptr, F_OK) == 0 ||
            errno != ENOENT) {
        return beside;
    }
    struct rd_str shipped = rd_arena_printf(load->arena, REDRESS_SHARE_DIR "/%.*s", RD_FMT(path));
    return access(shipped.ptr, R_OK) == 0 ? shipped : beside;
}

struct config_file *config_file_new(struct config_load *load, struct rd_str name)
{
    struct config_file *file = rd_arena_zalloc(load->arena, sizeof *file);
    file->name = rd_arena_dup(load->arena, name).ptr;
    file->order = load->files++;
    return file;
}

/* 0, -errno, -EFBIG, -EISDIR. */
static int read_all(struct config_load *load, int fd, struct rd_str *ret_text)
{
    struct stat about;
    if (fstat(fd, &about) < 0) {
        return -errno;
    }
    if (S_ISDIR(about.st_mode)) {
        return -EISDIR;
    }
    if (!S_ISREG(about.st_mode)) {
        return -EINVAL;
    }
    if (about.st_size > CONFIG_FILE_BYTES_MAX) {
        return -EFBIG;
    }
    size_t size = (size_t)about.st_size;
    char *text = rd_arena_alloc(load->arena, size + 1);
    size_t len = 0;
    while (len < size) {
        ssize_t got = read(fd, text + len, size - len);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0) {
            return -errno;
        }
        if (got == 0) {
            break;
        }
        len += (size_t)got;
    }
    text[len] = '\0';
    *ret_text = (struct rd_str){text, len};
    return 0;
}

int config_file_slurp(struct config_load *load, const char *path, struct rd_str *ret_text)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (fd < 0) {
        return -errno;
    }
    int r = read_all(load, fd, ret_text);
    (void)close(fd);
    return r;
}

bool config_file_read(struct config_load *load, const struct config_node *node, struct rd_str path,
        struct rd_str *ret_text)
{
    if (load->folder == NULL) {
        config_fault_at(load, node, "no files can be named here");
        return false;
    }
    struct rd_str name = rd_arena_dup(load->arena, path);
    if (strlen(name.ptr) != name.len) {
        config_fault_at(load, node, "not a path");
        return false;
    }
    int r = config_file_slurp(load, name.ptr, ret_text);
    if (r < 0) {
        config_fault_at(
                load, node, "%s: %s", name.ptr, r == -EINVAL ? "not a file" : strerrordesc_np(-r));
        return false;
    }
    return true;
}
