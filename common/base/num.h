/* common/base/num.h — numbers from text, checked arithmetic, money. Pure.
 *
 * Money is integer hundredths of a currency unit. On the wire a decimal string with at most two
 * places ("29730000.00", "-5", "5.5") or an integer of whole units; never a float. */
#pragma once

#include "common/base/base.h"

/* Decimal digits, all of the text. 0, -EINVAL, -ERANGE; written only on 0. */
RD_MUST_USE int rd_u64_parse(struct rd_str text, uint64_t *ret_value);
RD_MUST_USE int rd_i64_parse(struct rd_str text, int64_t *ret_value);
/* "64KiB", "64MiB", "64GiB", "100" (bytes). Errors as above. */
RD_MUST_USE int rd_size_parse(struct rd_str text, uint64_t *ret_bytes);

RD_MUST_USE int rd_money_parse(struct rd_str text, int64_t *ret_hundredths);
/* From an integer of whole units. -ERANGE where it does not fit. */
RD_MUST_USE int rd_money_of_units(int64_t units, int64_t *ret_hundredths);
/* Sums whose parts a peer sizes. One that leaves int64_t comes round at the other end, and is right
 * again once what made it leave is taken away. */
static inline int64_t rd_sum(int64_t a, int64_t b)
{
    int64_t sum;
    (void)__builtin_add_overflow(a, b, &sum);
    return sum;
}
static inline int64_t rd_less(int64_t a, int64_t b)
{
    int64_t rest;
    (void)__builtin_sub_overflow(a, b, &rest);
    return rest;
}
enum { RD_DECIMAL_MAX = 20, RD_DIGITS_MAX = 19 };
/* At least `least` digits (1 to RD_DIGITS_MAX), a minus before those of a negative number. The text
 * stands in `room`. For what an event prints: printf() costs several times as much. */
struct rd_str rd_decimal(int64_t value, unsigned least, char room[static RD_DECIMAL_MAX]);
enum { RD_MONEY_TEXT_MAX = 24 };
/* Always with two places: "-5.00". */
void rd_money_format(int64_t hundredths, char ret_text[static RD_MONEY_TEXT_MAX]);
