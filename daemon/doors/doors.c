#include "daemon/doors/doors.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <zmq.h>

#include "daemon/doors/gate.h"
#include "daemon/doors/socket.h"

enum { ITEMS_MAX = INTAKE_SOCKETS_MAX + SOCKETS_MAX + DOORS_FDS_MAX, IO_THREADS = 2 };

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
    zap_close(doors->zap);
    explicit_bzero(doors->secret_key, sizeof doors->secret_key);
    free(doors);
}

void doors_closep(struct doors **doors)
{
    doors_close(*doors);
}

int doors_secure(struct doors *doors, const char *secret_key)
{
    if (secret_key != NULL) {
        RD_ASSERT(strlen(secret_key) == DOORS_SECRET_LETTERS);
        memcpy(doors->secret_key, secret_key, sizeof doors->secret_key);
        if (zmq_curve_public(doors->public_key, doors->secret_key) < 0) {
            return -errno;
        }
    }
    return zap_open(doors->context, &doors->zap);
}

void doors_set_time(struct doors *doors, rd_time wall)
{
    if (doors->zap != NULL) {
        zap_set_time(doors->zap, wall);
    }
}

static bool is_good(void *context, struct rd_str key)
{
    return zap_is_good(context, key);
}

void doors_set_keys(struct doors *doors, const struct doors_key *keys, size_t count)
{
    zap_set_keys(doors->zap, keys, count);
    gate_cut_keys(is_good, doors->zap);
}

bool doors_next_refusal(struct doors *doors, struct doors_refusal *ret_refusal)
{
    return doors->zap != NULL && zap_next_refusal(doors->zap, ret_refusal);
}

uint64_t doors_crowded(const struct doors *doors)
{
    (void)doors;
    return gate_crowded();
}

bool doors_next_cut(struct doors *doors, int64_t now_us, struct doors_cut *ret_cut)
{
    if (gate_look(now_us) &&
            doors->zap != NULL) { /* the gate is the process's, as descriptors are */
        gate_cut_keys(is_good, doors->zap);
    }
    return gate_next_cut(ret_cut);
}

uint64_t doors_refused(const struct doors *doors)
{
    (void)doors;
    return gate_refused();
}

/* Whether one of these sockets can be read. Asking all of them lets the gate know which have
 * nothing left. */
static bool look_at(const zmq_pollitem_t *items, const struct socket *const *sockets, size_t count)
{
    bool has_one = false;
    for (size_t i = 0; i < count; i++) {
        if (items[i].revents != 0) {
            has_one = true;
        } else {
            gate_drained(sockets[i]->rules);
        }
    }
    return has_one;
}

int doors_wait(struct doors_wait *wait)
{
    RD_ASSERT(wait->fd_count <= DOORS_FDS_MAX);
    zmq_pollitem_t items[ITEMS_MAX];
    const struct socket *sockets[INTAKE_SOCKETS_MAX + SOCKETS_MAX];
    size_t count = 0;
    size_t intake_count =
            wait->intake != NULL ? intake_sockets(wait->intake, wait->only_answered, sockets) : 0;
    size_t feed_count = wait->feed != NULL ? feed_sockets(wait->feed, sockets + intake_count) : 0;
    for (; count < intake_count + feed_count; count++) {
        items[count] = (zmq_pollitem_t){.socket = sockets[count]->handle, .events = ZMQ_POLLIN};
    }
    size_t first_fd = count;
    for (size_t i = 0; i < wait->fd_count; i++) {
        items[count++] = (zmq_pollitem_t){.fd = wait->fds[i], .events = ZMQ_POLLIN};
    }
    if (zmq_poll(items, (int)count, wait->is_blocking ? -1 : 0) < 0) {
        return -errno;
    }
    wait->has_intake = look_at(items, sockets, intake_count);
    wait->has_feed = look_at(items + intake_count, sockets + intake_count, feed_count);
    for (size_t i = 0; i < wait->fd_count; i++) {
        wait->is_readable[i] = items[first_fd + i].revents != 0;
    }
    return 0;
}
