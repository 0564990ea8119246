#include "common/text/title.h"

#include <errno.h>
#include <string.h>

static const char *const NAMES[] = {
#define X(suffix, name) [RD_TITLE_##suffix] = (name),
        RD_TITLE_FIELDS(X)
#undef X
};

const char *rd_title_field_name(enum rd_title_field field)
{
    RD_ASSERT((size_t)field < RD_COUNT(NAMES));
    return NAMES[field];
}

/* Inlined with a `len` the compiler knows, as rd_event_key_parse() does it: all names of another
 * length fall away. */
static inline __attribute__((always_inline)) int field_of_len(const char *text, size_t len)
{
#define X(suffix, name)                                                                            \
    if (sizeof(name) - 1 == len && memcmp(text, (name), sizeof(name) - 1) == 0) {                  \
        return RD_TITLE_##suffix;                                                                  \
    }
    RD_TITLE_FIELDS(X)
#undef X
    return -1;
}

#define X(suffix, name)                                                                            \
    _Static_assert(sizeof(name) - 1 >= 2 && sizeof(name) - 1 <= 11, "a case below");
RD_TITLE_FIELDS(X)
#undef X

int rd_title_field_parse(struct rd_str name, enum rd_title_field *ret_field)
{
    int field = -1;
    switch (name.len) {
#define LEN(n)                                                                                     \
    case n:                                                                                        \
        field = field_of_len(name.ptr, n);                                                         \
        break;
        LEN(2)
        LEN(3)
        LEN(4)
        LEN(5)
        LEN(6)
        LEN(7)
        LEN(8)
        LEN(9)
        LEN(10)
        LEN(11)
#undef LEN
    default:
        break;
    }
    if (field < 0) {
        return -EINVAL;
    }
    *ret_field = (enum rd_title_field)field;
    return 0;
}

/* How far the text goes from `from` on: to a brace that means something. */
static size_t text_end(const struct rd_title_reader *reader, size_t from)
{
    const char *begin = reader->form.ptr + from, *end = reader->form.ptr + reader->form.len;
    const char *open = memchr(begin, '{', (size_t)(end - begin));
    end = open != NULL ? open : end;
    const char *close = reader->is_in_part ? memchr(begin, '}', (size_t)(end - begin)) : NULL;
    end = close != NULL ? close : end;
    return (size_t)(end - reader->form.ptr);
}

enum rd_title_part rd_title_next(struct rd_title_reader *reader, struct rd_str *ret_text)
{
    struct rd_str left = {reader->form.ptr + reader->at, reader->form.len - reader->at};
    if (left.len == 0) {
        return RD_TITLE_END;
    }
    if (reader->is_in_part && left.ptr[0] == '}') {
        reader->is_in_part = false;
        reader->at++;
        return RD_TITLE_PART_END;
    }
    const char *close = left.ptr[0] == '{' ? memchr(left.ptr, '}', left.len) : NULL;
    if (close != NULL && left.ptr[1] == '?' && !reader->is_in_part) {
        reader->is_in_part = true;
        reader->at += 2;
        return RD_TITLE_PART_BEGIN;
    }
    if (close != NULL) {
        *ret_text = (struct rd_str){left.ptr + 1, (size_t)(close - left.ptr) - 1};
        reader->at += ret_text->len + 2;
        return RD_TITLE_FIELD;
    }
    size_t end = text_end(reader, reader->at + 1);
    *ret_text = (struct rd_str){left.ptr, end - reader->at};
    reader->at = end;
    return RD_TITLE_TEXT;
}
