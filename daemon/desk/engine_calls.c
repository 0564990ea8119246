#include "common/wire/event.h"
#include "daemon/config/receipt_cut.h"
#include "daemon/desk/fields.h"

/* event.check, check, config.get: what the engine would say. */

enum { EVENT_BYTES_MAX = 1024 * 1024, CHECK_CASES = 10000 };

static struct rd_receipt rejected_by_door(const struct method_call *call,
        const struct rd_event *event, const struct rd_reject *reject)
{
    return (struct rd_receipt){
            .id = event->id, .status = RD_REJECTED, .term = call->counts.term, .error = reject};
}

/* Where time comes from events it stands at the event's own, if that is ahead, before it is
 * taken. */
static struct engine_time judged_at(const struct method_call *call, const struct rd_event *event)
{
    struct engine_time at = {.wall = call->live->wall, .steady = call->live->steady};
    bool is_ahead = call->live->is_time_from_events && event->time != RD_TIME_NONE &&
                    (at.wall == RD_TIME_NONE || event->time > at.wall);
    if (is_ahead) {
        at.steady += at.wall == RD_TIME_NONE ? 0 : event->time - at.wall;
        at.wall = event->time;
    }
    return at;
}

/* What the receipt would say, nothing taken: the engine applies it to the desk's own view, which is
 * thrown away. */
bool event_check_answer(struct method_call *call)
{
    rd_node node = rd_node_find(call->params, "event");
    if (!param_has(call, "event")) {
        return method_fail(call, "bad_params", "event.check wants event");
    }
    RD_CLEANUP(rd_buf_done)
    struct rd_buf bytes;
    rd_buf_init(&bytes, EVENT_BYTES_MAX);
    if (rd_node_type(node) == RD_NODE_BIN) {
        rd_buf_put_text(&bytes, rd_node_bin(node));
    } else {
        rd_pack_node(&bytes, node);
    }
    if (!method_needs_engine(call)) {
        return false;
    }
    if (engine_plan(call->engine) == NULL) { /* nothing was checkpointed yet */
        return method_fail(call, "not_yet", "the daemon has just been born: ask again");
    }
    RD_CLEANUP(rd_tree_freep)
    struct rd_tree *tree = rd_tree_new();
    struct rd_reject reject = {0};
    struct rd_event event;
    struct rd_receipt receipt;
    struct engine_reach reach = {.covers = rights_reach, .context = &call->rights};
    struct engine_sender sender = {.sees = rights_is_everywhere(&call->rights) ? NULL : &reach,
            .name = rights_name(&call->rights),
            .unit = rights_unit(&call->rights),
            .person = rights_person(&call->rights)};
    if (!rd_event_decode(
                tree, rd_buf_str(&bytes), call->live->config->event_bytes, &event, &reject)) {
        receipt = rejected_by_door(call, &event, &reject);
    } else if (!rights_may_send(&call->rights, &event, &reject)) {
        receipt = rejected_by_door(call, &event, &reject);
    } else if (!rd_event_check_door(&event,
                       call->live->is_time_from_events ? RD_TIME_NONE : call->live->wall,
                       &call->live->config->event_limits, &reject)) {
        if (!engine_is_known(call->engine, &sender, &event, &receipt)) {
            receipt = rejected_by_door(call, &event, &reject);
        }
    } else {
        struct engine_time at = judged_at(call, &event);
        sender.reach = rights_is_bound(&call->rights, event.type) ? &reach : NULL;
        engine_event(call->engine, &at, &sender, &event, &receipt);
    }
    struct rd_open_case room[RD_OPEN_CASES_MAX];
    receipt_cut_cases(&call->rights, &receipt, room);
    receipt_cut_warning(&call->rights, &event, &receipt, call->arena);
    size_t mark = method_begin(call);
    rd_pack_cstr(call->reply, "receipt");
    rd_receipt_pack(call->reply, &receipt);
    method_end(call, mark, 1);
    return true;
}

/* The self-proof, now: over so many cases that others need not wait for long. */
bool check_answer(struct method_call *call)
{
    uint64_t limit = param_has(call, "limit") ? param_uint(call, "limit") : CHECK_CASES;
    if (limit == 0 || limit > CHECK_CASES) {
        return method_fail(call, "bad_params", "limit is a number from 1 to %d", CHECK_CASES);
    }
    if (!method_needs_engine(call)) {
        return false;
    }
    /* Timers are counted over all cases: a page that is not the first has not seen them all. */
    uint64_t after = param_uint(call, "after");
    struct engine_proof proof = {.cursor = after, .position = after > 0 ? UINT64_MAX : 0};
    bool has_ended = engine_check(call->engine, &proof, (uint32_t)limit);
    struct fields fields = {.buf = call->reply, .mark = method_begin(call)};
    field_uint(&fields, "cases", proof.looked);
    field_uint(&fields, "timers", engine_counts(call->engine).armed_timers);
    field_uint(&fields, "faults", proof.faults);
    if (proof.faults > 0) {
        field_cstr(&fields, "first", proof.first);
    }
    if (!has_ended) {
        field_uint(&fields, "next", proof.cursor);
    }
    method_end(call, fields.mark, fields.pairs);
    return true;
}

/* Whom a rule is about stands in its match, and whom no window counts in `ignore`. */
static bool is_of_customers(struct rd_str key)
{
    return rd_str_is(key, "match") || rd_str_is(key, "when") || rd_str_is(key, "ignore");
}

static const unsigned CUSTOMERS = RD_HIDE_CUSTOMER | RD_HIDE_PHONE | RD_HIDE_CONTRACT;

static bool is_hidden_attribute(unsigned hidden, struct rd_str key)
{
    enum rd_event_key of;
    return rd_event_key_parse(key, &of) == 0 && (rd_key_sees(of) & hidden & CUSTOMERS) != 0;
}

/* As deep as a configuration is. */
static void pack_shown(struct rd_buf *reply, rd_node node, unsigned hidden, bool is_matched)
{
    enum rd_node_type type = rd_node_type(node);
    if (type == RD_NODE_ARRAY) {
        rd_pack_array(reply, rd_node_count(node));
        for (uint32_t i = 0; i < rd_node_count(node); i++) {
            pack_shown(reply, rd_node_at(node, i), hidden, is_matched);
        }
    } else if (type == RD_NODE_MAP) {
        rd_pack_map(reply, rd_node_count(node));
        for (uint32_t i = 0; i < rd_node_count(node); i++) {
            struct rd_str key;
            rd_node value = rd_node_pair(node, i, &key);
            rd_pack_str(reply, key);
            if (is_matched && is_hidden_attribute(hidden, key)) {
                rd_pack_cstr(reply, "****");
            } else {
                pack_shown(reply, value, hidden, is_matched || is_of_customers(key));
            }
        }
    } else {
        rd_pack_node(reply, node);
    }
}

/* The engine's part, effective: every default present, no secrets. */
bool config_get_answer(struct method_call *call)
{
    size_t mark = method_begin(call);
    unsigned hidden = rights_hidden(&call->rights);
    rd_pack_cstr(call->reply, "config");
    if (hidden != 0) {
        pack_shown(call->reply, call->live->config->plan->root, hidden, false);
    } else {
        rd_buf_put_text(call->reply, call->live->config->tree);
    }
    method_end(call, mark, 1);
    return true;
}
