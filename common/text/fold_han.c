#include <string.h>

#include <utf8proc.h>

#include "common/text/fold.h"
#include "common/text/han_table.h"

/* The second half of folding a text. Characters that writers of Chinese insert to stand out, or to
 * escape a search ("银 保 监", "曝🔥光"), are dropped, and traditional characters become simplified
 * ones. */

enum { CHAR_BYTES_MAX = 4 };

enum kind { KIND_HAN, KIND_BETWEEN, KIND_OTHER };

static bool is_han(uint32_t c)
{
    return (c >= 0x4e00 && c <= 0x9fff) || (c >= 0x3400 && c <= 0x4dbf) ||
           (c >= 0xf900 && c <= 0xfaff) || (c >= 0x20000 && c <= 0x3ffff) || c == 0x3005 ||
           c == 0x3007;
}

/* Spaces, controls, punctuation, symbols (emoji are symbols) and marks: neither letters nor
 * digits. */
static bool is_between(uint32_t c)
{
    if (c < 0x80) {
        bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        return !is_letter && !(c >= '0' && c <= '9');
    }
    int category = (int)utf8proc_category((utf8proc_int32_t)c);
    bool is_mark = category >= UTF8PROC_CATEGORY_MN && category <= UTF8PROC_CATEGORY_ME;
    return is_mark || (category >= UTF8PROC_CATEGORY_PC && category <= UTF8PROC_CATEGORY_CF);
}

static enum kind kind_of(uint32_t c)
{
    return is_han(c) ? KIND_HAN : is_between(c) ? KIND_BETWEEN : KIND_OTHER;
}

static uint32_t simplified(uint32_t c)
{
    if (c >= HAN_BITMAP_FROM && c < HAN_BITMAP_TO) {
        uint32_t bit = c - HAN_BITMAP_FROM;
        if ((han_bitmap[bit / 64] >> (bit % 64) & 1U) == 0) {
            return c; /* nearly all characters of a simplified text end here */
        }
    }
    size_t low = 0;
    size_t high = RD_COUNT(han_pairs);
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (han_pairs[middle].from < c) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low < RD_COUNT(han_pairs) && han_pairs[low].from == c ? han_pairs[low].to : c;
}

/* The character at the front; 0 bytes: not UTF-8. */
static size_t next_char(const uint8_t *at, size_t left, uint32_t *ret_c)
{
    if (*at < 0x80) {
        *ret_c = *at;
        return 1;
    }
    utf8proc_int32_t c;
    utf8proc_ssize_t size = utf8proc_iterate(at, (utf8proc_ssize_t)left, &c);
    *ret_c = size > 0 ? (uint32_t)c : 0;
    return size > 0 ? (size_t)size : 0;
}

static bool has_wide(struct rd_str text)
{
    size_t i = 0;
    for (uint64_t word; i + sizeof word <= text.len; i += sizeof word) {
        memcpy(&word, text.ptr + i, sizeof word);
        if ((word & UINT64_C(0x8080808080808080)) != 0) {
            break;
        }
    }
    for (; i < text.len; i++) {
        if ((uint8_t)text.ptr[i] >= 0xe3) {
            return true; /* Han begins at U+3005 */
        }
    }
    return false;
}

struct rd_str rd_fold_text(struct rd_str text, struct rd_arena *arena)
{
    size_t left_out;
    return rd_fold_text_telling(text, arena, &left_out);
}

