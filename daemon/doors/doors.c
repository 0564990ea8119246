#include "daemon/doors/doors.h"

#include <errno.h>
#include <stdlib.h>

#include <zmq.h>

#include "daemon/doors/gate.h"
#include "daemon/doors/socket.h"

enum { INTAKE_SOCKETS = 3, ITEMS_MAX = INTAKE_SOCKETS + 1 + DOORS_FDS_MAX, IO_THREADS = 1 };

int doors_open(struct doors **ret_doors)
{
    struct doors *doors = calloc(1, sizeof *doors);
    if (doors == NULL) {
        rd_oom();
    }
    doors->context = zmq_ctx_new();
    if (doors->context == NULL) {
        int error = errno;
        free(doors);
        return -error;
    }
    int r = zmq_ctx_set(doors->context, ZMQ_IO_THREADS, IO_THREADS);
    RD_ASSERT(r == 0);
    *ret_doors = doors;
    return 0;
}

void doors_close(struct doors *doors)
{
    if (doors == NULL) {
        return;
    }
    while (zmq_ctx_term(doors->context) < 0 && errno == EINTR) {
    }
    free(doors);
}

void doors_closep(struct doors **doors)
{
    doors_close(*doors);
}

bool doors_next_cut(struct doors *doors, int64_t now_us, struct doors_cut *ret_cut)
{
    (void)doors; /* the gate is the process's, as descriptors are */
    gate_look(now_us);
    return gate_next_cut(ret_cut);
}

uint64_t doors_refused(const struct doors *doors)
{
    (void)doors;
    return gate_refused();
}

static void add_socket(zmq_pollitem_t *items, size_t *count, void *socket)
{
    items[(*count)++] = (zmq_pollitem_t){.socket = socket, .events = ZMQ_POLLIN};
}

int doors_wait(struct doors_wait *wait)
{
    RD_ASSERT(wait->fd_count <= DOORS_FDS_MAX);
    zmq_pollitem_t items[ITEMS_MAX];
    void *sockets[INTAKE_SOCKETS];
    size_t count = 0;
    size_t intake_count =
            wait->intake != NULL ? intake_sockets(wait->intake, wait->only_answered, sockets) : 0;
    for (size_t i = 0; i < intake_count; i++) {
        add_socket(items, &count, sockets[i]);
    }
    if (wait->feed != NULL) {
        add_socket(items, &count, feed_socket(wait->feed));
    }
    size_t first_fd = count;
    for (size_t i = 0; i < wait->fd_count; i++) {
        items[count++] = (zmq_pollitem_t){.fd = wait->fds[i], .events = ZMQ_POLLIN};
    }
    if (zmq_poll(items, (int)count, wait->is_blocking ? -1 : 0) < 0) {
        return -errno;
    }
    wait->has_intake = false;
    for (size_t i = 0; i < intake_count; i++) {
        wait->has_intake = wait->has_intake || items[i].revents != 0;
    }
    wait->has_feed = wait->feed != NULL && items[intake_count].revents != 0;
    for (size_t i = 0; i < wait->fd_count; i++) {
        wait->is_readable[i] = items[first_fd + i].revents != 0;
    }
    return 0;
}
