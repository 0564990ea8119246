#include "common/base/chars.h"

static bool continues(char c)
{
    return ((uint8_t)c & 0xc0) == 0x80;
}

size_t rd_chars_count(struct rd_str text)
{
    size_t count = 0;
    for (size_t i = 0; i < text.len; i++) {
        count += continues(text.ptr[i]) ? 0 : 1;
    }
    return count;
}

size_t rd_chars_forward(struct rd_str text, size_t at, size_t count)
{
    for (; at < text.len && count > 0; count--) {
        at++;
        while (at < text.len && continues(text.ptr[at])) {
            at++;
        }
    }
    return at;
}

size_t rd_chars_back(struct rd_str text, size_t at, size_t count)
{
    for (; at > 0 && count > 0; count--) {
        at--;
        while (at > 0 && continues(text.ptr[at])) {
            at--;
        }
    }
    return at;
}

struct rd_str rd_chars_around(
        struct rd_str text, struct rd_str found, size_t chars, struct rd_arena *arena)
{
    if (text.len <= chars || rd_chars_count(text) <= chars) {
        return text;
    }
    size_t room = chars - 2; /* less those that say it was cut */
    size_t shown = rd_chars_count(found);
    size_t at = (size_t)(found.ptr - text.ptr);
    size_t begin = rd_chars_back(text, at, shown < room ? (room - shown) / 2 : 0);
    size_t end = rd_chars_forward(text, begin, room);
    begin = end == text.len ? rd_chars_back(text, end, room) : begin;
    return rd_arena_printf(arena, "%s%.*s%s", begin > 0 ? "…" : "", (int)(end - begin),
            text.ptr + begin, end < text.len ? "…" : "");
}
