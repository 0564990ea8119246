#include <string.h>

#include <sodium.h>

#include "common/wire/alert.h"

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

enum { VALUE_MIN = 4 }; /* a shorter one stands anywhere by chance, and tells nothing */

static struct rd_str without(struct rd_str text, struct rd_str value, struct rd_arena *arena)
{
    if (value.len < VALUE_MIN || text.len < value.len ||
            memmem(text.ptr, text.len, value.ptr, value.len) == NULL) {
        return text;
    }
    struct rd_str mask = last4(value, arena);
    char *room = rd_arena_alloc(arena, (text.len / value.len + 1) * (mask.len + value.len));
    size_t len = 0;
    for (size_t at = 0; at < text.len;) {
        bool is_here =
                text.len - at >= value.len && memcmp(text.ptr + at, value.ptr, value.len) == 0;
        struct rd_str piece = is_here ? mask : (struct rd_str){.ptr = text.ptr + at, .len = 1};
        memcpy(room + len, piece.ptr, piece.len);
        len += piece.len;
        at += is_here ? value.len : 1;
    }
    return (struct rd_str){.ptr = room, .len = len};
}

struct rd_str rd_mask_text(
        struct rd_str text, const struct rd_hidden *hidden, struct rd_arena *arena)
{
    text = (hidden->what & RD_HIDE_CUSTOMER) != 0 ? without(text, hidden->customer, arena) : text;
    text = (hidden->what & RD_HIDE_PHONE) != 0 ? without(text, hidden->phone, arena) : text;
    return (hidden->what & RD_HIDE_CONTRACT) != 0 ? without(text, hidden->contract, arena) : text;
}

struct rd_str rd_mask_detail(
        struct rd_str detail, const struct rd_hidden *hidden, struct rd_arena *arena)
{
    static const struct {
        unsigned what;
        const char *start, *told;
    } rows[] = {{RD_HIDE_CUSTOMER, "customer ", "customer ****"},
            {RD_HIDE_PHONE, "phone ", "phone ****"},
            {RD_HIDE_CONTRACT, "contract ", "contract ****"}, {RD_HIDE_TEXT, "text ", "text ****"}};
    for (size_t i = 0; i < RD_COUNT(rows); i++) {
        if ((hidden->what & rows[i].what) != 0 && rd_str_starts(detail, rd_str_of(rows[i].start))) {
            return rd_str_of(rows[i].told);
        }
    }
    return rd_mask_text(detail, hidden, arena);
}

void rd_mask_alert(struct rd_alert *alert, const struct rd_hidden *hidden, struct rd_arena *arena)
{
    if (hidden->what == 0) {
        return;
    }
    alert->title = rd_mask_text(alert->title, hidden, arena);
    struct rd_reason *reasons = RD_ARENA_ARRAY(arena, struct rd_reason, alert->reason_count + 1);
    for (size_t i = 0; i < alert->reason_count; i++) {
        reasons[i] = alert->reasons[i];
        reasons[i].detail = rd_mask_detail(reasons[i].detail, hidden, arena);
    }
    alert->reasons = reasons;
}
