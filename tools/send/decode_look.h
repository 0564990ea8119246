/* tools/send/decode_look.h — what the bytes of a text without a mark look like: UTF-8, or GBK. */
#pragma once

#include "common/base/base.h"

struct decode_look {
    uint64_t good;               /* characters of UTF-8 beyond ASCII */
    uint64_t bad;                /* bytes that are in none */
    uint64_t bad_line, bad_byte; /* of the first of those: its line, and place in it; from 1 */
    uint8_t bad_value;
    uint64_t pairs; /* of GBK: two bytes that make a character */
    uint64_t odd;   /* of those: with a letter of ASCII behind, or for private use */
    uint64_t line, byte;
    uint8_t lead; /* the byte before, if it begins a pair; not 0 */
    uint8_t skip; /* bytes of a character of four that are left */
};

/* Looks at what comes next; how much of it was looked at, less than a character is left. */
size_t decode_look(struct decode_look *look, struct rd_str text, bool is_end);
/* UTF-8, but for so few bytes that no other encoding is meant. */
bool decode_is_spoilt_utf8(const struct decode_look *look);
/* A text in Latin letters fits GB 18030 too: an accented letter and the one behind it are a
 * character of it, mostly one that nobody uses. */
bool decode_is_like_gbk(const struct decode_look *look);
