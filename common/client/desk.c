#include "common/client/desk.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <zmq.h>

#include "common/client/inner.h"
#include "common/wire/rpc.h"

enum { REQUEST_BYTES_MAX = 256 * 1024 };

struct rd_desk {
    struct rd_client *client;
    char *endpoint;
    void *socket;
    uint32_t msgid;
    struct rd_buf request;
    struct rd_tree *tree;
    zmq_msg_t answer; /* what the last answer borrows from */
};

int rd_desk_open(struct rd_client *client, const char *endpoint, struct rd_desk **ret_desk)
{
    void *socket = NULL;
    int r = client_socket(client, ZMQ_DEALER, endpoint, &socket);
    if (r < 0) {
        return r;
    }
    struct rd_desk *desk = calloc(1, sizeof *desk);
    char *copy = strdup(endpoint);
    if (desk == NULL || copy == NULL) {
        rd_oom();
    }
    *desk = (struct rd_desk){
            .client = client, .endpoint = copy, .socket = socket, .tree = rd_tree_new()};
    rd_buf_init(&desk->request, REQUEST_BYTES_MAX);
    (void)zmq_msg_init(&desk->answer);
    *ret_desk = desk;
    return 0;
}

void rd_desk_close(struct rd_desk *desk)
{
    if (desk == NULL) {
        return;
    }
    client_socket_close(&desk->socket);
    (void)zmq_msg_close(&desk->answer);
    rd_buf_done(&desk->request);
    rd_tree_free(desk->tree);
    free(desk->endpoint);
    free(desk);
}

void rd_desk_closep(struct rd_desk **desk)
{
    rd_desk_close(*desk);
    *desk = NULL;
}

void *desk_socket(struct rd_desk *desk)
{
    return desk->socket;
}

int desk_reconnect(struct rd_desk *desk)
{
    void *socket = NULL;
    int r = client_socket(desk->client, ZMQ_DEALER, desk->endpoint, &socket);
    if (r < 0) {
        return r;
    }
    client_socket_close(&desk->socket);
    desk->socket = socket;
    return 0;
}

int desk_ask(struct rd_desk *desk, const char *method, struct rd_str params)
{
    rd_buf_reset(&desk->request);
    rd_rpc_request_begin(&desk->request, ++desk->msgid, method);
    if (params.len > 0) {
        rd_buf_put_text(&desk->request, params);
    } else {
        rd_pack_map(&desk->request, 0);
    }
    if (desk->request.error != 0) {
        return desk->request.error;
    }
    struct rd_str bytes = rd_buf_str(&desk->request);
    return zmq_send(desk->socket, bytes.ptr, bytes.len, ZMQ_DONTWAIT) < 0 ? client_error() : 0;
}

/* One whole message: its last frame in desk->answer. 1; 0: none; -errno. */
static int receive(struct rd_desk *desk)
{
    for (;;) {
        (void)zmq_msg_close(&desk->answer);
        (void)zmq_msg_init(&desk->answer);
        if (zmq_msg_recv(&desk->answer, desk->socket, ZMQ_DONTWAIT) < 0) {
            int r = client_error();
            return r == -EAGAIN ? 0 : r;
        }
        if (!zmq_msg_more(&desk->answer)) {
            return 1;
        }
    }
}

int desk_take(struct rd_desk *desk, struct rd_desk_answer *ret_answer)
{
    for (;;) {
        int r = receive(desk);
        if (r <= 0) {
            return r;
        }
        struct rd_str bytes = {
                .ptr = zmq_msg_data(&desk->answer), .len = zmq_msg_size(&desk->answer)};
        rd_node root = NULL;
        struct rd_rpc_response response;
        if (rd_tree_read(desk->tree, bytes, &root, NULL) < 0 ||
                rd_rpc_response_unpack(root, &response) < 0) {
            return -EPROTO;
        }
        bool is_error = response.error_code.len > 0;
        bool is_unread = response.msgid == 0 && is_error; /* the desk cannot read whose it is */
        if (response.msgid != desk->msgid && !is_unread) {
            continue; /* of a question that was given up */
        }
        if (!is_error && rd_node_type(response.result) != RD_NODE_MAP) {
            return -EPROTO;
        }
        *ret_answer = (struct rd_desk_answer){
                .error_code = response.error_code,
                .error_message = response.error_message,
                .error = is_error ? rd_node_at(root, 2) : NULL,
                .result = is_error ? NULL : response.result,
        };
        return 1;
    }
}

static int wait_for(void *socket, short what, int64_t until_us)
{
    zmq_pollitem_t item = {.socket = socket, .events = what};
    int r = zmq_poll(&item, 1, client_wait_ms(until_us));
    if (r < 0) {
        return client_error();
    }
    return r == 0 ? -ETIMEDOUT : 0;
}

static int call(struct rd_desk *desk, const char *method, struct rd_str params, int64_t until_us,
        struct rd_desk_answer *ret_answer)
{
    int r = desk_ask(desk, method, params);
    while (r == -EAGAIN) {
        r = wait_for(desk->socket, ZMQ_POLLOUT, until_us);
        if (r == 0) {
            r = desk_ask(desk, method, params);
        }
    }
    while (r == 0) {
        r = wait_for(desk->socket, ZMQ_POLLIN, until_us);
        if (r == 0) {
            r = desk_take(desk, ret_answer);
        }
    }
    return r == 1 ? 0 : r;
}

int rd_desk_call(struct rd_desk *desk, const char *method, struct rd_str params, int64_t timeout_us,
        struct rd_desk_answer *ret_answer)
{
    int r = call(desk, method, params, client_now_us() + timeout_us, ret_answer);
    if (r == -ETIMEDOUT || r == -EPROTO) {
        int again = desk_reconnect(desk);
        return again < 0 ? again : r;
    }
    return r;
}
