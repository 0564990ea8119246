#include "daemon/outbox.h"

#include <stdlib.h>
#include <string.h>

/* In memory only, hence in the machine's own order. */
struct header {
    uint64_t record, letter;
    uint32_t weight, head_len;
    uint64_t body_len;
};

enum { FIRST_BYTES = 64 * 1024 };

void outbox_init(struct outbox *outbox)
{
    *outbox = (struct outbox){0};
}

void outbox_done(struct outbox *outbox)
{
    free(outbox->ptr);
    *outbox = (struct outbox){0};
}

/* Room for `size` bytes at the tail. What has left is overwritten before memory is asked for. */
static void make_room(struct outbox *outbox, size_t size)
{
    size_t used = outbox->tail - outbox->head;
    if (outbox->cap - outbox->tail >= size) {
        return;
    }
    if (outbox->cap - used >= size && outbox->head >= outbox->cap / 2) {
        memmove(outbox->ptr, outbox->ptr + outbox->head, used);
    } else {
        size_t cap = outbox->cap > 0 ? outbox->cap : FIRST_BYTES;
        while (cap - used < size) {
            RD_ASSERT(cap <= SIZE_MAX / 2);
            cap *= 2;
        }
        uint8_t *ptr = malloc(cap);
        if (ptr == NULL) {
            rd_oom();
        }
        if (used > 0) {
            memcpy(ptr, outbox->ptr + outbox->head, used);
        }
        free(outbox->ptr);
        outbox->ptr = ptr;
        outbox->cap = cap;
    }
    outbox->head = 0;
    outbox->tail = used;
}

static void put(struct outbox *outbox, const void *bytes, size_t size)
{
    if (size > 0) {
        memcpy(outbox->ptr + outbox->tail, bytes, size);
        outbox->tail += size;
    }
}

void outbox_add(struct outbox *outbox, const struct outbox_entry *entry)
{
    RD_ASSERT(entry->record >= outbox->last_record);
    RD_ASSERT(entry->head.len <= UINT32_MAX);
    struct header header = {.record = entry->record,
            .letter = entry->letter,
            .weight = entry->weight,
            .head_len = (uint32_t)entry->head.len,
            .body_len = entry->body.len};
    make_room(outbox, sizeof header + entry->head.len + entry->body.len);
    put(outbox, &header, sizeof header);
    put(outbox, entry->head.ptr, entry->head.len);
    put(outbox, entry->body.ptr, entry->body.len);
    outbox->last_record = entry->record;
    outbox->weight += entry->weight;
}

bool outbox_is_empty(const struct outbox *outbox)
{
    return outbox->head == outbox->tail;
}

bool outbox_peek(const struct outbox *outbox, uint64_t durable, struct outbox_entry *ret_entry)
{
    if (outbox_is_empty(outbox)) {
        return false;
    }
    struct header header;
    const uint8_t *at = outbox->ptr + outbox->head;
    memcpy(&header, at, sizeof header);
    if (header.record > durable) {
        return false;
    }
    const char *head = (const char *)at + sizeof header;
    *ret_entry = (struct outbox_entry){.record = header.record,
            .letter = header.letter,
            .weight = header.weight,
            .head = {.ptr = head, .len = header.head_len},
            .body = {.ptr = head + header.head_len, .len = header.body_len}};
    return true;
}

void outbox_drop(struct outbox *outbox)
{
    struct outbox_entry entry;
    bool is_there = outbox_peek(outbox, UINT64_MAX, &entry);
    RD_ASSERT(is_there);
    outbox->head += sizeof(struct header) + entry.head.len + entry.body.len;
    RD_ASSERT(outbox->weight >= entry.weight);
    outbox->weight -= entry.weight;
    if (outbox->head == outbox->tail) {
        outbox->head = outbox->tail = 0;
    }
}
