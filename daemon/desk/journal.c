#include <errno.h>

#include "common/wire/event.h"
#include "daemon/desk/fields.h"

/* journal.read: events as they were taken. `after` is an event's seq, with `raw` a record's number.
 * A record's number is never below its event's seq: there the search begins. */

static void pack_sender(struct fields *fields, struct rd_str packed)
{
    struct engine_sender sender = engine_sender_of(packed);
    field_str(fields, "sender", sender.name);
}

static void pack_event(struct method_call *call, const struct journal_record *record)
{
    RD_CLEANUP(rd_tree_freep)
    struct rd_tree *tree = rd_tree_new();
    rd_node root = NULL;
    struct fields fields = fields_begin(call->reply);
    field_uint(&fields, "seq", record->event_seq);
    if (!record->is_erased && rd_tree_read(tree, record->body, &root, NULL) == 0) {
        field_str(&fields, "source", rd_node_str(rd_node_find(root, "source")));
        field_str(&fields, "id", rd_node_str(rd_node_find(root, "id")));
        field_str(&fields, "type", rd_node_str(rd_node_find(root, "type")));
        rd_node time = rd_node_find(root, "time");
        if (rd_node_type(time) != RD_NODE_NONE) {
            field_key(&fields, "time");
            rd_pack_node(call->reply, time);
        }
        rd_node by = rd_node_find(rd_node_find(root, "data"), "by");
        if (rd_node_type(by) == RD_NODE_STR && rights_hidden(&call->rights) == 0) {
            field_str(&fields, "by", rd_node_str(by));
        }
    }
    field_time(&fields, "taken", record->wall);
    if (rights_hidden(&call->rights) == 0) {
        field_key(&fields, "event");
        rd_pack_bin(call->reply, record->is_erased ? (struct rd_str){0} : record->body);
    }
    pack_sender(&fields, record->sender);
    fields_end(&fields);
}

static void pack_raw(struct method_call *call, const struct journal_record *record)
{
    struct fields fields = fields_begin(call->reply);
    field_uint(&fields, "record", record->number);
    field_uint(&fields, "seq", record->event_seq);
    field_uint(&fields, "kind", record->kind);
    field_uint(&fields, "flags", record->flags);
    field_uint(&fields, "engine", record->engine);
    field_time(&fields, "wall", record->wall);
    field_int(&fields, "steady", record->steady);
    pack_sender(&fields, record->sender);
    field_key(&fields, "chain");
    rd_pack_bin(call->reply, (struct rd_str){(const char *)record->chain, sizeof record->chain});
    field_bool(&fields, "erased", record->is_erased);
    if (rights_hidden(&call->rights) == 0) {
        field_key(&fields, "body");
        rd_pack_bin(call->reply, record->is_erased ? (struct rd_str){0} : record->body);
    }
    fields_end(&fields);
}

static bool is_shown(const struct journal_record *record, bool is_raw, uint64_t after)
{
    return is_raw || (record->kind == JOURNAL_EVENT && record->event_seq > after);
}

bool journal_read_answer(struct method_call *call)
{
    uint64_t after = param_uint(call, "after");
    bool is_raw = param_bool(call, "raw");
    uint64_t first = journal_first(call->options->journal);
    RD_CLEANUP(journal_cursor_closep)
    struct journal_cursor *cursor = NULL;
    uint64_t begin = after + 1 < first ? first - 1 : after;
    int r = journal_cursor_open(call->options->journal, begin, &cursor);
    if (r < 0 && r != -ENOENT) {
        return method_fail(call, "not_yet", "the journal cannot be read now");
    }
    struct rows rows;
    if (!rows_begin(call, &rows)) {
        return false;
    }
    struct journal_record record;
    struct journal_damage damage;
    uint64_t last = after, next = 0;
    while (r == 0 && (r = journal_cursor_next(cursor, &record, &damage)) == 1) {
        r = 0;
        if (!is_shown(&record, is_raw, after)) {
            continue;
        }
        if (rows_are_full(&rows)) {
            next = last;
            break;
        }
        if (is_raw) {
            pack_raw(call, &record);
        } else {
            pack_event(call, &record);
        }
        last = is_raw ? record.number : record.event_seq;
        rows.count++;
    }
    rows_end(call, &rows, next);
    return true;
}
