#include <errno.h>
#include <grp.h>
#include <limits.h>
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "tools/shared/ends.h"

/* ZeroMQ retries for ever and reports no reason. A plain connect() fails at once with one. */

static int connect_within(int fd, const struct sockaddr *address, socklen_t size)
{
    if (connect(fd, address, size) == 0 || errno == EAGAIN) {
        return 0; /* EAGAIN: there is a queue at the door */
    }
    if (errno != EINPROGRESS) {
        return -errno;
    }
    struct pollfd poll_fd = {.fd = fd, .events = POLLOUT};
    int error = 0;
    socklen_t error_size = sizeof error;
    if (poll(&poll_fd, 1, END_PROBE_MS) == 1 &&
            getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &error_size) == 0) {
        return -error;
    }
    return 0; /* far away: the call itself will tell */
}

static int try_connect(int family, const void *address, size_t size)
{
    int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0) {
        return -errno;
    }
    int r = connect_within(fd, address, (socklen_t)size);
    (void)close(fd);
    return r;
}

static void tell_permission(const char *path, char *why)
{
    struct stat about;
    char at[sizeof((struct sockaddr_un *)NULL)->sun_path + 1];
    (void)snprintf(at, sizeof at, "%s", path);
    /* of what may not even be looked at: the folder that keeps it */
    for (char *slash = at;
            stat(at, &about) < 0 && (slash = strrchr(at, '/')) != NULL && slash > at;) {
        *slash = '\0';
    }
    struct group *group = stat(at, &about) == 0 ? getgrgid(about.st_gid) : NULL;
    if (group != NULL) {
        (void)snprintf(why, END_WHY_MAX,
                "%.256s: no permission; it is for the group %.64s (usermod -aG %.64s USER, then "
                "log "
                "in anew)",
                path, group->gr_name, group->gr_name);
    } else {
        (void)snprintf(
                why, END_WHY_MAX, "%.256s: no permission; it is for the daemon's group", path);
    }
}

static int probe_ipc(const char *path, char *why)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    size_t len = strlen(path);
    if (len == 0 || len >= sizeof address.sun_path) {
        (void)snprintf(why, END_WHY_MAX, "%.256s: too long for a socket's path", path);
        return -ENAMETOOLONG;
    }
    memcpy(address.sun_path, path, len);
    bool is_abstract = path[0] == '@';
    address.sun_path[0] = is_abstract ? '\0' : path[0];
    size_t size = offsetof(struct sockaddr_un, sun_path) + len + (is_abstract ? 0 : 1);
    struct stat about;
    if (!is_abstract && stat(path, &about) == 0 && !S_ISSOCK(about.st_mode)) {
        (void)snprintf(why, END_WHY_MAX,
                "%.256s: a file that is not a socket is in the way; if redressd runs, its log says "
                "so",
                path);
        return -ENOTSOCK;
    }
    int r = try_connect(AF_UNIX, &address, size);
    if (r == -ENOENT || r == -ENOTDIR) {
        (void)snprintf(why, END_WHY_MAX,
                "%.256s: there is no such socket; redressd does not run, or its run directory is "
                "another (--run, REDRESS_RUN)",
                path);
    } else if (r == -ECONNREFUSED) {
        (void)snprintf(why, END_WHY_MAX,
                "%.256s: nobody answers there; whoever made it has ended, or listens elsewhere now",
                path);
    } else if (r == -EACCES || r == -EPERM) {
        tell_permission(path, why);
    }
    return r;
}

/* Only where the host is a number: a name may take long to find. */
static int probe_tcp(const char *rest, char *why)
{
    char host[256];
    const char *colon = strrchr(rest, ':');
    size_t len = colon != NULL ? (size_t)(colon - rest) : 0;
    bool is_bracketed = len > 2 && rest[0] == '[' && rest[len - 1] == ']';
    if (len == 0 || len >= sizeof host) {
        return 0;
    }
    (void)snprintf(host, sizeof host, "%.*s", (int)(is_bracketed ? len - 2 : len),
            is_bracketed ? rest + 1 : rest);
    struct addrinfo hints = {
            .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV, .ai_socktype = SOCK_STREAM};
    struct addrinfo *found = NULL;
    if (getaddrinfo(host, colon + 1, &hints, &found) != 0) {
        return 0;
    }
    int r = try_connect(found->ai_family, found->ai_addr, found->ai_addrlen);
    freeaddrinfo(found);
    if (r == -ECONNREFUSED) {
        (void)snprintf(why, END_WHY_MAX,
                "tcp://%.256s: nobody answers; redressd does not run there", rest);
    }
    return r;
}

int ends_probe(const char *endpoint, char ret_why[static END_WHY_MAX])
{
    static const char ipc[] = "ipc://", tcp[] = "tcp://";
    ret_why[0] = '\0';
    int r = 0;
    if (strncmp(endpoint, ipc, sizeof ipc - 1) == 0) {
        r = probe_ipc(endpoint + sizeof ipc - 1, ret_why);
    } else if (strncmp(endpoint, tcp, sizeof tcp - 1) == 0) {
        r = probe_tcp(endpoint + sizeof tcp - 1, ret_why);
    }
    if (r < 0 && ret_why[0] == '\0') {
        (void)snprintf(ret_why, END_WHY_MAX, "%.256s: %s", endpoint, strerror(-r));
    }
    return r;
}
