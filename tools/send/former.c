#include "tools/send/former.h"

#include <errno.h>
#include <string.h>

#include "common/base/num.h"
#include "common/wire/event_content.h"
#include "common/wire/event_table.h"

enum {
    EVENT_BYTES_MAX = 4 * 1024 * 1024,
    PARAMS_BYTES_MAX = 64 * 1024,
    HISTORY_MAX = 1000, /* what case.get answers */
};

bool said_read(
        struct rd_tree *tree, struct rd_tree *nodes, struct rd_str bytes, struct said *ret_said)
{
    struct rd_reject why = {0};
    rd_node root = NULL;
    if (!rd_event_decode(tree, bytes, EVENT_BYTES_MAX, &ret_said->event, &why) ||
            rd_tree_read(nodes, bytes, &root, NULL) != 0) {
        return false;
    }
    (void)rd_tree_unify(nodes);
    ret_said->data = rd_node_find(root, "data");
    return true;
}

uint64_t said_time(rd_time time)
{
    const struct rd_value value = {.type = RD_VALUE_TIME, .integer = time};
    return time == RD_TIME_NONE ? 0 : rd_content_value(RD_KEY_RECEIVED, &value, NULL);
}

uint64_t said_content(const struct said *said, enum rd_event_key key)
{
    const struct rd_value *value = &said->event.data[key];
    if (key == RD_KEY_RECEIVED && value->type == RD_NIL) {
        return said_time(said->event.time);
    }
    return rd_content_value(key, value, rd_node_find(said->data, rd_event_key_name(key)));
}

/* ---- asking ---- */

/* 0, or told and an exit status. An answer `not_found` has no result. */
static int ask(const struct former_desk *desk, const char *method, const struct rd_buf *params,
        struct rd_desk_answer *ret_answer)
{
    int r = rd_desk_call(desk->desk, method, rd_buf_str(params), desk->wait_us, ret_answer);
    if (r < 0) {
        say_error("%s: %s", desk->endpoint, r == -ETIMEDOUT ? "nobody answers" : strerror(-r));
        return STATUS_UNREACHABLE;
    }
    if (ret_answer->error_code.len > 0 && !rd_str_is(ret_answer->error_code, "not_found")) {
        say_error("--corrections asks %s what was said of a row before: %.*s: %.*s", method,
                RD_FMT(ret_answer->error_code), RD_FMT(ret_answer->error_message));
        return STATUS_USAGE;
    }
    return STATUS_OK;
}

/* Events that say something of attributes. */
static bool is_of_interest(rd_node entry)
{
    enum rd_event_type type;
    return rd_str_is(rd_node_str(rd_node_find(entry, "what")), "event") &&
           rd_event_type_parse(rd_node_str(rd_node_find(entry, "type")), &type) == 0 &&
           (type == RD_EVENT_AMENDED || type == RD_EVENT_CONTACT_RECEIVED ||
                   type == RD_EVENT_COMPLAINT_REGISTERED || type == RD_EVENT_FORWARDED);
}

/* The numbers of the events of the newest case of that subject, the oldest first. */
static int read_case(const struct former_desk *desk, struct rd_str subject, struct former *former,
        uint64_t seqs[static HISTORY_MAX], size_t *ret_count)
{
    RD_CLEANUP(rd_buf_done)
    struct rd_buf params;
    rd_buf_init(&params, PARAMS_BYTES_MAX);
    rd_pack_map(&params, 1);
    rd_pack_cstr(&params, "subject");
    rd_pack_str(&params, subject);
    struct rd_desk_answer answer;
    *ret_count = 0;
    int status = ask(desk, "case.get", &params, &answer);
    if (status != STATUS_OK) {
        return status;
    }
    struct rd_str unit = rd_node_str(rd_node_find(answer.result, "unit"));
    (void)snprintf(former->unit, sizeof former->unit, "%.*s", RD_FMT(unit));
    rd_node history = rd_node_find(answer.result, "history");
    for (uint32_t i = 0; i < rd_node_count(history) && *ret_count < HISTORY_MAX; i++) {
        rd_node entry = rd_node_at(history, i);
        if (is_of_interest(entry)) {
            seqs[(*ret_count)++] = rd_node_uint(rd_node_find(entry, "seq"));
        }
    }
    return STATUS_OK;
}

