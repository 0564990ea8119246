#include "daemon/engine/forget_find.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "common/base/num.h"

enum {
    PART_MIN = 6,    /* bytes of a part that stands nowhere by accident */
    WORD_MAX = 1024, /* no word is longer */
    FIXSTR = 0xa0,
    FIXSTR_MASK = 0xe0,
    STR8 = 0xd9,
    STR16 = 0xda,
};

/* What a value's key says that it names. */
enum names { NAMES_NOTHING, NAMES_WORD, NAMES_CASE };

static enum names names_what(struct rd_str key)
{
    static const struct {
        const char *key;
        enum names what;
    } KEYS[] = {{"subject", NAMES_WORD}, {"contact", NAMES_WORD}, {"phone", NAMES_WORD},
            {"contract", NAMES_WORD}, {"case", NAMES_CASE}, {"into", NAMES_CASE}};
    for (size_t i = 0; i < RD_COUNT(KEYS); i++) {
        if (rd_str_is(key, KEYS[i].key)) {
            return KEYS[i].what;
        }
    }
    return NAMES_NOTHING;
}

static bool is_word(const struct forget_look *look, struct rd_str text)
{
    return text.len > 0 && text.len <= WORD_MAX && look->is_word(look->arg, text);
}

static bool is_case(const struct forget_look *look, enum names what, uint64_t number)
{
    return what == NAMES_CASE && look->is_case != NULL && look->is_case(look->arg, number);
}

/* Bytes beyond ASCII belong to a part: words of other scripts stand between blanks, too. */
static bool is_of_part(char c)
{
    static const char MARKS[] = {'-', '_', '.', '/', '+', '@', ':', '#'};
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           memchr(MARKS, c, sizeof MARKS) != NULL || (c & 0x80) != 0;
}

static bool has_part(const struct forget_look *look, struct rd_str text)
{
    for (size_t at = 0; at < text.len;) {
        size_t end = at;
        while (end < text.len && is_of_part(text.ptr[end])) {
            end++;
        }
        if (end - at >= PART_MIN && is_word(look, (struct rd_str){text.ptr + at, end - at})) {
            return true;
        }
        at = end + 1;
    }
    return false;
}

static bool text_names(const struct forget_look *look, enum names what, struct rd_str text)
{
    uint64_t number;
    return ((what != NAMES_NOTHING || text.len >= PART_MIN) && is_word(look, text)) ||
           has_part(look, text) ||
           (rd_u64_parse(text, &number) == 0 && is_case(look, what, number));
}

static bool number_names(const struct forget_look *look, enum names what, uint64_t number)
{
    char digits[24];
    (void)snprintf(digits, sizeof digits, "%" PRIu64, number);
    bool may_be_word = what != NAMES_CASE && rd_str_of(digits).len >= PART_MIN;
    return is_case(look, what, number) || (may_be_word && is_word(look, rd_str_of(digits)));
}

/* The reader lets nothing in that is nested deeper than RD_PACK_DEPTH_MAX. */
static bool node_names(const struct forget_look *look, enum names what, rd_node node)
{
    enum rd_node_type type = rd_node_type(node);
    if (type == RD_NODE_STR) {
        return text_names(look, what, rd_node_str(node));
    }
    if (type == RD_NODE_UINT) {
        return number_names(look, what, rd_node_uint(node));
    }
    for (uint32_t i = 0; i < rd_node_count(node); i++) {
        struct rd_str key = {0};
        bool is_map = type == RD_NODE_MAP;
        rd_node value = is_map ? rd_node_pair(node, i, &key) : rd_node_at(node, i);
        if (node_names(look, is_map ? names_what(key) : what, value)) {
            return true;
        }
    }
    return false;
}

bool forget_find(const struct forget_look *look, rd_node node)
{
    return node_names(look, NAMES_NOTHING, node);
}

bool forget_find_text(const struct forget_look *look, struct rd_str text)
{
    return text_names(look, NAMES_NOTHING, text);
}

/* The text of MessagePack that begins at `at`; empty: none does. */
static struct rd_str packed_text(struct rd_str bytes, size_t at)
{
    uint8_t first = (uint8_t)bytes.ptr[at];
    size_t left = bytes.len - at, head = 1, size = 0;
    if ((first & FIXSTR_MASK) == FIXSTR) {
        size = first & (uint8_t)~FIXSTR_MASK;
    } else if (first == STR8 && left > 2) {
        head = 2;
        size = (uint8_t)bytes.ptr[at + 1];
    } else if (first == STR16 && left > 3) {
        head = 3;
        size = (size_t)(uint8_t)bytes.ptr[at + 1] << 8 | (uint8_t)bytes.ptr[at + 2];
    }
    return size <= left - head ? (struct rd_str){bytes.ptr + at + head, size} : (struct rd_str){0};
}

static struct rd_str quoted_text(struct rd_str bytes, size_t at)
{
    const char *begin = bytes.ptr + at + 1;
    size_t left = bytes.len - at - 1;
    const char *end = bytes.ptr[at] == '"' ? memchr(begin, '"', left) : NULL;
    return end != NULL ? (struct rd_str){begin, (size_t)(end - begin)} : (struct rd_str){0};
}

bool forget_find_raw(const struct forget_look *look, struct rd_str bytes)
{
    for (size_t at = 0; at < bytes.len; at++) {
        if (is_word(look, packed_text(bytes, at)) || is_word(look, quoted_text(bytes, at))) {
            return true;
        }
    }
    return has_part(look, bytes);
}
