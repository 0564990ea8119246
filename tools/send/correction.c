#include "tools/send/correction.h"

#include "common/wire/event.h"
#include "common/wire/event_table.h"

enum { EVENT_BYTES_MAX = 4 * 1024 * 1024, ID_KEPT = RD_ID_BYTES_MAX - 17 };

/* The id of the row, and 16 digits of what it says. Cut before a character, not within one. */
static void put_id(const struct rd_event *event, struct rd_buf *id)
{
    struct rd_str text = event->id;
    while (text.len > ID_KEPT ||
            (text.len < event->id.len && ((uint8_t)event->id.ptr[text.len] & 0xc0) == 0x80)) {
        text.len--;
    }
    rd_buf_reset(id);
    rd_buf_printf(id, "%.*s~%016llx", RD_FMT(text), (unsigned long long)event->content);
}

static void put_data(rd_node data, struct rd_buf *amended)
{
    rd_pack_cstr(amended, "data");
    size_t mark = rd_pack_map_begin(amended);
    uint32_t pairs = 0;
    for (uint32_t i = 0; i < rd_node_count(data); i++) {
        struct rd_str name;
        enum rd_event_key key;
        rd_node value = rd_node_pair(data, i, &name);
        if (rd_event_key_parse(name, &key) == 0 &&
                rd_key_rule(key)->attribute == RD_ATTRIBUTE_GIVEN) {
            rd_pack_str(amended, name);
            rd_pack_node(amended, value);
            pairs++;
        }
    }
    rd_pack_map_end(amended, mark, pairs);
}

bool correction_of(
        struct rd_tree *tree, struct rd_str bytes, struct rd_buf *amended, struct rd_buf *id)
{
    struct rd_event event;
    struct rd_reject why = {0};
    rd_node root = NULL;
    bool is_opening = rd_event_decode(tree, bytes, EVENT_BYTES_MAX, &event, &why) &&
                      (event.type == RD_EVENT_CONTACT_RECEIVED ||
                              event.type == RD_EVENT_COMPLAINT_REGISTERED ||
                              event.type == RD_EVENT_FORWARDED);
    if (!is_opening) {
        return false;
    }
    put_id(&event, id);
    if (rd_tree_read(tree, bytes, &root, NULL) != 0) {
        return false;
    }
    rd_buf_reset(amended);
    rd_pack_map(amended, 5);
    rd_pack_cstr(amended, "id");
    rd_pack_str(amended, rd_buf_str(id));
    rd_pack_cstr(amended, "source");
    rd_pack_str(amended, event.source);
    rd_pack_cstr(amended, "type");
    rd_pack_cstr(amended, rd_event_type_name(RD_EVENT_AMENDED));
    rd_pack_cstr(amended, "subject");
    rd_pack_str(amended, event.subject);
    put_data(rd_node_find(root, "data"), amended);
    return amended->error == 0;
}
