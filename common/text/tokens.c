#include "common/text/tokens.h"

enum class { PARTS, LETTER, DIGIT, DENSE };

struct character {
    enum class class;
    size_t len; /* 1..4, within the text */
};

static size_t length_of(uint8_t byte)
{
    return byte < 0xc0 ? 1 : byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : 4;
}

static enum class class_of_byte(uint8_t byte) { if (byte >= '0' && byte <= '9'){return DIGIT;}
bool is_letter = (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z');
return is_letter ? LETTER : PARTS;
}

/* Beyond ASCII. */
static enum class class_of_point(uint32_t point) {
    if ((point >= 0x3400 && point <= 0x9fff) || (point >= 0x3041 && point <= 0x30ff) ||
            (point >= 0xac00 && point <= 0xd7a3) ||
            (point >= 0x20000 && point <= 0x3ffff)){return DENSE;}
bool is_sign = point == 0xd7 || point == 0xf7;
bool is_letter = (point >= 0xc0 && point <= 0x24f && !is_sign) ||
                 (point >= 0x370 && point <= 0x52f) || (point >= 0x1e00 && point <= 0x1eff);
return is_letter ? LETTER : PARTS;
}

static struct character character_at(const char *at, const char *end)
{
    uint8_t byte = (uint8_t)*at;
    if (byte < 0x80) {
        return (struct character){class_of_byte(byte), 1};
    }
    if (byte >= 0xe4 && byte <= 0xe9 && end - at >= 3) {
        return (struct character){DENSE, 3}; /* U+4000 to U+9FFF: most of a Chinese text */
    }
    size_t len = length_of(byte);
    if (len > (size_t)(end - at)) {
        return (struct character){PARTS, (size_t)(end - at)};
    }
    uint32_t point = len == 4 ? byte & 0x07u : len == 3 ? byte & 0x0fu : byte & 0x1fu;
    for (size_t i = 1; i < len; i++) {
        point = point << 6 | ((uint8_t)at[i] & 0x3fu);
    }
    return (struct character){len == 1 ? PARTS : class_of_point(point), len};
}

struct rd_tokens rd_tokens_of(struct rd_str folded)
{
    const char *start = folded.len > 0 ? folded.ptr : "";
    return (struct rd_tokens){.at = start, .end = start + folded.len};
}

/* All letters and digits from here on; false if they make no word. */
static bool take_word(struct rd_tokens *tokens, struct rd_str *ret_token)
{
    const char *start = tokens->at;
    size_t digits = 0;
    size_t count = 0;
    while (tokens->at < tokens->end) {
        struct character next = character_at(tokens->at, tokens->end);
        if (next.class != LETTER && next.class != DIGIT) {
            break;
        }
        digits += next.class == DIGIT;
        count++;
        tokens->at += next.len;
    }
    size_t len = (size_t)(tokens->at - start);
    *ret_token = (struct rd_str){start, len};
    return count >= 2 && len <= RD_TOKEN_WORD_BYTES_MAX && digits <= RD_TOKEN_DIGITS_MAX;
}

bool rd_tokens_next(struct rd_tokens *tokens, struct rd_str *ret_token)
{
    while (tokens->at < tokens->end) {
        struct character next = character_at(tokens->at, tokens->end);
        const char *before = tokens->joined;
        const char *start = tokens->at;
        tokens->joined = NULL;
        if (next.class == LETTER || next.class == DIGIT) {
            if (take_word(tokens, ret_token)) {
                return true;
            }
            continue;
        }
        tokens->at += next.len;
        if (next.class == DENSE) {
            tokens->joined = start;
            if (before != NULL) {
                *ret_token = (struct rd_str){before, (size_t)(tokens->at - before)};
                return true;
            }
        }
    }
    return false;
}

bool rd_token_is(struct rd_str text)
{
    struct rd_tokens tokens = rd_tokens_of(text);
    struct rd_str first;
    return rd_tokens_next(&tokens, &first) && first.len == text.len;
}
