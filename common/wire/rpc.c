#include "common/wire/rpc.h"

#include <errno.h>

enum { REQUEST = 0, RESPONSE = 1, REQUEST_LEN = 4, RESPONSE_LEN = 4 };

/* [kind, msgid, …]: true where the second is a message id, whatever else there is. */
static bool read_msgid(rd_node root, uint32_t *ret_msgid)
{
    rd_node node = rd_node_at(root, 1);
    if (rd_node_type(node) != RD_NODE_UINT || rd_node_uint(node) > UINT32_MAX) {
        return false;
    }
    *ret_msgid = (uint32_t)rd_node_uint(node);
    return true;
}

static bool is_kind(rd_node root, uint64_t kind)
{
    rd_node node = rd_node_at(root, 0);
    return rd_node_type(node) == RD_NODE_UINT && rd_node_uint(node) == kind;
}

int rd_rpc_request_unpack(rd_node root, struct rd_rpc_request *ret_request, uint32_t *ret_msgid)
{
    uint32_t msgid = 0;
    bool has_msgid = is_kind(root, REQUEST) && read_msgid(root, &msgid);
    *ret_msgid = msgid;
    rd_node method = rd_node_at(root, 2), params = rd_node_at(root, 3);
    if (!has_msgid || rd_node_count(root) != REQUEST_LEN || rd_node_type(method) != RD_NODE_STR ||
            rd_node_type(params) != RD_NODE_ARRAY) {
        return -EBADMSG;
    }
    rd_node map = rd_node_at(params, 0);
    if (rd_node_count(params) > 1 || (map != NULL && rd_node_type(map) != RD_NODE_MAP)) {
        return -EBADMSG;
    }
    *ret_request =
            (struct rd_rpc_request){.msgid = msgid, .method = rd_node_str(method), .params = map};
    return 0;
}

void rd_rpc_request_begin(struct rd_buf *buf, uint32_t msgid, const char *method)
{
    rd_pack_array(buf, REQUEST_LEN);
    rd_pack_uint(buf, REQUEST);
    rd_pack_uint(buf, msgid);
    rd_pack_cstr(buf, method);
    rd_pack_array(buf, 1);
}

void rd_rpc_result_begin(struct rd_buf *buf, uint32_t msgid)
{
    rd_pack_array(buf, RESPONSE_LEN);
    rd_pack_uint(buf, RESPONSE);
    rd_pack_uint(buf, msgid);
    rd_pack_nil(buf);
}

/* Up to the error's map, of which `more` pairs follow. */
static void error_begin(
        struct rd_buf *buf, uint32_t msgid, const char *code, const char *message, uint32_t more)
{
    rd_pack_array(buf, RESPONSE_LEN);
    rd_pack_uint(buf, RESPONSE);
    rd_pack_uint(buf, msgid);
    rd_pack_map(buf, 2 + more);
    rd_pack_cstr(buf, "code");
    rd_pack_cstr(buf, code);
    rd_pack_cstr(buf, "message");
    rd_pack_cstr(buf, message);
}

void rd_rpc_error(struct rd_buf *buf, uint32_t msgid, const char *code, const char *message)
{
    error_begin(buf, msgid, code, message, 0);
    rd_pack_nil(buf);
}

void rd_rpc_error_gone(struct rd_buf *buf, uint32_t msgid, const char *message, uint64_t oldest)
{
    error_begin(buf, msgid, "gone", message, 1);
    rd_pack_cstr(buf, "oldest");
    rd_pack_uint(buf, oldest);
    rd_pack_nil(buf);
}

void rd_rpc_error_earliest(
        struct rd_buf *buf, uint32_t msgid, const char *message, rd_time earliest)
{
    error_begin(buf, msgid, "gone", message, 1);
    rd_pack_cstr(buf, "earliest");
    rd_pack_time(buf, earliest);
    rd_pack_nil(buf);
}

int rd_rpc_response_unpack(rd_node root, struct rd_rpc_response *ret_response)
{
    struct rd_rpc_response response = {0};
    if (!is_kind(root, RESPONSE) || rd_node_count(root) != RESPONSE_LEN ||
            !read_msgid(root, &response.msgid)) {
        return -EBADMSG;
    }
    rd_node error = rd_node_at(root, 2);
    if (rd_node_type(error) == RD_NODE_MAP) {
        response.error_code = rd_node_str(rd_node_find(error, "code"));
        response.error_message = rd_node_str(rd_node_find(error, "message"));
    }
    if (rd_node_type(error) != RD_NODE_NIL && response.error_code.len == 0) {
        return -EBADMSG;
    }
    response.result = rd_node_at(root, 3);
    *ret_response = response;
    return 0;
}
