/* daemon/doors/endpoint.h — where a socket listens or connects to, checked before ZeroMQ sees it.
 *
 *   endpoint = "ipc://" path        absolute, ≤ 107 bytes
 *            / "ipc://@" name       the abstract namespace, ≤ 106 bytes
 *            / "tcp://" host ":" port
 *   host     = "*" / name / IPv4 / "[" IPv6 "]"
 *   port     = 1..65535 / "*"       "*": any free one, where it is bound
 *
 * Pure. Source: redress.yaml(5), "listen"; zmq_ipc(7), zmq_tcp(7). */
#pragma once

#include "common/base/base.h"

enum { ENDPOINT_TEXT_MAX = 320, ENDPOINT_IPC_MAX = 107 };

struct endpoint {
    char text[ENDPOINT_TEXT_MAX]; /* as ZeroMQ takes it */
    const char *path;             /* into text: of an ipc socket in the file system; else NULL */
    bool is_local;                /* ipc, or tcp on loopback: needs no keys */
};

struct endpoints {
    const char *const *at;
    const int *fds; /* NULL, or for each a descriptor that listens there already, or -1 */
    /* NULL: nobody is told apart. For each who comes by it, as messages are told: a text that no
     * client's name is; or NULL: whom the peer's key names. */
    const char *const *users;
    const char *const *server_keys; /* NULL, or for each where keyed: whom to connect to, Z85 */
    size_t count;
};

/* 0; -EINVAL: ret_what says what to mend, *ret_endpoint is untouched. */
RD_MUST_USE int endpoint_parse(
        struct rd_str text, struct endpoint *ret_endpoint, char ret_what[static 256]);
