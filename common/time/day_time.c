#include "common/time/day_time.h"

#include <errno.h>

enum { SHIFT_MAX_S = 86400 };

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static int clock_parse(struct rd_str text, struct rd_day_time *ret_time)
{
    if (text.len != 5 || text.ptr[2] != ':' || !is_digit(text.ptr[0]) || !is_digit(text.ptr[1]) ||
            !is_digit(text.ptr[3]) || !is_digit(text.ptr[4])) {
        return -EINVAL;
    }
    int hour = (text.ptr[0] - '0') * 10 + (text.ptr[1] - '0');
    int minute = (text.ptr[3] - '0') * 10 + (text.ptr[4] - '0');
    if (minute > 59 || hour * 60 + minute > 24 * 60) {
        return -EINVAL;
    }
    *ret_time =
            (struct rd_day_time){.base = RD_DAY_CLOCK, .minute = (uint16_t)(hour * 60 + minute)};
    return 0;
}

int rd_day_time_parse(struct rd_str text, struct rd_day_time *ret_time)
{
    bool is_closing = rd_str_starts(text, RD_STR("closing"));
    if (!is_closing && !rd_str_starts(text, RD_STR("opening"))) {
        return clock_parse(text, ret_time);
    }
    struct rd_day_time time = {.base = is_closing ? RD_DAY_CLOSING : RD_DAY_OPENING};
    struct rd_str rest = {text.ptr + 7, text.len - 7};
    if (rest.len > 0) {
        struct rd_limit limit;
        struct rd_str shift = {rest.ptr + 1, rest.len - 1};
        bool is_back = rest.ptr[0] == '-';
        if ((!is_back && rest.ptr[0] != '+') || rd_limit_parse(shift, &limit) < 0 ||
                limit.unit != RD_LIMIT_SECONDS || limit.count > SHIFT_MAX_S) {
            return -EINVAL;
        }
        time.shift_s = is_back ? -(int32_t)limit.count : (int32_t)limit.count;
    }
    *ret_time = time;
    return 0;
}

rd_time rd_day_time_at(
        const struct rd_calendar *calendar, rd_day day, const struct rd_day_time *time)
{
    if (time->base == RD_DAY_CLOCK) {
        return rd_calendar_instant(calendar, day, time->minute);
    }
    rd_time at = rd_calendar_closing(calendar, day);
    if (time->base == RD_DAY_OPENING) {
        struct rd_hours hours = rd_calendar_hours(calendar, day);
        at = hours.count > 0 ? rd_calendar_instant(calendar, day, hours.open[0]) : at;
    }
    return at + time->shift_s * RD_SECOND_US;
}
