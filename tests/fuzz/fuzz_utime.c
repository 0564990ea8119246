/* Law: what parses is in range and reads back, from its own format, as the same instant; what does
 * not leaves the output alone. */
#include <errno.h>

#include "common/time/civil.h"
#include "common/time/utime.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct rd_str text = {.ptr = (const char *)data, .len = size};
    rd_time time = RD_TIME_NONE, again = RD_TIME_NONE;
    int r = rd_time_parse(text, &time);
    if (r != 0) {
        RD_ASSERT(r == -EINVAL || r == -ERANGE);
        RD_ASSERT(time == RD_TIME_NONE);
    } else {
        RD_ASSERT(time >= RD_TIME_MIN);
        RD_ASSERT(time <= RD_TIME_MAX);
        char format[RD_TIME_TEXT_MAX];
        rd_time_format(time, format);
        RD_ASSERT(rd_time_parse(rd_str_of(format), &again) == 0);
        RD_ASSERT(again == time);
    }
    rd_day day = RD_DAY_NONE;
    r = rd_day_parse(text, &day);
    if (r == 0) {
        char format[RD_DATE_TEXT_MAX];
        rd_day_format(day, format);
        RD_ASSERT(rd_str_is(text, format));
    } else {
        RD_ASSERT(day == RD_DAY_NONE);
    }
    return 0;
}
