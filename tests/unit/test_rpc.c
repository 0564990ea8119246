/* MessagePack-RPC: requests and answers, and what is neither. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/wire/rpc.h"

#define BYTES(literal) ((struct rd_str){(literal), sizeof(literal) - 1})

static const struct {
    struct rd_str bytes;
    int want;
    uint32_t msgid;
    bool has_params;
} requests[] = {
        {BYTES("\x94\x00\x07\xa6status\x90"), 0, 7, false},
        {BYTES("\x94\x00\xce\xff\xff\xff\xff\xa6status\x91\x80"), 0, UINT32_MAX, true},
        {BYTES("\x94\x00\x07\xa6status\x91\x81\xa4unit\xa2xj"), 0, 7, true},
        {BYTES("\x94\x00\x07\xa6status\x91\x01"), -EBADMSG, 7, false},
        {BYTES("\x94\x00\x07\xa6status\x91\xc0"), -EBADMSG, 7, false},
        {BYTES("\x94\x00\x07\xa6status\x92\x80\x80"), -EBADMSG, 7, false},
        {BYTES("\x94\x00\x07\xa6status\x80"), -EBADMSG, 7, false},
        {BYTES("\x94\x00\x07\xa6status\xc0"), -EBADMSG, 7, false},
        {BYTES("\x94\x00\x07\x01\x90"), -EBADMSG, 7, false},
        {BYTES("\x93\x00\x07\xa6status"), -EBADMSG, 7, false},
        {BYTES("\x95\x00\x07\xa6status\x90\x01"), -EBADMSG, 7, false},
        {BYTES("\x94\x01\x07\xa6status\x90"), -EBADMSG, 0, false}, /* an answer */
        {BYTES("\x93\x02\xa6status\x90"), -EBADMSG, 0, false},     /* a notification */
        {BYTES("\x94\x00\xff\xa6status\x90"), -EBADMSG, 0, false},
        {BYTES("\x94\x00\xcf\x00\x00\x00\x01\x00\x00\x00\x00\xa6status\x90"), -EBADMSG, 0, false},
        {BYTES("\x94\x00\xa1x\xa6status\x90"), -EBADMSG, 0, false},
        {BYTES("\x94\xff\x07\xa6status\x90"), -EBADMSG, 0, false},
        {BYTES("\x90"), -EBADMSG, 0, false},
        {BYTES("\x91\x00"), -EBADMSG, 0, false},
        {BYTES("\x80"), -EBADMSG, 0, false},
        {BYTES("\xc0"), -EBADMSG, 0, false},
};

static void a_request_is_read_or_at_least_its_id(void **state)
{
    (void)state;
    RD_CLEANUP(rd_tree_freep)
    struct rd_tree *tree = rd_tree_new();
    for (size_t i = 0; i < RD_COUNT(requests); i++) {
        rd_node root;
        assert_int_equal(rd_tree_read(tree, requests[i].bytes, &root, NULL), 0);
        struct rd_rpc_request request = {.msgid = 4711};
        uint32_t msgid = 4712;
        int r = rd_rpc_request_unpack(root, &request, &msgid);
        if (r != requests[i].want || msgid != requests[i].msgid) {
            fail_msg("requests[%zu]: got %d, id %u", i, r, msgid);
        }
        if (r != 0) {
            assert_int_equal(request.msgid, 4711);
            continue;
        }
        assert_int_equal(request.msgid, requests[i].msgid);
        assert_true(rd_str_is(request.method, "status"));
        assert_int_equal(request.params != NULL, requests[i].has_params);
    }
}

static const struct {
    struct rd_str bytes;
    int want;
    const char *code;
} responses[] = {
        {BYTES("\x94\x01\x07\xc0\x80"), 0, ""},
        {BYTES("\x94\x01\x07\x81\xa4"
               "code\xa4gone\xc0"),
                0, "gone"},
        {BYTES("\x94\x01\x07\x82\xa4"
               "code\xa4gone\xa7message\xa1m\xc0"),
                0, "gone"},
        {BYTES("\x94\x01\x07\x80\xc0"), -EBADMSG, ""},
        {BYTES("\x94\x01\x07\x81\xa4"
               "code\x01\xc0"),
                -EBADMSG, ""},
        {BYTES("\x94\x01\x07\xa4gone\xc0"), -EBADMSG, ""},
        {BYTES("\x94\x01\xff\xc0\x80"), -EBADMSG, ""},
        {BYTES("\x94\x00\x07\xc0\x80"), -EBADMSG, ""},
        {BYTES("\x93\x01\x07\xc0"), -EBADMSG, ""},
        {BYTES("\x80"), -EBADMSG, ""},
};

static void an_answer_is_a_result_or_an_error(void **state)
{
    (void)state;
    RD_CLEANUP(rd_tree_freep)
    struct rd_tree *tree = rd_tree_new();
    for (size_t i = 0; i < RD_COUNT(responses); i++) {
        rd_node root;
        assert_int_equal(rd_tree_read(tree, responses[i].bytes, &root, NULL), 0);
        struct rd_rpc_response response = {.msgid = 4711};
        int r = rd_rpc_response_unpack(root, &response);
        if (r != responses[i].want || response.msgid != (r == 0 ? 7 : 4711)) {
            fail_msg("responses[%zu]: got %d", i, r);
        }
        assert_true(r != 0 || rd_str_is(response.error_code, responses[i].code));
    }
}

static void what_is_written_is_read(void **state)
{
    (void)state;
    RD_CLEANUP(rd_tree_freep)
    struct rd_tree *tree = rd_tree_new();
    RD_CLEANUP(rd_buf_done)
    struct rd_buf buf;
    rd_buf_init(&buf, 256);
    rd_node root;
    rd_rpc_request_begin(&buf, 9, "case.get");
    rd_pack_map(&buf, 0);
    assert_int_equal(rd_tree_read(tree, rd_buf_str(&buf), &root, NULL), 0);
    struct rd_rpc_request request;
    uint32_t msgid;
    assert_int_equal(rd_rpc_request_unpack(root, &request, &msgid), 0);
    assert_true(rd_str_is(request.method, "case.get"));
    assert_int_equal(msgid, 9);
    rd_buf_reset(&buf);
    rd_rpc_result_begin(&buf, 9);
    rd_pack_uint(&buf, 5);
    assert_int_equal(rd_tree_read(tree, rd_buf_str(&buf), &root, NULL), 0);
    struct rd_rpc_response response;
    assert_int_equal(rd_rpc_response_unpack(root, &response), 0);
    assert_int_equal(rd_node_uint(response.result), 5);
    assert_int_equal(response.error_code.len, 0);
    rd_buf_reset(&buf);
    rd_rpc_error(&buf, 9, "not_found", "there is no case 5");
    assert_int_equal(rd_tree_read(tree, rd_buf_str(&buf), &root, NULL), 0);
    assert_int_equal(rd_rpc_response_unpack(root, &response), 0);
    assert_true(rd_str_is(response.error_code, "not_found"));
    assert_true(rd_str_is(response.error_message, "there is no case 5"));
    assert_int_equal(rd_node_type(response.result), RD_NODE_NIL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(a_request_is_read_or_at_least_its_id),
            cmocka_unit_test(an_answer_is_a_result_or_an_error),
            cmocka_unit_test(what_is_written_is_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
