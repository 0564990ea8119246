/* Law: limits, integers, sizes and money that parse have a text of their own that reads back as the
 * same value and is no longer; what does not parse leaves the output alone. */
#include <errno.h>

#include "common/base/num.h"
#include "common/time/limit.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { UNTOUCHED = 4711 };

static void check_limit(struct rd_str text)
{
    struct rd_limit limit = {.count = UNTOUCHED}, again;
    int r = rd_limit_parse(text, &limit);
    if (r != 0) {
        RD_ASSERT(r == -EINVAL || r == -ERANGE);
        RD_ASSERT(limit.count == UNTOUCHED);
        return;
    }
    char format[RD_LIMIT_TEXT_MAX];
    rd_limit_format(limit, format);
    RD_ASSERT(rd_str_of(format).len <= text.len);
    RD_ASSERT(rd_limit_parse(rd_str_of(format), &again) == 0);
    RD_ASSERT(again.unit == limit.unit);
    RD_ASSERT(again.count == limit.count);
}

static void check_money(struct rd_str text)
{
    int64_t money = UNTOUCHED, again = 0;
    int r = rd_money_parse(text, &money);
    if (r != 0) {
        RD_ASSERT(r == -EINVAL || r == -ERANGE);
        RD_ASSERT(money == UNTOUCHED);
        return;
    }
    char format[RD_MONEY_TEXT_MAX];
    rd_money_format(money, format);
    RD_ASSERT(rd_money_parse(rd_str_of(format), &again) == 0);
    RD_ASSERT(again == money);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct rd_str text = {.ptr = (const char *)data, .len = size};
    check_limit(text);
    check_money(text);
    uint64_t number = UNTOUCHED, bytes = UNTOUCHED;
    int64_t integer = UNTOUCHED;
    int as_u64 = rd_u64_parse(text, &number);
    int as_i64 = rd_i64_parse(text, &integer);
    int as_size = rd_size_parse(text, &bytes);
    if (as_u64 == 0) { /* a number is a size in bytes, and an integer if it fits */
        RD_ASSERT(as_size == 0);
        RD_ASSERT(bytes == number);
        RD_ASSERT(as_i64 == (number <= INT64_MAX ? 0 : -ERANGE));
    } else {
        RD_ASSERT(number == UNTOUCHED);
    }
    RD_ASSERT(as_i64 == 0 || integer == UNTOUCHED);
    RD_ASSERT(as_size == 0 || bytes == UNTOUCHED);
    return 0;
}
