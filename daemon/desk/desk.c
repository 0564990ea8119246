#include "daemon/desk/desk.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/config/quota.h"
#include "daemon/desk/params.h"

enum { ARENA_BYTES_MAX = 256 * 1024 * 1024 };

struct desk {
    struct desk_options options;
    struct store_view *view; /* of the last checkpoint */
    struct rd_tree *tree;
    struct rd_arena arena; /* of the answer */
    /* NULL: not needed yet. Over the view; over what is shown. */
    struct engine *engine, *shown_engine;
    struct desk_proof proof;
    struct quota *quota; /* rows that each client was told */
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
    desk->quota = quota_new();
    rd_arena_init(&desk->arena, ARENA_BYTES_MAX);
    desk->proof.finished = RD_TIME_NONE;
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
    engine_close(desk->shown_engine);
    rd_arena_done(&desk->arena);
    if (desk->view != NULL) {
        store_side_close(desk->view);
    }
    rd_tree_free(desk->tree);
    quota_free(desk->quota);
    free(desk);
}

void desk_freep(struct desk **desk)
{
    desk_free(*desk);
}

static void refuse_method(struct method_call *call, const struct rd_rpc_request *request)
{
    bool is_text = rd_pack_is_utf8(request->method);
    struct rd_nearest nearest = rd_nearest_of(is_text ? request->method : RD_STR("?"));
    const struct method *method;
    for (size_t i = 0; (method = method_at(i)) != NULL; i++) {
        rd_nearest_try(&nearest, rd_str_of(method->name));
    }
    (void)param_refuse(call, "the desk has no method", &nearest);
    rd_rpc_error(call->reply, request->msgid, "unknown_method", call->error_message);
}

static bool may_ask(struct method_call *call, const struct method *method)
{
    return rights_has_role(&call->rights, method->roles) ||
           method_fail(call, "forbidden", "this key's role may not ask %s", method->name);
}

/* What cannot be cut is asked for a unit that the key has: whether there are other ones is not
 * told. */
static bool is_of_its_own(struct method_call *call, const struct method *method)
{
    struct rd_str unit = param_str(call, "unit");
    return method->cut != CUT_ASKED || rights_is_everywhere(&call->rights) ||
           rights_covers(&call->rights, unit) ||
           method_fail(call, "forbidden", "%s: unit must be one of this key's units", method->name);
}

static void answer_call(struct method_call *call, const struct rd_rpc_request *request)
{
    struct rd_buf *reply = call->reply;
    size_t begin = reply->len;
    const struct method *method = method_find(request->method);
    if (method == NULL) {
        refuse_method(call, request);
        return;
    }
    rd_rpc_result_begin(reply, request->msgid);
    if (!may_ask(call, method) || !is_of_its_own(call, method) || !params_check(call, method) ||
            !method->answer(call)) {
        reply->len = begin;
        if (call->is_working) {
            return;
        }
        RD_ASSERT(call->error_code != NULL);
        if (call->earliest != 0) {
            rd_rpc_error_earliest(reply, request->msgid, call->error_message, call->earliest);
            return;
        }
        if (call->oldest != 0) {
            rd_rpc_error_gone(reply, request->msgid, call->error_message, call->oldest);
            return;
        }
        rd_rpc_error(reply, request->msgid, call->error_code, call->error_message);
    } else if (store_view_error(call->view) != 0) {
        reply->len = begin;
        reply->error = 0;
        rd_rpc_error(
                reply, request->msgid, "internal", "the tables cannot be read: look at the disk");
    } else if (reply->error != 0) {
        reply->len = begin;
        reply->error = 0;
        rd_rpc_error(reply, request->msgid, "bad_params",
                "the answer is too large: ask for less, by a smaller limit, a shorter span or "
                "fewer groups");
    }
}

/* What a question asks for: the least seq and alert; 0: whatever is durable now. */
struct asked {
    uint64_t seq, alert;
    bool is_stale; /* the last checkpoint will do */
};

/* A report is always of the last checkpoint, or of an earlier state. */
static struct asked asked_of(const struct rd_rpc_request *request)
{
    rd_node params = request->params;
    return (struct asked){
            .seq = rd_node_uint(rd_node_find(params, "min_seq")),
            .alert = rd_node_uint(rd_node_find(params, "min_alert")),
            .is_stale = rd_node_bool(rd_node_find(params, "stale")) ||
                        rd_str_is(request->method, "report") ||
                        rd_str_is(request->method, "restated"),
    };
}

static bool is_there(const struct engine_counts *counts, const struct asked *asked)
{
    return counts->event_seq >= asked->seq && counts->alert_seq >= asked->alert;
}

