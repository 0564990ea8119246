#include "daemon/desk/desk.h"

#include <errno.h>
#include <stdlib.h>

#include "daemon/desk/method.h"

enum { ARENA_BYTES_MAX = 256 * 1024 * 1024 };

struct desk {
    struct desk_options options;
    struct store_view *view;
    struct rd_tree *tree;
    struct rd_arena arena; /* of the answer */
    struct engine *engine; /* over the view; NULL: not needed yet */
};

int desk_new(const struct desk_options *options, struct desk **ret_desk)
{
    RD_CLEANUP(desk_freep)
    struct desk *desk = calloc(1, sizeof *desk);
    if (desk == NULL) {
        rd_oom();
    }
    desk->options = *options;
    desk->tree = rd_tree_new();
    rd_arena_init(&desk->arena, ARENA_BYTES_MAX);
    int r = store_side_open(options->store, &desk->view);
    if (r < 0) {
        return r;
    }
    store_side_rest(desk->view);
    *ret_desk = desk;
    desk = NULL;
    return 0;
}

void desk_free(struct desk *desk)
{
    if (desk == NULL) {
        return;
    }
    engine_close(desk->engine);
    rd_arena_done(&desk->arena);
    if (desk->view != NULL) {
        store_side_close(desk->view);
    }
    rd_tree_free(desk->tree);
    free(desk);
}

void desk_freep(struct desk **desk)
{
    desk_free(*desk);
}

/* True if the last checkpoint is as new as the question asks for. */
static bool is_new_enough(const struct desk_live *live, rd_node params)
{
    return rd_node_uint(rd_node_find(params, "min_seq")) <= live->kept.event_seq &&
           rd_node_uint(rd_node_find(params, "min_alert")) <= live->kept.alert_seq;
}

static void answer_call(struct method_call *call, const struct rd_rpc_request *request)
{
    struct rd_buf *reply = call->reply;
    size_t begin = reply->len;
    const struct method *method = method_find(request->method);
    if (method == NULL) {
        rd_rpc_error(reply, request->msgid, "unknown_method", "the desk has no such method");
        return;
    }
    rd_rpc_result_begin(reply, request->msgid);
    if (!method->answer(call)) {
        RD_ASSERT(call->error_code != NULL);
        reply->len = begin;
        rd_rpc_error(reply, request->msgid, call->error_code, call->error_message);
    } else if (reply->error != 0) {
        reply->len = begin;
        reply->error = 0;
        rd_rpc_error(reply, request->msgid, "bad_params",
                "the answer is too large: ask with a smaller limit");
    }
}

int desk_answer(struct desk *desk, struct rd_str user, struct rd_str bytes, bool is_last_chance,
        struct rd_buf *reply)
{
    rd_node root;
    struct rd_rpc_request request;
    uint32_t msgid = 0;
    if (rd_tree_read(desk->tree, bytes, &root, NULL) < 0 ||
            rd_rpc_request_unpack(root, &request, &msgid) < 0) {
        rd_rpc_error(reply, msgid, "bad_params",
                "a request is [0, msgid, method, [params]] with a map of params");
        return 0;
    }
    struct desk_live live;
    live_take(desk->options.live, &live); /* before the view is renewed: it is never older */
    int r = 0;
    if (!is_new_enough(&live, request.params)) {
        r = -EAGAIN;
        if (is_last_chance) {
            rd_rpc_error(
                    reply, request.msgid, "not_yet", "the daemon has not got there: ask again");
            r = 0;
        }
    } else {
        rd_arena_reset(&desk->arena);
        r = store_side_renew(desk->view);
        struct method_call call = {.options = &desk->options,
                .view = desk->view,
                .live = &live,
                .engine_slot = &desk->engine,
                .arena = &desk->arena,
                .plan = live.config->plan,
                .user = user,
                .params = request.params,
                .reply = reply};
        if (r == 0) {
            answer_call(&call, &request);
            store_side_rest(desk->view);
        } else {
            rd_rpc_error(reply, request.msgid, "not_yet", "the tables cannot be read now");
            r = 0;
        }
    }
    live_release(desk->options.live, &live);
    return r;
}
