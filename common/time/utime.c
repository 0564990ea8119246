#include "common/time/utime.h"

#include <errno.h>

#include "common/time/civil.h"

enum {
    FRACTION_DIGITS = 6, /* of a microsecond */
    OFFSET_S_MAX = 24 * 3600 - 60,
};

/* What is left of the text. Once something did not fit, nothing does from then on. */
struct reader {
    const char *at, *end;
    bool failed;
};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static char take_one_of(struct reader *reader, const char *set)
{
    char c = reader->at != reader->end ? *reader->at : '\0';
    for (; *set != '\0'; set++) {
        if (c == *set) {
            reader->at++;
            return c;
        }
    }
    reader->failed = true;
    reader->at = reader->end;
    return '\0';
}

static int32_t take_digits(struct reader *reader, int count)
{
    int32_t value = 0;
    if (reader->end - reader->at < count) {
        reader->failed = true;
        reader->at = reader->end;
        return 0;
    }
    for (int i = 0; i < count; i++) {
        char c = *reader->at++;
        reader->failed |= !is_digit(c);
        value = value * 10 + (c - '0');
    }
    return reader->failed ? 0 : value;
}

static bool is_next(const struct reader *reader, char c)
{
    return reader->at != reader->end && *reader->at == c;
}

/* "." and digits, or nothing. */
static int32_t take_fraction_us(struct reader *reader)
{
    if (!is_next(reader, '.')) {
        return 0;
    }
    reader->at++;
    int32_t value = 0;
    int count = 0;
    for (; reader->at != reader->end && is_digit(*reader->at); reader->at++, count++) {
        if (count < FRACTION_DIGITS) {
            value = value * 10 + (*reader->at - '0');
        }
    }
    reader->failed |= count == 0;
    for (; count < FRACTION_DIGITS; count++) {
        value *= 10;
    }
    return value;
}

struct clock_time {
    int32_t hour, minute, second, fraction_us;
};

static struct clock_time take_clock_time(struct reader *reader)
{
    struct clock_time clock = {.hour = take_digits(reader, 2)};
    (void)take_one_of(reader, ":");
    clock.minute = take_digits(reader, 2);
    if (is_next(reader, ':')) { /* RFC 3339 has seconds always; many writers do not */
        reader->at++;
        clock.second = take_digits(reader, 2);
        clock.fraction_us = take_fraction_us(reader);
    }
    if (clock.second == 60) { /* a leap second: we have none */
        clock.second = 59;
        clock.fraction_us = (int32_t)RD_SECOND_US - 1;
    }
    return clock;
}

/* Seconds east; beyond a day where hours or minutes are no clock's. */
static int32_t take_offset_s(struct reader *reader)
{
    char sign = take_one_of(reader, "Zz+-");
    if (sign != '+' && sign != '-') {
        return 0;
    }
    int32_t hours = take_digits(reader, 2);
    if (is_next(reader, ':')) { /* "+0800", as strftime() writes it, is the same */
        reader->at++;
    }
    int32_t minutes = take_digits(reader, 2);
    if (hours > 23 || minutes > 59) {
        return INT32_MAX;
    }
    int32_t offset_s = hours * 3600 + minutes * 60;
    return sign == '-' ? -offset_s : offset_s;
}

int rd_time_parse(struct rd_str text, rd_time *ret_time)
{
    struct reader reader = {.at = text.ptr, .end = text.len > 0 ? text.ptr + text.len : text.ptr};
    int32_t year = take_digits(&reader, 4);
    (void)take_one_of(&reader, "-");
    int32_t month = take_digits(&reader, 2);
    (void)take_one_of(&reader, "-");
    int32_t day = take_digits(&reader, 2);
    (void)take_one_of(&reader, "Tt ");
    struct clock_time clock = take_clock_time(&reader);
    int32_t offset_s = take_offset_s(&reader);
    if (reader.failed || reader.at != reader.end) {
        return -EINVAL;
    }
    if (!rd_date_valid(year, month, day) || clock.hour > 23 || clock.minute > 59 ||
            clock.second > 59 || offset_s == INT32_MAX) {
        return -ERANGE;
    }
    rd_day days =
            rd_day_of((struct rd_date){.year = year, .month = (uint8_t)month, .day = (uint8_t)day});
    rd_time time = days * RD_DAY_US + clock.hour * RD_HOUR_US + clock.minute * RD_MINUTE_US +
                   clock.second * RD_SECOND_US + clock.fraction_us - offset_s * RD_SECOND_US;
    if (time < RD_TIME_MIN || time > RD_TIME_MAX) {
        return -ERANGE;
    }
    *ret_time = time;
    return 0;
}

static char *put_digits(char *at, int64_t value, int count)
{
    for (int i = count; i-- > 0;) {
        at[i] = (char)('0' + value % 10);
        value /= 10;
    }
    return at + count;
}

/* The year, with a sign or more than four digits only where it is not in 1..9999. */
static char *put_year(char *at, int32_t year)
{
    if (year < 0) {
        *at++ = '-';
        year = -year;
    }
    return put_digits(at, year, year > 99999 ? 6 : year > 9999 ? 5 : 4);
}

static char *put_local(char *at, rd_time local)
{
    int64_t day = local / RD_DAY_US - (local % RD_DAY_US < 0);
    int64_t rest = local % RD_DAY_US;
    rest += rest < 0 ? RD_DAY_US : 0;
    struct rd_date date = rd_date_of((rd_day)day);
    at = put_year(at, date.year);
    *at++ = '-';
    at = put_digits(at, date.month, 2);
    *at++ = '-';
    at = put_digits(at, date.day, 2);
    *at++ = 'T';
    at = put_digits(at, rest / RD_HOUR_US, 2);
    *at++ = ':';
    at = put_digits(at, rest / RD_MINUTE_US % 60, 2);
    *at++ = ':';
    at = put_digits(at, rest / RD_SECOND_US % 60, 2);
    if (rest % RD_SECOND_US != 0) {
        *at++ = '.';
        at = put_digits(at, rest % RD_SECOND_US, FRACTION_DIGITS);
    }
    return at;
}

void rd_time_format(rd_time time, char ret_text[static RD_TIME_TEXT_MAX])
{
    char *at = put_local(ret_text, time);
    *at++ = 'Z';
    *at = '\0';
}

void rd_time_format_at(rd_time time, int32_t offset_s, char ret_text[static RD_TIME_TEXT_MAX])
{
    int32_t minutes = offset_s / 60;
    rd_time local;
    bool overflows = __builtin_add_overflow(time, minutes * RD_MINUTE_US, &local);
    if (minutes == 0 || minutes > OFFSET_S_MAX / 60 || minutes < -OFFSET_S_MAX / 60 || overflows ||
            local < RD_TIME_MIN || local > RD_TIME_MAX) {
        rd_time_format(time, ret_text);
        return;
    }
    char *at = put_local(ret_text, local);
    *at++ = minutes < 0 ? '-' : '+';
    minutes = minutes < 0 ? -minutes : minutes;
    at = put_digits(at, minutes / 60, 2);
    *at++ = ':';
    at = put_digits(at, minutes % 60, 2);
    *at = '\0';
}
