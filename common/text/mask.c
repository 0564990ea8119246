#include "common/text/mask.h"

#include <string.h>

#include <sodium.h>

#include "common/text/fold.h"

enum { LAST = 4, DIGEST_BYTES = 32, SHOWN_BYTES = 8 };

/* Where the last `count` characters of UTF-8 begin; all of it where there are no more. */
static size_t tail_start(struct rd_str text, size_t count)
{
    size_t at = text.len;
    while (at > 0 && count > 0) {
        at--;
        count -= ((uint8_t)text.ptr[at] & 0xc0) != 0x80;
    }
    return at;
}

static struct rd_str last4(struct rd_str customer, struct rd_arena *arena)
{
    size_t start = tail_start(customer, LAST);
    size_t tail = customer.len - start;
    bool is_number = tail == LAST;
    for (size_t i = start; i < customer.len; i++) {
        is_number = is_number && customer.ptr[i] >= '0' && customer.ptr[i] <= '9';
    }
    if (start == 0 || !is_number) {
        /* Values this short are masked as a whole, since the tail would reveal them; a name's tail
         * reveals more than a number's. */
        return RD_STR("****");
    }
    char *text = rd_arena_alloc(arena, LAST + tail);
    memset(text, '*', LAST);
    memcpy(text + LAST, customer.ptr + start, tail);
    return (struct rd_str){.ptr = text, .len = LAST + tail};
}

static struct rd_str keyed(struct rd_str key, struct rd_str customer, struct rd_arena *arena)
{
    static const char digits[] = "0123456789abcdef";
    uint8_t digest[DIGEST_BYTES];
    RD_ASSERT(key.len <= crypto_generichash_KEYBYTES_MAX);
    int r = crypto_generichash(digest, sizeof digest, (const unsigned char *)customer.ptr,
            customer.len, (const unsigned char *)key.ptr, key.len);
    RD_ASSERT(r == 0); /* the sizes are right, and nothing else can fail */
    char *text = rd_arena_alloc(arena, 1 + 2 * SHOWN_BYTES);
    text[0] = '~';
    for (size_t i = 0; i < SHOWN_BYTES; i++) {
        text[1 + 2 * i] = digits[digest[i] >> 4];
        text[2 + 2 * i] = digits[digest[i] & 0x0f];
    }
    return (struct rd_str){.ptr = text, .len = 1 + 2 * SHOWN_BYTES};
}

struct rd_str rd_mask_customer(
        enum rd_mask mask, struct rd_str key, struct rd_str customer, struct rd_arena *arena)
{
    if (customer.len == 0) {
        return customer;
    }
    switch (mask) {
    case RD_MASK_FULL:
        return customer;
    case RD_MASK_LAST4:
        return last4(customer, arena);
    case RD_MASK_KEYED:
        return keyed(key, customer, arena);
    }
    RD_UNREACHABLE("the masks are all named");
}

/* ---- a value in a text ---- */

enum {
    VALUE_MIN = 4, /* a shorter one stands anywhere by chance, and tells nothing */
    CODE_HELD_MIN = 8,
    PHONE_DIGITS_MIN = 5,
    PHONE_DIGITS_MAX = 11, /* of a longer one its end tells whose it is */
    BETWEEN_MAX = 3,       /* "(139) - 7033" */
    FOLDED_MAX = RD_FOLD_ONE_MAX,
    VALUE_MAX = 128,                   /* as an event has it */
    VALUE_FOLDED_MAX = 12 * VALUE_MAX, /* U+FDFA: 3 bytes become 33 */
};

/* Where the value that begins at `at` ends; 0: none begins there. */
static size_t end_of_text(struct rd_str text, size_t at, struct rd_str folded)
{
    uint8_t one[FOLDED_MAX];
    size_t len;
    for (size_t met = 0; met < folded.len; met += len) {
        if (at >= text.len) {
            return 0;
        }
        size_t step = rd_fold_one(text, at, one, &len);
        size_t left = folded.len - met, compared = len < left ? len : left;
        if ((len == 0 && met == 0) || memcmp(one, folded.ptr + met, compared) != 0) {
            return 0;
        }
        at += step;
    }
    return at;
}

