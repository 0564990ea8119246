#include "common/base/num.h"

#include <errno.h>
#include <stdio.h>

enum { HUNDREDTHS = 100 };

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

int rd_u64_parse(struct rd_str text, uint64_t *ret_value)
{
    uint64_t value = 0;
    bool overflows = false;
    for (size_t i = 0; i < text.len; i++) {
        if (!is_digit(text.ptr[i])) {
            return -EINVAL;
        }
        uint64_t digit = (uint64_t)(text.ptr[i] - '0');
        overflows |= __builtin_mul_overflow(value, 10, &value);
        overflows |= __builtin_add_overflow(value, digit, &value);
    }
    if (text.len == 0) {
        return -EINVAL;
    }
    if (overflows) {
        return -ERANGE;
    }
    *ret_value = value;
    return 0;
}

static bool take_minus(struct rd_str *text)
{
    bool is_negative = text->len > 0 && text->ptr[0] == '-';
    if (is_negative) {
        text->ptr++;
        text->len--;
    }
    return is_negative;
}

static int with_sign(uint64_t magnitude, bool is_negative, int64_t *ret_value)
{
    if (magnitude > (uint64_t)INT64_MAX + is_negative) {
        return -ERANGE;
    }
    *ret_value = (int64_t)(is_negative ? -magnitude : magnitude);
    return 0;
}

int rd_i64_parse(struct rd_str text, int64_t *ret_value)
{
    bool is_negative = take_minus(&text);
    uint64_t magnitude = 0;
    int r = rd_u64_parse(text, &magnitude);
    return r == 0 ? with_sign(magnitude, is_negative, ret_value) : r;
}

int rd_size_parse(struct rd_str text, uint64_t *ret_bytes)
{
    static const struct {
        char name[4];
        uint64_t bytes;
    } units[] = {
            {"KiB", UINT64_C(1) << 10}, {"MiB", UINT64_C(1) << 20}, {"GiB", UINT64_C(1) << 30}};
    uint64_t factor = 1;
    for (size_t i = 0; i < RD_COUNT(units); i++) {
        size_t length = sizeof units[i].name - 1;
        if (text.len >= length &&
                rd_str_is((struct rd_str){.ptr = text.ptr + text.len - length, .len = length},
                        units[i].name)) {
            factor = units[i].bytes;
            text.len -= length;
            break;
        }
    }
    uint64_t count = 0;
    int r = rd_u64_parse(text, &count);
    if (r < 0) {
        return r;
    }
    uint64_t bytes;
    if (__builtin_mul_overflow(count, factor, &bytes)) {
        return -ERANGE;
    }
    *ret_bytes = bytes;
    return 0;
}

/* "", ".d" or ".dd" at the end of the text is cut off it. */
static int take_places(struct rd_str *text, uint64_t *ret_hundredths)
{
    size_t point = 0;
    while (point < text->len && text->ptr[point] != '.') {
        point++;
    }
    if (point == text->len) {
        *ret_hundredths = 0;
        return 0;
    }
    struct rd_str places = {.ptr = text->ptr + point + 1, .len = text->len - point - 1};
    text->len = point;
    if (places.len > 2 || rd_u64_parse(places, ret_hundredths) < 0) {
        return -EINVAL;
    }
    *ret_hundredths *= places.len == 1 ? 10 : 1;
    return 0;
}

int rd_money_parse(struct rd_str text, int64_t *ret_hundredths)
{
    bool is_negative = take_minus(&text);
    uint64_t hundredths = 0, units = 0;
    int r = take_places(&text, &hundredths);
    if (r == 0) {
        r = rd_u64_parse(text, &units);
    }
    if (r < 0) {
        return r;
    }
    if (__builtin_mul_overflow(units, HUNDREDTHS, &units) ||
            __builtin_add_overflow(units, hundredths, &units)) {
        return -ERANGE;
    }
    return with_sign(units, is_negative, ret_hundredths);
}

int rd_money_of_units(int64_t units, int64_t *ret_hundredths)
{
    int64_t hundredths;
    if (__builtin_mul_overflow(units, HUNDREDTHS, &hundredths)) {
        return -ERANGE;
    }
    *ret_hundredths = hundredths;
    return 0;
}

struct rd_str rd_decimal(int64_t value, unsigned least, char room[static RD_DECIMAL_MAX])
{
    char *at = room + RD_DECIMAL_MAX;
    uint64_t magnitude = value < 0 ? -(uint64_t)value : (uint64_t)value;
    RD_ASSERT(least >= 1 && least <= RD_DIGITS_MAX);
    while (magnitude > 0 || at > room + RD_DECIMAL_MAX - least) {
        *--at = (char)('0' + magnitude % 10);
        magnitude /= 10;
    }
    if (value < 0) {
        *--at = '-';
    }
    return (struct rd_str){.ptr = at, .len = (size_t)(room + RD_DECIMAL_MAX - at)};
}

void rd_money_format(int64_t hundredths, char ret_text[static RD_MONEY_TEXT_MAX])
{
    uint64_t magnitude = hundredths < 0 ? -(uint64_t)hundredths : (uint64_t)hundredths;
    (void)snprintf(ret_text, RD_MONEY_TEXT_MAX, "%s%ju.%02ju", hundredths < 0 ? "-" : "",
            (uintmax_t)(magnitude / HUNDREDTHS), (uintmax_t)(magnitude % HUNDREDTHS));
}