/* 0; -EBUSY: whoever asks has been told its rows for now; -EINPROGRESS. */
static int answer_by(struct desk *desk, struct method_call *call, const struct desk_live *live,
        const struct rd_rpc_request *request, struct rd_str user)
{
    call->rights = rights_of(live->config, desk->options.listen, user);
    const struct config_client *client = call->rights.client;
    int64_t now_us = desk->options.ticks();
    if (quota_wait_ms(desk->quota, client, CONFIG_QUOTA_ROWS, now_us) > 0) {
        return -EBUSY;
    }
    rd_arena_reset(&desk->arena);
    call->options = &desk->options;
    call->proof = &desk->proof;
    call->live = live;
    call->arena = &desk->arena;
    call->plan = live->config->plan;
    call->params = request->params;
    answer_call(call, request);
    if (call->is_working) {
        return -EINPROGRESS;
    }
    quota_charge(desk->quota, client, CONFIG_QUOTA_ROWS, call->rows > 0 ? call->rows : 1, now_us);
    return 0;
}

/* As answer_by(); -EAGAIN: what it asks for is not in a checkpoint yet, and one is hurried. */
static int answer_stale(struct desk *desk, struct method_call *call,
        const struct rd_rpc_request *request, const struct asked *asked, struct rd_str user)
{
    struct desk_live live;
    live_take(desk->options.live, &live); /* first: what it says is kept is in the view */
    int r = 0;
    if (!is_there(&live.kept, asked)) {
        r = -EAGAIN;
        showing_want_checkpoint(desk->options.showing);
    } else if (store_side_renew(desk->view) == 0) {
        call->view = desk->view;
        call->engine_slot = &desk->engine;
        call->counts = live.kept;
        call->is_stale = true;
        r = answer_by(desk, call, &live, request, user);
        store_side_rest(desk->view);
    } else {
        rd_rpc_error(call->reply, request->msgid, "internal",
                "the tables cannot be read: look at the disk");
    }
    live_release(desk->options.live, &live);
    return r;
}

/* As answer_by(); -EAGAIN: it is not shown yet. */
static int answer_fresh(struct desk *desk, struct method_call *call,
        const struct rd_rpc_request *request, const struct asked *asked, struct rd_str user)
{
    call->view = showing_view(desk->options.showing, &call->counts);
    call->engine_slot = &desk->shown_engine;
    if (!is_there(&call->counts, asked)) {
        return -EAGAIN;
    }
    struct desk_live live;
    live_take(desk->options.live, &live);
    int r = answer_by(desk, call, &live, request, user);
    live_release(desk->options.live, &live);
    return r;
}

int desk_answer(struct desk *desk, struct rd_str user, struct rd_str bytes, enum desk_when when,
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
    struct method_call call = {.reply = reply};
    struct asked asked = asked_of(&request);
    int r = -EAGAIN;
    if (asked.is_stale) {
        r = answer_stale(desk, &call, &request, &asked, user);
    } else if (when == DESK_SEEN) {
        r = answer_fresh(desk, &call, &request, &asked, user);
    }
    if ((r != -EAGAIN && r != -EINPROGRESS) || when != DESK_NO_MORE) {
        return r;
    }
    rd_rpc_error(reply, request.msgid, "not_yet",
            r == -EINPROGRESS ? call.error_message
                              : "the daemon has not got there: ask again, or with stale: true for "
                                "the last checkpoint");
    return 0;
}

static bool has_engine(struct desk *desk)
{
    uint32_t number;
    int r = store_side_renew(desk->view);
    if (r == 0) {
        r = desk->engine == NULL ? engine_open(desk->view, &desk->engine, &number)
                                 : engine_refresh(desk->engine);
    }
    return r == 0 && engine_plan(desk->engine) != NULL;
}

/* A share of the cases; a pass ends with the last one, and the next begins when something changed.
 */
static void prove_share(struct desk *desk, const struct desk_live *live)
{
    struct desk_proof *proof = &desk->proof;
    struct engine_proof *pass = &proof->pass;
    if (pass->cursor == 0) {
        proof->record = live->record_kept;
    }
    bool has_ended = engine_check(desk->engine, pass, DESK_PROOF_CASES);
    if (pass->faults > 0 && !proof->is_told) {
        live_find_fault(desk->options.live, pass->first);
        proof->is_told = true;
    }
    if (has_ended) {
        proof->finished = live->wall;
        proof->cases = pass->looked;
        proof->faults = pass->faults;
        proof->is_told = pass->faults > 0;
        proof->finished_record = proof->record;
        memcpy(proof->first, pass->first, sizeof proof->first);
    }
}

void desk_prove(struct desk *desk)
{
    struct desk_live live;
    live_take(desk->options.live, &live); /* before the view is renewed, as for an answer */
    struct desk_proof *proof = &desk->proof;
    bool is_proved = proof->pass.cursor == 0 && proof->finished != RD_TIME_NONE &&
                     proof->finished_record == live.record_kept;
    if (!is_proved && live.wall != RD_TIME_NONE) {
        if (has_engine(desk)) {
            prove_share(desk, &live);
        }
        store_side_rest(desk->view);
    }
    live_release(desk->options.live, &live);
}