struct rd_str rd_fold_text_telling(struct rd_str text, struct rd_arena *arena, size_t *ret_left_out)
{
    struct rd_str folded = rd_fold_telling(text, arena, ret_left_out);
    if (!has_wide(folded)) {
        return folded;
    }
    const uint8_t *in = (const uint8_t *)folded.ptr;
    uint8_t *out = rd_arena_alloc(arena, folded.len / 3 * CHAR_BYTES_MAX + CHAR_BYTES_MAX);
    size_t len = 0;
    size_t han_end = 0; /* of `out`, if only KIND_BETWEEN has followed */
    bool is_after_han = false;
    for (size_t i = 0; i < folded.len;) {
        uint32_t c;
        size_t size = next_char(in + i, folded.len - i, &c);
        if (size == 0) {
            return folded; /* not UTF-8: left as it came */
        }
        enum kind kind = kind_of(c);
        if (kind == KIND_HAN) {
            len = is_after_han ? han_end : len;
            len += (size_t)utf8proc_encode_char((utf8proc_int32_t)simplified(c), out + len);
            han_end = len;
            is_after_han = true;
        } else {
            memcpy(out + len, in + i, size);
            len += size;
            is_after_han = is_after_han && kind == KIND_BETWEEN;
        }
        i += size;
    }
    return (struct rd_str){(const char *)out, len};
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

struct rd_str rd_fold_no_digits(struct rd_str text, struct rd_arena *arena)
{
    struct rd_str folded = rd_fold_text(text, arena);
    size_t first = 0;
    while (first < folded.len && !is_digit(folded.ptr[first])) {
        first++;
    }
    if (first == folded.len) {
        return folded;
    }
    char *out = rd_arena_alloc(arena, folded.len);
    memcpy(out, folded.ptr, first);
    size_t len = first;
    for (size_t i = first; i < folded.len; i++) {
        if (!is_digit(folded.ptr[i])) {
            out[len++] = folded.ptr[i];
        }
    }
    return (struct rd_str){.ptr = out, .len = len};
}

/* ---- a character alone ---- */

enum { PARTS_MAX = RD_FOLD_ONE_MAX / 4 };

static const utf8proc_option_t one_options = UTF8PROC_STABLE | UTF8PROC_DECOMPOSE |
                                             UTF8PROC_COMPAT | UTF8PROC_CASEFOLD | UTF8PROC_IGNORE;

size_t rd_fold_one(
        struct rd_str text, size_t at, uint8_t ret_folded[static RD_FOLD_ONE_MAX], size_t *ret_len)
{
    const uint8_t *from = (const uint8_t *)text.ptr + at;
    *ret_len = 1;
    if (*from < 0x80) {
        ret_folded[0] = (uint8_t)(*from >= 'A' && *from <= 'Z' ? *from - 'A' + 'a' : *from);
        return 1;
    }
    utf8proc_int32_t c, parts[PARTS_MAX];
    utf8proc_ssize_t step = utf8proc_iterate(from, (utf8proc_ssize_t)(text.len - at), &c);
    int last_class = 0;
    utf8proc_ssize_t count =
            step > 0 ? utf8proc_decompose_char(c, parts, PARTS_MAX, one_options, &last_class) : -1;
    if (count < 0 || count > PARTS_MAX) { /* no character: a byte is itself */
        ret_folded[0] = *from;
        return 1;
    }
    *ret_len = 0;
    for (utf8proc_ssize_t i = 0; i < count; i++) {
        *ret_len += (size_t)utf8proc_encode_char(parts[i], ret_folded + *ret_len);
    }
    return (size_t)step;
}

struct rd_str rd_phone_digits(struct rd_str folded, char *room)
{
    size_t len = 0;
    bool has_plus = false;
    for (size_t i = 0; i < folded.len; i++) {
        has_plus = has_plus || (len == 0 && folded.ptr[i] == '+');
        if (is_digit(folded.ptr[i])) {
            room[len++] = folded.ptr[i];
        }
    }
    struct rd_str plain = {room, len};
    if (rd_str_starts(plain, RD_STR("0086"))) {
        plain = (struct rd_str){room + 4, len - 4};
    } else if (has_plus && rd_str_starts(plain, RD_STR("86"))) {
        plain = (struct rd_str){room + 2, len - 2};
    }
    return plain;
}

struct rd_str rd_fold_phone(struct rd_str phone, struct rd_arena *arena)
{
    struct rd_str folded = rd_fold(phone, arena);
    return rd_phone_digits(folded, rd_arena_alloc(arena, folded.len + 1));
}
