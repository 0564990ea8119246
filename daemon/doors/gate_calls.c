/* The calls that libzmq makes on its connections. A definition in the program takes precedence over
 * the C library's; these call the C library's in turn (gate_next.h). */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

#include "daemon/doors/gate.h"
#include "daemon/doors/gate_next.h"

int listen(int fd, int backlog)
{
    gate_listening(fd);
    return gate_next()->listen(fd, backlog);
}

/* No descriptor is left. Accepts the connection with the spare one and closes it at once, or libzmq
 * would be woken for it again and again. */
static void refuse_one(int fd)
{
    static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; /* there are two I/O threads */
    struct gate_next *next = gate_next();
    int r = pthread_mutex_lock(&lock);
    RD_ASSERT(r == 0);
    if (next->spare_fd >= 0) {
        (void)next->close(next->spare_fd);
        int refused = next->accept4(fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
        if (refused >= 0) {
            (void)next->close(refused);
        }
        next->spare_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
    }
    r = pthread_mutex_unlock(&lock);
    RD_ASSERT(r == 0);
}

/* libzmq takes ECONNABORTED, at every kind of socket, for a peer that left before it was
 * accepted. */
int accept4(int fd, struct sockaddr *address, socklen_t *size, int flags)
{
    const struct gate_next *next = gate_next();
    int accepted = next->accept4(fd, address, size, flags);
    if (accepted < 0 && (errno == EMFILE || errno == ENFILE)) {
        refuse_one(fd);
        errno = ECONNABORTED;
        return -1;
    }
    if (accepted >= 0 && !gate_admits(fd, accepted)) {
        (void)next->close(accepted);
        errno = ECONNABORTED;
        return -1;
    }
    return accepted;
}

int connect(int fd, const struct sockaddr *address, socklen_t size)
{
    gate_connecting(fd);
    return gate_next()->connect(fd, address, size);
}

/* A function of its own, like raw_send(), because tests/tsan.supp names it: the sanitizer does not
 * see how libzmq hands its memory from thread to thread. */
static __attribute__((noinline)) ssize_t raw_recv(int fd, void *bytes, size_t size, int flags)
{
    return gate_next()->recv(fd, bytes, size, flags);
}

static __attribute__((noinline)) ssize_t raw_send(int fd, const void *bytes, size_t size, int flags)
{
    return gate_next()->send(fd, bytes, size, flags);
}

/* After a call that returned `r`. */
static void look_for_end(int fd, ssize_t r)
{
    int error = errno;
    if (r == 0 || (r < 0 && error != EAGAIN && error != EINTR)) {
        gate_ended(fd);
        errno = error;
    }
}

ssize_t recv(int fd, void *bytes, size_t size, int flags)
{
    if (gate_is_cut(fd)) {
        return 0;
    }
    ssize_t r = raw_recv(fd, bytes, size, flags);
    look_for_end(fd, r);
    return r > 0 ? (ssize_t)gate_received(fd, bytes, (size_t)r) : r;
}

ssize_t send(int fd, const void *bytes, size_t size, int flags)
{
    ssize_t r = raw_send(fd, bytes, size, flags);
    look_for_end(fd, r);
    if (r > 0) {
        gate_sent(fd, bytes, (size_t)r);
    }
    return r;
}

int epoll_ctl(int epoll_fd, int operation, int fd, struct epoll_event *event)
{
    return gate_polled(epoll_fd, operation, fd, event);
}

int close(int fd)
{
    gate_closed(fd);
    return gate_next()->close(fd);
}
