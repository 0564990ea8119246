/* Laws of the decoder: it fills the event or says why not, in words, within its limits; an event
 * written again from msgpack-c's objects decodes to the same. */
#include <string.h>

#include "common/wire/event.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool is_within(struct rd_str part, struct rd_str whole)
{
    return part.len == 0 || (part.ptr >= whole.ptr && part.ptr + part.len <= whole.ptr + whole.len);
}

static void check_rejected(const struct rd_event *event, const struct rd_reject *reject)
{
    RD_ASSERT(reject->code != NULL);
    RD_ASSERT(strlen(reject->message) > 0);
    RD_ASSERT(rd_pack_is_utf8(rd_str_of(reject->field)));
    RD_ASSERT(rd_pack_is_utf8(rd_str_of(reject->message)));
    RD_ASSERT(event->id.ptr == NULL || event->id.len > 0);
    RD_ASSERT(rd_pack_is_utf8(event->id));
}

static void check_taken(const struct rd_event *event)
{
    RD_ASSERT(event->id.len > 0 && event->id.len <= 128);
    RD_ASSERT(event->source.len > 0 && event->source.len <= 128);
    RD_ASSERT(is_within(event->id, event->raw) && is_within(event->subject, event->raw));
    RD_ASSERT(event->time == RD_TIME_NONE ||
              (event->time >= RD_TIME_MIN && event->time <= RD_TIME_MAX));
    for (unsigned i = 0; i < RD_EVENT_KEY_COUNT; i++) {
        const struct rd_value *value = &event->data[i];
        if (value->type == RD_VALUE_LIST || value->type == RD_VALUE_MAP) {
            RD_ASSERT(is_within(value->bytes, event->raw));
            RD_ASSERT(rd_pack_scan(value->bytes, NULL) == 0);
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct rd_event event, again;
    struct rd_reject reject, other;
    struct rd_str bytes = {.ptr = (const char *)data, .len = size};
    RD_CLEANUP(rd_tree_freep)
    struct rd_tree *tree = rd_tree_new();
    if (!rd_event_decode(tree, bytes, RD_EVENT_BYTES_DEFAULT, &event, &reject)) {
        check_rejected(&event, &reject);
        return 0;
    }
    check_taken(&event);
    RD_CLEANUP(rd_tree_freep)
    struct rd_tree *second = rd_tree_new();
    RD_CLEANUP(rd_buf_done)
    struct rd_buf buf;
    rd_buf_init(&buf, size + 64);
    rd_node root;
    int r = rd_tree_read(second, bytes, &root, NULL);
    RD_ASSERT(r == 0);
    rd_pack_node(&buf, root);
    RD_ASSERT(rd_event_decode(second, rd_buf_str(&buf), RD_EVENT_BYTES_DEFAULT, &again, &other));
    RD_ASSERT(again.type == event.type && again.time == event.time);
    RD_ASSERT(again.sequence == event.sequence && again.is_quiet == event.is_quiet);
    RD_ASSERT(rd_str_eq(again.id, event.id) && rd_str_eq(again.subject, event.subject));
    for (unsigned i = 0; i < RD_EVENT_KEY_COUNT; i++) {
        const struct rd_value *a = &event.data[i], *b = &again.data[i];
        RD_ASSERT(a->type == b->type && a->integer == b->integer);
        RD_ASSERT(a->type == RD_VALUE_LIST || a->type == RD_VALUE_MAP ||
                  rd_str_eq(a->bytes, b->bytes));
    }
    return 0;
}