static bool stands_between_digits(const uint8_t *one, size_t len)
{
    return (len == 1 && strchr(" -./()+", one[0]) != NULL && one[0] != '\0') ||
           (len == 3 && one[0] == 0xe2 && one[1] == 0x80 && one[2] >= 0x90 && one[2] <= 0x95);
}

/* The same of a phone's digits. */
static size_t end_of_phone(struct rd_str text, size_t at, struct rd_str digits)
{
    uint8_t one[FOLDED_MAX];
    size_t len, met = 0, between = 0;
    while (met < digits.len && at < text.len) {
        size_t step = rd_fold_one(text, at, one, &len);
        if (len == 1 && one[0] == (uint8_t)digits.ptr[met]) {
            met++;
            between = 0;
        } else if (met == 0 || ++between > BETWEEN_MAX || !stands_between_digits(one, len)) {
            return 0;
        }
        at += step;
    }
    return met == digits.len ? at : 0;
}

struct sought {
    struct rd_str value;
    uint8_t folded[VALUE_FOLDED_MAX + FOLDED_MAX];
    size_t folded_len; /* 0: too short to be sought */
    char room[VALUE_FOLDED_MAX];
    struct rd_str digits; /* of a phone, in `room`; empty: none */
};

static void seek(struct sought *sought, struct rd_str value, bool is_phone)
{
    sought->value = value;
    sought->folded_len = 0;
    sought->digits = (struct rd_str){0};
    size_t len;
    for (size_t at = 0;
            value.len >= VALUE_MIN && at < value.len && sought->folded_len < VALUE_FOLDED_MAX;) {
        at += rd_fold_one(value, at, sought->folded + sought->folded_len, &len);
        sought->folded_len += len;
    }
    if (!is_phone) {
        return;
    }
    sought->digits = rd_phone_digits(
            (struct rd_str){(const char *)sought->folded,
                    sought->folded_len < VALUE_FOLDED_MAX ? sought->folded_len : VALUE_FOLDED_MAX},
            sought->room);
    if (sought->digits.len > PHONE_DIGITS_MAX) {
        sought->digits.ptr += sought->digits.len - PHONE_DIGITS_MAX;
        sought->digits.len = PHONE_DIGITS_MAX;
    } else if (sought->digits.len < PHONE_DIGITS_MIN) {
        sought->digits.len = 0;
    }
}

static size_t end_of(struct rd_str text, size_t at, const struct sought *sought)
{
    struct rd_str folded = {(const char *)sought->folded, sought->folded_len};
    size_t end = folded.len > 0 ? end_of_text(text, at, folded) : 0;
    return end == 0 && sought->digits.len > 0 ? end_of_phone(text, at, sought->digits) : end;
}

static size_t char_step(struct rd_str text, size_t at)
{
    size_t step = 1;
    while (at + step < text.len && ((uint8_t)text.ptr[at + step] & 0xc0) == 0x80) {
        step++;
    }
    return step;
}

static bool is_plain(struct rd_str text)
{
    bool is_ascii = true;
    for (size_t i = 0; i < text.len && is_ascii; i++) {
        is_ascii = text.ptr[i] >= 0x20 && text.ptr[i] <= 0x7e;
    }
    return is_ascii;
}

static size_t digits_in(struct rd_str text)
{
    size_t count = 0;
    for (size_t i = 0; i < text.len; i++) {
        count += text.ptr[i] >= '0' && text.ptr[i] <= '9';
    }
    return count;
}

/* Plain ASCII is folded byte by byte: most codes are told apart by their length and their digits
 * before anything is folded. */
static bool may_hold(struct rd_str text, struct rd_str value, bool is_phone)
{
    if (!is_plain(text) || !is_plain(value)) {
        return true;
    }
    size_t digits = digits_in(value);
    bool has_number = is_phone && digits >= PHONE_DIGITS_MIN;
    size_t least = has_number ? PHONE_DIGITS_MIN : digits;
    return digits_in(text) >= least && (has_number || text.len >= value.len);
}

