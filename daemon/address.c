#include "daemon/address.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { SHOWN = 107 };

static int say(char *ret_what, const char *path, const char *what, int r)
{
    (void)snprintf(ret_what, ADDRESS_WHAT_MAX, "%.*s: %s", (int)SHOWN, path, what);
    return r;
}

static int say_error(char *ret_what, const char *path, const char *doing, int r)
{
    (void)snprintf(ret_what, ADDRESS_WHAT_MAX, "%.*s: %s: %s", (int)SHOWN, path, doing,
            strerrordesc_np(-r));
    return r;
}

/* The configuration was refused where the path is too long for it. */
static void address_of(const char *path, struct sockaddr_un *ret_address)
{
    *ret_address = (struct sockaddr_un){.sun_family = AF_UNIX};
    size_t len = strlen(path);
    RD_ASSERT(len < sizeof ret_address->sun_path);
    memcpy(ret_address->sun_path, path, len);
}

/* 0: no process listens at the socket; -EADDRINUSE: one does, or may. */
static int probe(const char *path, char *ret_what)
{
    struct sockaddr_un address;
    address_of(path, &address);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0) {
        return say_error(ret_what, path, "checking whether another process listens there", -errno);
    }
    int error = connect(fd, (const struct sockaddr *)&address, sizeof address) == 0 ? 0 : errno;
    (void)close(fd);
    if (error == ECONNREFUSED || error == ENOENT) {
        return 0;
    }
    return say(ret_what, path, "another process listens there: stop it, or listen elsewhere",
            -EADDRINUSE);
}

/* What lies at `path` is nothing, or a dead socket of ours. *ret_is_dead: that must go. */
static int judge(const char *path, bool *ret_is_dead, char *ret_what)
{
    struct stat about;
    *ret_is_dead = false;
    if (lstat(path, &about) < 0) {
        return errno == ENOENT ? 0 : say_error(ret_what, path, "looking at it", -errno);
    }
    if (!S_ISSOCK(about.st_mode)) {
        return say(ret_what, path, "a file that is not a socket is in the way: move it away",
                -EADDRINUSE);
    }
    int r = probe(path, ret_what);
    if (r == 0 && about.st_uid != geteuid()) {
        return say(ret_what, path, "another user's socket is in the way: remove it", -EADDRINUSE);
    }
    *ret_is_dead = r == 0;
    return r;
}

static void lock_name(const char *path, char ret_name[static ADDRESS_LOCK_MAX])
{
    int len = snprintf(ret_name, ADDRESS_LOCK_MAX, "%s.lock", path);
    RD_ASSERT(len < ADDRESS_LOCK_MAX); /* a socket's path has at most 107 bytes */
}

static int lock_open(const char *name, int *ret_fd)
{
    int fd = open(name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, S_IRUSR | S_IWUSR);
    if (fd < 0) {
        return -errno;
    }
    struct stat opened, named;
    int r = flock(fd, LOCK_EX | LOCK_NB) < 0 || fstat(fd, &opened) < 0 ? -errno : 0;
    /* The file may have been removed in between: a lock without a name locks no other process
     * out. */
    if (r == 0 && (stat(name, &named) < 0 || named.st_ino != opened.st_ino ||
                          named.st_dev != opened.st_dev)) {
        r = -EWOULDBLOCK;
    }
    if (r < 0) {
        (void)close(fd);
        return r;
    }
    *ret_fd = fd;
    return 0;
}

int address_take(
        const char *path, struct address *ret_address, char ret_what[static ADDRESS_WHAT_MAX])
{
    char name[ADDRESS_LOCK_MAX];
    lock_name(path, name);
    struct address address = {.path = path,
            .mode = S_IRUSR | S_IWUSR | S_IRGRP | S_IWGRP,
            .group = (gid_t)-1,
            .lock_fd = -1};
    int r = lock_open(name, &address.lock_fd);
    if (r == -EWOULDBLOCK) {
        return say(ret_what, path,
                "another redressd has this address: stop it, or listen elsewhere", r);
    }
    if (r < 0) {
        return say_error(ret_what, name, "locking", r);
    }
    bool is_dead;
    r = judge(path, &is_dead, ret_what);
    if (r < 0) {
        address_release(&address);
        return r;
    }
    *ret_address = address;
    return 0;
}