/* Its bytes, borrowed until the next question; empty: they are not there any more. */
static int read_event(const struct former_desk *desk, uint64_t seq, struct rd_str *ret_bytes)
{
    RD_CLEANUP(rd_buf_done)
    struct rd_buf params;
    rd_buf_init(&params, PARAMS_BYTES_MAX);
    rd_pack_map(&params, 2);
    rd_pack_cstr(&params, "after");
    rd_pack_uint(&params, seq - 1);
    rd_pack_cstr(&params, "limit");
    rd_pack_uint(&params, 1);
    struct rd_desk_answer answer;
    int status = ask(desk, "journal.read", &params, &answer);
    if (status == STATUS_OK) {
        rd_node row = rd_node_at(rd_node_find(answer.result, "rows"), 0);
        bool is_it = rd_node_uint(rd_node_find(row, "seq")) == seq;
        *ret_bytes = is_it ? rd_node_bin(rd_node_find(row, "event")) : (struct rd_str){0};
    }
    return status;
}

/* ---- putting together ---- */

/* The number of a correction of `id`, "ID~7"; 0: it is none, or has a name of another form. */
static bool is_correction(struct rd_str id, struct rd_str name, uint64_t *ret_number)
{
    *ret_number = 0;
    if (name.len <= id.len + 1 || !rd_str_starts(name, id) || name.ptr[id.len] != '~') {
        return false;
    }
    struct rd_str behind = {.ptr = name.ptr + id.len + 1, .len = name.len - id.len - 1};
    if (rd_u64_parse(behind, ret_number) < 0 || *ret_number > UINT32_MAX) {
        *ret_number = 0;
    }
    return true;
}

static void add(struct former *former, const struct rd_event *row, const struct said *said)
{
    const struct rd_event *event = &said->event;
    uint64_t number = 0;
    bool is_first = rd_str_eq(event->id, row->id) && event->type != RD_EVENT_AMENDED;
    if (!rd_str_eq(event->source, row->source) ||
            (!is_first && !is_correction(row->id, event->id, &number))) {
        return;
    }
    former->corrections = number > former->corrections ? number : former->corrections;
    if (is_first) {
        former->is_found = true;
        former->type = event->type;
        former->time = said_time(event->time);
        former->has_received = event->data[RD_KEY_RECEIVED].type != RD_NIL;
    }
    rd_key_set given = said_keys();
    enum rd_event_key key;
    while (rd_key_next(&given, &key)) {
        bool is_said = event->data[key].type != RD_NIL || (is_first && key == RD_KEY_RECEIVED);
        if (is_said) {
            former->content[key] = said_content(said, key);
        }
    }
}

int former_read(
        const struct former_desk *desk, const struct rd_event *event, struct former *ret_former)
{
    RD_CLEANUP(rd_tree_freep)
    struct rd_tree *tree = rd_tree_new();
    RD_CLEANUP(rd_tree_freep)
    struct rd_tree *nodes = rd_tree_new();
    uint64_t seqs[HISTORY_MAX];
    size_t count;
    *ret_former = (struct former){.is_found = false};
    int status = read_case(desk, event->subject, ret_former, seqs, &count);
    for (size_t i = 0; i < count && status == STATUS_OK; i++) {
        struct rd_str bytes;
        struct said said;
        status = read_event(desk, seqs[i], &bytes);
        if (status == STATUS_OK && said_read(tree, nodes, bytes, &said)) {
            add(ret_former, event, &said);
        }
    }
    return status;
}
