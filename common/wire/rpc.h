/* common/wire/rpc.h — MessagePack-RPC of the desk: [0, msgid, method, [params]], [1, msgid, error,
 * result]. Source: the msgpack-rpc specification; redress-protocol(7), "Desk". */
#pragma once

#include "common/wire/pack.h"

struct rd_rpc_request {
    uint32_t msgid;
    struct rd_str method;
    rd_node params; /* a map, or NULL where the array was empty */
};

/* 0; -EBADMSG if it is no request (then *ret_msgid is the id if it could be read, else 0). */
RD_MUST_USE int rd_rpc_request_unpack(
        rd_node root, struct rd_rpc_request *ret_request, uint32_t *ret_msgid);
void rd_rpc_request_begin(
        struct rd_buf *buf, uint32_t msgid, const char *method); /* params follow */
/* [1, msgid, nil, … : the result follows, one object. */
void rd_rpc_result_begin(struct rd_buf *buf, uint32_t msgid);
void rd_rpc_error(struct rd_buf *buf, uint32_t msgid, const char *code, const char *message);
/* The error `gone`, with the number of the oldest alert that is kept. */
void rd_rpc_error_gone(struct rd_buf *buf, uint32_t msgid, const char *message, uint64_t oldest);
/* The same of an instant: the earliest one that can be asked. */
void rd_rpc_error_earliest(
        struct rd_buf *buf, uint32_t msgid, const char *message, rd_time earliest);

struct rd_rpc_response {
    uint32_t msgid;
    struct rd_str error_code, error_message; /* code empty: no error */
    rd_node result;
};
RD_MUST_USE int rd_rpc_response_unpack(rd_node root, struct rd_rpc_response *ret_response);
