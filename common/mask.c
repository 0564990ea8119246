#include <string.h>

#include <sodium.h>

#include "common/alert.h"

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
    if (start == 0) {
        return RD_STR("****"); /* what is that short, the tail would tell whole */
    }
    size_t tail = customer.len - start;
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
