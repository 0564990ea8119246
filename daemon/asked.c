#include "daemon/asked.h"

#include <stdlib.h>

#include "common/base/buf.h"
#include "common/wire/rpc.h"
#include "daemon/doors/desk.h"

struct asked {
    struct rd_tree *tree;
    struct rd_buf text;
};

struct asked *asked_new(void)
{
    struct asked *asked = calloc(1, sizeof *asked);
    if (asked == NULL) {
        rd_oom();
    }
    asked->tree = rd_tree_new();
    rd_buf_init(&asked->text, 2 * DESK_REQUEST_BYTES_MAX);
    return asked;
}

void asked_free(struct asked *asked)
{
    if (asked != NULL) {
        rd_tree_free(asked->tree);
        rd_buf_done(&asked->text);
        free(asked);
    }
}

/* Parameters that only say how much of an answer is wanted, and when. */
static bool is_of_pages(struct rd_str key)
{
    static const char *const KEYS[] = {"after", "limit", "min_alert", "min_seq", "stale"};
    for (size_t i = 0; i < RD_COUNT(KEYS); i++) {
        if (rd_str_is(key, KEYS[i])) {
            return true;
        }
    }
    return false;
}

void asked_read(struct asked *asked, struct rd_str request, struct asked_question *ret_question)
{
    rd_node root = NULL;
    struct rd_rpc_request question;
    struct rd_buf *text = &asked->text;
    *ret_question = (struct asked_question){.text = request};
    if (rd_tree_read(asked->tree, request, &root, NULL) < 0 ||
            rd_rpc_request_unpack(root, &question, &ret_question->msgid) < 0) {
        return;
    }
    rd_buf_reset(text);
    rd_pack_str(text, question.method);
    for (uint32_t i = 0; i < rd_node_count(question.params); i++) {
        struct rd_str key = {0};
        rd_node value = rd_node_pair(question.params, i, &key);
        if (!is_of_pages(key)) {
            rd_pack_str(text, key);
            rd_pack_node(text, value);
        }
    }
    ret_question->method = question.method;
    ret_question->text = text->error == 0 ? rd_buf_str(text) : request;
}