static bool holds(struct rd_str text, const struct sought *sought)
{
    size_t end = 0;
    for (size_t at = 0; at < text.len && end == 0; at += char_step(text, at)) {
        end = end_of(text, at, sought);
    }
    return end > 0;
}

static struct rd_str without(
        struct rd_str text, const struct sought *sought, struct rd_arena *arena)
{
    size_t count = 0, len = 0, end;
    for (size_t at = 0; at<text.len; at = end> 0 ? end : at + char_step(text, at)) {
        end = end_of(text, at, sought);
        count += end > 0;
    }
    if (count == 0) {
        return text;
    }
    struct rd_str mask = last4(sought->digits.len > 0 ? sought->digits : sought->value, arena);
    char *room = rd_arena_alloc(arena, text.len + count * mask.len);
    for (size_t at = 0; at < text.len;) {
        end = end_of(text, at, sought);
        struct rd_str piece = end > 0 ? mask : (struct rd_str){text.ptr + at, char_step(text, at)};
        memcpy(room + len, piece.ptr, piece.len);
        len += piece.len;
        at = end > 0 ? end : at + piece.len;
    }
    return (struct rd_str){.ptr = room, .len = len};
}

/* ---- all the values ---- */

static struct rd_str text_in(const struct rd_value *values, enum rd_event_key key)
{
    return values[key].type == RD_VALUE_STR ? values[key].bytes : (struct rd_str){0};
}

struct rd_hidden rd_hidden_of(unsigned what, const struct rd_value *values)
{
    return (struct rd_hidden){.what = what,
            .customer = text_in(values, RD_KEY_CUSTOMER),
            .phone = text_in(values, RD_KEY_PHONE),
            .contract = text_in(values, RD_KEY_CONTRACT)};
}

static const unsigned VALUES[] = {RD_HIDE_CUSTOMER, RD_HIDE_PHONE, RD_HIDE_CONTRACT};

/* False: the text, or code, cannot have that value. */
static bool seek_in(struct rd_str text, bool is_code, const struct rd_hidden *hidden, unsigned what,
        struct sought *sought)
{
    struct rd_str value = what == RD_HIDE_CUSTOMER ? hidden->customer
                          : what == RD_HIDE_PHONE  ? hidden->phone
                                                   : hidden->contract;
    bool is_phone = what == RD_HIDE_PHONE;
    if ((hidden->what & what) == 0 || value.len < VALUE_MIN || !may_hold(text, value, is_phone)) {
        return false;
    }
    seek(sought, value, is_phone);
    return !is_code || sought->folded_len >= CODE_HELD_MIN || end_of(text, 0, sought) == text.len;
}

static struct rd_str without_all(
        struct rd_str text, bool is_code, const struct rd_hidden *hidden, struct rd_arena *arena)
{
    struct sought sought;
    for (size_t i = 0; text.len > 0 && i < RD_COUNT(VALUES); i++) {
        if (seek_in(text, is_code, hidden, VALUES[i], &sought)) {
            text = without(text, &sought, arena);
        }
    }
    return text;
}

unsigned rd_mask_held(struct rd_str code, const struct rd_hidden *hidden)
{
    struct sought sought;
    unsigned held = 0;
    for (size_t i = 0; i < RD_COUNT(VALUES); i++) {
        bool is_held = seek_in(code, true, hidden, VALUES[i], &sought) && holds(code, &sought);
        held |= is_held ? VALUES[i] : 0;
    }
    return held;
}

struct rd_str rd_mask_text(
        struct rd_str text, const struct rd_hidden *hidden, struct rd_arena *arena)
{
    return without_all(text, false, hidden, arena);
}

struct rd_str rd_mask_code(
        struct rd_str code, const struct rd_hidden *hidden, struct rd_arena *arena)
{
    return without_all(code, true, hidden, arena);
}
