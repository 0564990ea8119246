#include "tools/train/history.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/time/civil.h"
#include "tools/shared/ends.h"

struct history {
    const struct history_options *options;
    struct past *past; /* a state, or else: */
    struct input *input;
    struct rd_tree *tree;
    struct rd_event event;
    struct rd_reject reject;
    struct rd_buf packed, id;
};

struct history *history_open(const struct history_options *options)
{
    struct history *history = calloc(1, sizeof *history);
    if (history == NULL) {
        rd_oom();
    }
    history->options = options;
    history->tree = rd_tree_new();
    rd_buf_init(&history->packed, MAPPING_EVENT_BYTES_MAX);
    rd_buf_init(&history->id, MAPPING_EVENT_BYTES_MAX);
    if (options->is_state) {
        history->past = past_open(options);
    } else {
        history->input = input_open(options->path, options->format, options->mapping);
    }
    if (history->past == NULL && history->input == NULL) {
        history_close(history);
        return NULL;
    }
    return history;
}

void history_close(struct history *history)
{
    if (history == NULL) {
        return;
    }
    past_close(history->past);
    input_close(history->input);
    rd_tree_free(history->tree);
    rd_buf_done(&history->packed);
    rd_buf_done(&history->id);
    free(history);
}

static enum outcome outcome_of(const struct history_options *options, struct rd_str value)
{
    if (value.len == 0) {
        return OUTCOME_UNKNOWN;
    }
    for (size_t i = 0; i < options->positive_count; i++) {
        if (rd_str_is(value, options->positive[i])) {
            return OUTCOME_YES;
        }
    }
    return OUTCOME_NO;
}

static int reject(struct history *history, struct history_row *ret_row)
{
    ret_row->what = history->reject.message;
    return -EBADMSG;
}

static int next_row(struct history *history, struct history_row *ret_row)
{
    const struct history_options *options = history->options;
    struct input_row row;
    int r = input_next(history->input, &row);
    if (r < 0 && r != -EBADMSG) {
        say_error("%s: %s", options->path, strerror(-r));
    }
    if (r == 0) {
        return 0;
    }
    *ret_row = (struct history_row){.number = row.row, .what = row.what};
    if (r < 0) {
        return r;
    }
    ret_row->outcome = outcome_of(options, row.values[options->label_column]);
    struct mapping_row made = {.values = row.values, .line = row.line, .row = row.row};
    history->reject = (struct rd_reject){.code = NULL};
    if (!mapping_apply(options->mapping, &made, &history->packed, &history->id, &history->reject) ||
            !rd_event_decode(history->tree, rd_buf_str(&history->packed), RD_EVENT_BYTES_DEFAULT,
                    &history->event, &history->reject)) {
        return reject(history, ret_row);
    }
    if (history->event.time == RD_TIME_NONE) {
        (void)rd_reject_set(&history->reject, "bad_value", "time", "it has no time to split by");
        return reject(history, ret_row);
    }
    ret_row->time = history->event.time;
    ret_row->event = &history->event;
    return 1;
}

int history_next(struct history *history, struct history_row *ret_row)
{
    return history->past != NULL ? past_next(history->past, ret_row) : next_row(history, ret_row);
}

/* ---- attributes ---- */

static struct rd_value look_age(const struct rd_event *event)
{
    const struct rd_value *birth = &event->data[RD_KEY_BIRTH_YEAR];
    if (event->data[RD_KEY_AGE].type != RD_NIL || birth->type == RD_NIL) {
        return event->data[RD_KEY_AGE];
    }
    int64_t age = rd_date_of((rd_day)(event->time / RD_DAY_US)).year - birth->integer;
    return (struct rd_value){.type = RD_VALUE_UINT, .integer = age < 0 ? 0 : age};
}

static struct rd_value look_custom(const struct rd_event *event, struct rd_str name)
{
    struct rd_value value = {0};
    rd_node map = NULL;
    RD_CLEANUP(rd_tree_freep)
    struct rd_tree *tree = rd_tree_new();
    if (event->data[RD_KEY_ATTRIBUTES].type != RD_VALUE_MAP ||
            rd_tree_read(tree, event->data[RD_KEY_ATTRIBUTES].bytes, &map, NULL) != 0) {
        return value;
    }
    for (uint32_t i = 0; i < rd_node_count(map); i++) {
        struct rd_str key;
        rd_node node = rd_node_pair(map, i, &key);
        enum rd_node_type type = rd_node_type(node);
        if (!rd_str_eq(key, name)) {
            continue;
        }
        if (type == RD_NODE_STR && rd_node_str(node).len > 0) {
            return (struct rd_value){.type = RD_VALUE_STR, .bytes = rd_node_str(node)};
        }
        if (type == RD_NODE_UINT || type == RD_NODE_INT) {
            return (struct rd_value){.type = RD_VALUE_INT, .integer = rd_node_int(node)};
        }
        if (type == RD_NODE_BOOL) {
            return (struct rd_value){.type = RD_VALUE_BOOL, .integer = rd_node_bool(node)};
        }
    }
    return value;
}

struct rd_value event_lookup(const void *context, struct rd_str name)
{
    static const struct rd_str OWN = {"attributes.", 11};
    const struct rd_event *event = context;
    enum rd_event_key key;
    if (rd_str_is(name, "kind")) {
        bool is_contact = event->type == RD_EVENT_CONTACT_RECEIVED;
        return (struct rd_value){.type = RD_VALUE_STR,
                .bytes = is_contact ? RD_STR("contact") : RD_STR("complaint")};
    }
    if (rd_str_is(name, "age")) {
        return look_age(event);
    }
    if (rd_str_starts(name, OWN)) {
        return look_custom(event, (struct rd_str){name.ptr + OWN.len, name.len - OWN.len});
    }
    return rd_event_key_parse(name, &key) == 0 ? event->data[key] : (struct rd_value){0};
}