/* A folder with the set-group-ID bit has given it already. A service that sees no group but its own
 * (PrivateUsers=) gets EINVAL or EPERM, whoever its members are. */
static int give_group(const struct address *address, char *ret_what)
{
    struct stat about;
    bool has_it = lstat(address->path, &about) == 0 && about.st_gid == address->group;
    if (address->group == (gid_t)-1 || has_it ||
            lchown(address->path, (uid_t)-1, address->group) == 0) {
        return 0;
    }
    int r = -errno;
    return r == -EPERM || r == -EINVAL
                   ? say(ret_what, address->path,
                             "the user of redressd is no member of its group, or its service hides "
                             "the group: let the folder give it (redressd(8), SERVICE)",
                             -EPERM)
                   : say_error(ret_what, address->path, "giving it its group", r);
}

static int make_socket(struct address *address, int backlog, int fd, char *ret_what)
{
    struct sockaddr_un name;
    struct stat about;
    address_of(address->path, &name);
    if (bind(fd, (const struct sockaddr *)&name, sizeof name) < 0) {
        return say_error(ret_what, address->path, "listening there", -errno);
    }
    int r = give_group(address, ret_what);
    if (r < 0) {
        return r;
    }
    if (chmod(address->path, address->mode) < 0 || lstat(address->path, &about) < 0) {
        return say_error(ret_what, address->path, "setting its mode", -errno);
    }
    address->device = about.st_dev;
    address->inode = about.st_ino;
    return listen(fd, backlog) == 0 ? 0
                                    : say_error(ret_what, address->path, "listening there", -errno);
}

int address_listen(
        struct address *address, int backlog, int *ret_fd, char ret_what[static ADDRESS_WHAT_MAX])
{
    RD_ASSERT(address->lock_fd >= 0);
    bool is_dead;
    int r = judge(address->path, &is_dead, ret_what);
    if (r < 0) {
        return r;
    }
    if (is_dead && unlink(address->path) < 0) {
        return say_error(ret_what, address->path, "removing a dead socket", -errno);
    }
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0) {
        return say_error(ret_what, address->path, "making a socket", -errno);
    }
    r = make_socket(address, backlog, fd, ret_what);
    if (r < 0) {
        (void)close(fd);
        return r;
    }
    *ret_fd = fd;
    return 0;
}

const char *address_look(const struct address *address)
{
    struct stat about;
    if (lstat(address->path, &about) < 0) {
        return "it is gone";
    }
    if (!S_ISSOCK(about.st_mode)) {
        return "a file that is not a socket is in the way";
    }
    bool is_ours = about.st_dev == address->device && about.st_ino == address->inode;
    return is_ours ? NULL : "another socket is in the way";
}

static bool is_lock(const struct address *address, const char *name)
{
    struct stat opened, named;
    return fstat(address->lock_fd, &opened) == 0 && stat(name, &named) == 0 &&
           named.st_ino == opened.st_ino && named.st_dev == opened.st_dev;
}

bool address_has_lock(const struct address *address, char ret_name[static ADDRESS_LOCK_MAX])
{
    lock_name(address->path, ret_name);
    return is_lock(address, ret_name);
}

bool address_is_same(const struct address *address, const char *path)
{
    char name[ADDRESS_LOCK_MAX];
    lock_name(path, name);
    return is_lock(address, name);
}

void address_release(struct address *address)
{
    if (address->inode != 0 && address_look(address) == NULL) {
        (void)unlink(address->path);
    }
    if (address->lock_fd >= 0) {
        (void)close(address->lock_fd);
    }
    *address = (struct address){.lock_fd = -1};
}
