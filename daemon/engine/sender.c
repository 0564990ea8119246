/* daemon/engine/sender.c — who sent an event, as a journal record keeps it. */
#include <string.h>

#include "daemon/engine/engine.h"

void engine_sender_pack(struct rd_buf *buf, const struct engine_sender *sender)
{
    rd_buf_put_text(buf, sender->name);
    rd_buf_put_u8(buf, 0);
    rd_buf_put_text(buf, sender->unit);
    if (sender->person.len > 0) {
        rd_buf_put_u8(buf, 0);
        rd_buf_put_text(buf, sender->person);
    }
}

/* Returns the part before the first NUL and moves *text past it. */
static struct rd_str part_of(struct rd_str *text)
{
    const char *end = text->len > 0 ? memchr(text->ptr, 0, text->len) : NULL;
    struct rd_str part = {text->ptr, end != NULL ? (size_t)(end - text->ptr) : text->len};
    size_t passed = end != NULL ? part.len + 1 : part.len;
    *text = (struct rd_str){text->ptr + passed, text->len - passed};
    return part;
}

struct engine_sender engine_sender_of(struct rd_str packed)
{
    if (packed.len == 0) {
        return (struct engine_sender){.name = packed};
    }
    struct engine_sender sender = {.name = part_of(&packed)};
    sender.unit = part_of(&packed);
    sender.person = packed;
    return sender;
}
