/* daemon/doors/gate_next.h — the C library's own calls, below those that gate_calls.c defines over
 * them. Inside this room only. */
#pragma once

#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/types.h>

struct gate_next {
    int (*accept4)(int fd, struct sockaddr *address, socklen_t *size, int flags);
    int (*connect)(int fd, const struct sockaddr *address, socklen_t size);
    int (*listen)(int fd, int backlog);
    ssize_t (*recv)(int fd, void *bytes, size_t size, int flags);
    ssize_t (*send)(int fd, const void *bytes, size_t size, int flags);
    int (*epoll_ctl)(int epoll_fd, int operation, int fd, struct epoll_event *event);
    int (*close)(int fd);
    int spare_fd; /* given up to refuse a connection when there is no other left */
};

/* Found at the first call; the same for the life of the process. Any thread, but for spare_fd,
 * which has one user. */
struct gate_next *gate_next(void);
