#include "daemon/desk/fields.h"
#include "daemon/store/rows/key.h"
#include "daemon/store/rows/name_row.h"

/* feed.replay, feed.unacked, feed.check */

enum { STREAMS_MAX = 4096 };

struct stream { /* one unit's alerts in order */
    uint32_t unit;
    uint64_t seq; /* the next one; 0: no more */
};

/* The unit's next alert behind `after` in `table` (key: unit u32, seq u64); bundled ones are left
 * out of the plain replay. */
static uint64_t next_of_unit(
        struct method_call *call, enum store_table table, uint32_t unit, uint64_t after)
{
    struct row_key from = {0};
    row_key_u32(&from, unit);
    row_key_u64(&from, after + 1);
    struct store_scan scan;
    struct rd_str key, value;
    uint64_t seq = 0;
    store_scan_begin(&scan, call->view, table, row_key_str(&from));
    while (store_scan_next(&scan, &key, &value) && row_key_read_u32(key, 0) == unit) {
        if (value.len == 0 || ((uint8_t)value.ptr[0] & ALERT_BUNDLED) == 0) {
            seq = row_key_read_u64(key, 4);
            break;
        }
    }
    store_scan_end(&scan);
    return seq;
}

/* Units that have alerts and lie under the prefix. */
static size_t find_streams(struct method_call *call, enum store_table table, struct rd_str prefix,
        uint64_t after, struct stream *streams)
{
    struct store_scan scan;
    struct rd_str key, value;
    size_t count = 0;
    store_scan_begin(&scan, call->view, STORE_UNITS, (struct rd_str){0});
    while (count < STREAMS_MAX && store_scan_next(&scan, &key, &value)) {
        uint32_t unit = row_key_read_u32(key, 0);
        if (unit_is_under(name_text(call->view, unit), prefix) && sees_unit(call, unit)) {
            streams[count++] = (struct stream){unit, next_of_unit(call, table, unit, after)};
        }
    }
    store_scan_end(&scan);
    return count;
}

static struct stream *earliest(struct stream *streams, size_t count)
{
    struct stream *best = NULL;
    for (size_t i = 0; i < count; i++) {
        if (streams[i].seq != 0 && (best == NULL || streams[i].seq < best->seq)) {
            best = &streams[i];
        }
    }
    return best;
}

/* Merges the units' streams by number. Returns the last one given, or `after`. */
static uint64_t merge(struct method_call *call, enum store_table table, struct rows *rows,
        uint64_t after, bool *ret_more)
{
    struct stream *streams = RD_ARENA_ARRAY(call->arena, struct stream, STREAMS_MAX);
    size_t count = find_streams(call, table, param_str(call, "unit"), after, streams);
    struct stream *at;
    uint64_t last = after;
    while ((at = earliest(streams, count)) != NULL && !rows_are_full(rows)) {
        struct alert_row row;
        if (alert_row_get(call->view, at->seq, &row) && pack_alert_row(call, &row)) {
            rows->count++;
        }
        last = at->seq;
        at->seq = next_of_unit(call, table, at->unit, at->seq);
    }
    *ret_more = at != NULL;
    return last;
}

bool feed_replay_answer(struct method_call *call)
{
    uint64_t after = param_uint(call, "after");
    uint64_t gone = alert_rows_gone(call->view);
    if (after > 0 && after < gone) {
        return method_gone(call, gone + 1);
    }
    struct rows rows;
    if (!rows_begin(call, &rows)) {
        return false;
    }
    bool has_more;
    uint64_t last = merge(call, STORE_ALERTS_BY_UNIT, &rows, after, &has_more);
    /* The view may be of a newer checkpoint than what was told of it: then rows go beyond that. */
    uint64_t head = call->counts.alert_seq > last ? call->counts.alert_seq : last;
    rd_pack_array_end(call->reply, rows.array, rows.count);
    rd_pack_cstr(call->reply, "head");
    rd_pack_uint(call->reply, has_more ? last : head);
    method_end(call, rows.map, 2);
    return true;
}

bool feed_unacked_answer(struct method_call *call)
{
    struct rows rows;
    if (!rows_begin(call, &rows)) {
        return false;
    }
    bool has_more;
    uint64_t last = merge(call, STORE_UNACKED, &rows, param_uint(call, "after"), &has_more);
    rows_end(call, &rows, has_more ? last : 0);
    return true;
}

/* Which topics the key may hear. */
bool feed_check_answer(struct method_call *call)
{
    rd_node topics = rd_node_find(call->params, "topics");
    if (!param_has(call, "topics")) {
        return method_fail(call, "bad_params", "feed.check wants topics");
    }
    struct rows rows;
    if (!rows_begin(call, &rows)) {
        return false;
    }
    for (uint32_t i = 0; i < rd_node_count(topics); i++) {
        struct fields fields = fields_begin(call->reply);
        field_str(&fields, "topic", rd_node_str(rd_node_at(topics, i)));
        field_bool(
                &fields, "may", rights_may_hear(&call->rights, rd_node_str(rd_node_at(topics, i))));
        fields_end(&fields);
        rows.count++;
    }
    rows_end(call, &rows, 0);
    return true;
}
