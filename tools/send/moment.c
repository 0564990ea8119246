#include "tools/send/moment.h"

#include <errno.h>
#include <string.h>

#include "common/num.h"

enum {
    MINUTE_S = 60,
    HOUR_S = 3600,
    HOURS = 24,
    DATE_LEN = 10,
    YEAR_LEN = 4,
};

static int number(struct rd_str text, size_t from, size_t len, uint64_t max, int32_t *ret)
{
    uint64_t value = 0;
    if (from + len > text.len ||
            rd_u64_parse((struct rd_str){.ptr = text.ptr + from, .len = len}, &value) < 0) {
        return -EINVAL;
    }
    if (value > max) {
        return -ERANGE;
    }
    *ret = (int32_t)value;
    return 0;
}

int moment_parse_clock(struct rd_str text, int32_t *ret_s)
{
    int32_t hour = 0, minute = 0, second = 0;
    bool has_seconds = text.len == 8;
    if ((text.len != 5 && !has_seconds) || text.ptr[2] != ':' ||
            (has_seconds && text.ptr[5] != ':')) {
        return -EINVAL;
    }
    int r = number(text, 0, 2, HOURS - 1, &hour);
    r = r < 0 ? r : number(text, 3, 2, MINUTE_S - 1, &minute);
    r = r < 0 || !has_seconds ? r : number(text, 6, 2, MINUTE_S - 1, &second);
    if (r == 0) {
        *ret_s = hour * HOUR_S + minute * MINUTE_S + second;
    }
    return r;
}

int moment_parse_offset(struct rd_str text, int32_t *ret_offset_s)
{
    if (rd_str_is(text, "Z")) {
        *ret_offset_s = 0;
        return 0;
    }
    if (text.len != 6 || (text.ptr[0] != '+' && text.ptr[0] != '-')) {
        return -EINVAL;
    }
    int32_t s = 0;
    int r = moment_parse_clock((struct rd_str){.ptr = text.ptr + 1, .len = text.len - 1}, &s);
    if (r == 0) {
        *ret_offset_s = text.ptr[0] == '-' ? -s : s;
    }
    return r;
}

int moment_parse_day(enum date_order order, struct rd_str text, rd_day *ret_day)
{
    static const struct {
        size_t year, month, day, first_mark, second_mark;
    } places[] = {
            [DATE_YMD] = {0, 5, 8, 4, 7},
            [DATE_MDY] = {6, 0, 3, 2, 5},
            [DATE_DMY] = {6, 3, 0, 2, 5},
    };
    if (text.len != DATE_LEN) {
        return -EINVAL;
    }
    char mark = text.ptr[places[order].first_mark];
    if (strchr("-/.", mark) == NULL || mark == '\0' ||
            text.ptr[places[order].second_mark] != mark) {
        return -EINVAL;
    }
    int32_t year = 0, month = 0, day = 0;
    int r = number(text, places[order].year, YEAR_LEN, UINT16_MAX, &year);
    r = r < 0 ? r : number(text, places[order].month, 2, UINT8_MAX, &month);
    r = r < 0 ? r : number(text, places[order].day, 2, UINT8_MAX, &day);
    if (r < 0) {
        return r;
    }
    if (!rd_date_valid(year, month, day)) {
        return -ERANGE;
    }
    *ret_day =
            rd_day_of((struct rd_date){.year = year, .month = (uint8_t)month, .day = (uint8_t)day});
    return 0;
}

int moment_parse(const struct moment_rule *rule, struct rd_str text, rd_time *ret_time)
{
    if (rd_time_parse(text, ret_time) == 0) {
        return 0;
    }
    rd_day day = 0;
    int32_t of_day_s = rule->time_of_day_s, offset_s = rule->offset_s;
    struct rd_str date = {.ptr = text.ptr, .len = text.len < DATE_LEN ? text.len : DATE_LEN};
    int r = moment_parse_day(rule->order, date, &day);
    if (r == 0 && text.len > DATE_LEN) {
        if (text.ptr[DATE_LEN] != ' ' && text.ptr[DATE_LEN] != 'T') {
            return -EINVAL;
        }
        struct rd_str rest = {.ptr = text.ptr + DATE_LEN + 1, .len = text.len - DATE_LEN - 1};
        size_t clock_len = rest.len;
        for (size_t i = 0; i < rest.len; i++) {
            if (strchr("Z+-", rest.ptr[i]) != NULL && rest.ptr[i] != '\0') {
                clock_len = i;
                break;
            }
        }
        r = moment_parse_clock((struct rd_str){.ptr = rest.ptr, .len = clock_len}, &of_day_s);
        if (r == 0 && clock_len < rest.len) {
            r = moment_parse_offset(
                    (struct rd_str){.ptr = rest.ptr + clock_len, .len = rest.len - clock_len},
                    &offset_s);
        }
    }
    if (r < 0) {
        return r;
    }
    rd_time time = day * RD_DAY_US + (int64_t)(of_day_s - offset_s) * RD_SECOND_US;
    if (time < RD_TIME_MIN || time > RD_TIME_MAX) {
        return -ERANGE;
    }
    *ret_time = time;
    return 0;
}
