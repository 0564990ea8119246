/* daemon/address.h — one daemon an address: the ipc sockets that lie in the file system.
 *
 * Beside the socket PATH lies PATH.lock, which the daemon that listens at PATH holds with flock(2).
 * The file at PATH is removed only if it is a socket of this user at which no process listens. A
 * daemon looks now and then whether PATH still is the socket that it made. Source: redressd(8),
 * "FILES". */
#pragma once

#include <sys/types.h>

#include "common/base/base.h"

struct address {
    const char *path; /* borrowed */
    mode_t mode;      /* of the socket; set by the caller, as is `group` */
    gid_t group;      /* (gid_t)-1: as it comes */
    int lock_fd;      /* -1: not locked */
    dev_t device;     /* of the socket that was made; inode 0: none was */
    ino_t inode;
};

enum { ADDRESS_WHAT_MAX = 256, ADDRESS_LOCK_MAX = 120 };

/* Locks `path` and looks at what lies there; changes nothing else.
 * 0; -EWOULDBLOCK: another daemon has the lock (it may be ending); -EADDRINUSE: somebody listens
 * there, or it is not ours to remove; -errno. On failure ret_what says what and what to do. */
RD_MUST_USE int address_take(
        const char *path, struct address *ret_address, char ret_what[static ADDRESS_WHAT_MAX]);
/* Removes a dead socket, makes a new one of that mode and group, and listens with `backlog`.
 * 0 and the descriptor; errors as address_take(); -EPERM: this user is no member of the group. */
RD_MUST_USE int address_listen(
        struct address *address, int backlog, int *ret_fd, char ret_what[static ADDRESS_WHAT_MAX]);
/* NULL: PATH is the socket that was made last; else what is there instead, for a person. */
const char *address_look(const struct address *address);
/* False: its lock was removed or replaced, and locks nobody out any more; ret_name is the lock's
 * path. */
bool address_has_lock(const struct address *address, char ret_name[static ADDRESS_LOCK_MAX]);
/* Whether `path` is another way to write the path of this address. */
bool address_is_same(const struct address *address, const char *path);
/* Removes the socket if it is the one that was made, and gives the lock back. */
void address_release(struct address *address);
