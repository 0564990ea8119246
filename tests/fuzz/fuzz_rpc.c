/* What reads as a request or an answer is written and read again as the same; never both. */
#include <string.h>

#include "common/wire/rpc.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { METHOD_MAX = 64 };

static void check_request(const struct rd_rpc_request *request, struct rd_buf *buf)
{
    char method[METHOD_MAX] = "";
    if (request->method.len == 0 || request->method.len >= sizeof method ||
            request->params == NULL ||
            memchr(request->method.ptr, '\0', request->method.len) != NULL) {
        return; /* no method of ours has such a name */
    }
    memcpy(method, request->method.ptr, request->method.len);
    rd_rpc_request_begin(buf, request->msgid, method);
    rd_pack_node(buf, request->params);
    RD_CLEANUP(rd_tree_freep)
    struct rd_tree *tree = rd_tree_new();
    struct rd_rpc_request again;
    rd_node root;
    uint32_t msgid;
    int r = rd_tree_read(tree, rd_buf_str(buf), &root, NULL);
    RD_ASSERT(r == 0);
    r = rd_rpc_request_unpack(root, &again, &msgid);
    RD_ASSERT(r == 0 && msgid == request->msgid);
    RD_ASSERT(rd_str_eq(again.method, request->method));
}

static void check_result(const struct rd_rpc_response *response, struct rd_buf *buf)
{
    rd_rpc_result_begin(buf, response->msgid);
    rd_pack_node(buf, response->result);
    RD_CLEANUP(rd_tree_freep)
    struct rd_tree *tree = rd_tree_new();
    struct rd_rpc_response again;
    rd_node root;
    int r = rd_tree_read(tree, rd_buf_str(buf), &root, NULL);
    RD_ASSERT(r == 0);
    r = rd_rpc_response_unpack(root, &again);
    RD_ASSERT(r == 0 && again.msgid == response->msgid && again.error_code.len == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct rd_str bytes = {.ptr = (const char *)data, .len = size};
    RD_CLEANUP(rd_tree_freep)
    struct rd_tree *tree = rd_tree_new();
    RD_CLEANUP(rd_buf_done)
    struct rd_buf buf;
    rd_buf_init(&buf, size + 256);
    rd_node root;
    if (rd_tree_read(tree, bytes, &root, NULL) != 0) {
        return 0;
    }
    struct rd_rpc_request request;
    struct rd_rpc_response response;
    uint32_t msgid;
    bool is_request = rd_rpc_request_unpack(root, &request, &msgid) == 0;
    bool is_response = rd_rpc_response_unpack(root, &response) == 0;
    RD_ASSERT(!is_request || !is_response);
    if (is_request) {
        check_request(&request, &buf);
    } else if (is_response && response.error_code.len == 0) {
        check_result(&response, &buf);
    }
    return 0;
}
