/* The words of `calendars`: month and day, weekdays, intervals, names of zones. */
#include <errno.h>

#include "daemon/config/calendar_build.h"

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Two digits at `at`; -1 if they are none. */
static int two_digits(struct rd_str text, size_t at)
{
    if (at + 2 > text.len || !is_digit(text.ptr[at]) || !is_digit(text.ptr[at + 1])) {
        return -1;
    }
    return (text.ptr[at] - '0') * 10 + (text.ptr[at + 1] - '0');
}

int config_month_day_parse(struct rd_str text, uint8_t *ret_month, uint8_t *ret_day)
{
    int month = two_digits(text, 0), day = two_digits(text, 3);
    if (text.len != 5 || month < 0 || day < 0 || text.ptr[2] != '-') {
        return -EINVAL;
    }
    if (!rd_date_valid(2000, month, day)) {
        return -ERANGE;
    }
    *ret_month = (uint8_t)month;
    *ret_day = (uint8_t)day;
    return 0;
}

/* ---- weekdays ---- */

static struct rd_str trim(struct rd_str text)
{
    while (text.len > 0 && text.ptr[0] == ' ') {
        text = (struct rd_str){.ptr = text.ptr + 1, .len = text.len - 1};
    }
    while (text.len > 0 && text.ptr[text.len - 1] == ' ') {
        text.len--;
    }
    return text;
}

static int weekday_of(struct rd_str name)
{
    static const char *const names[] = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};
    for (int i = 0; i < 7; i++) {
        if (rd_str_is(name, names[i])) {
            return i;
        }
    }
    return -1;
}

/* Cuts what stands before the first `separator` off *rest; false if nothing was left. */
static bool cut(struct rd_str *rest, char separator, struct rd_str *ret_part)
{
    if (rest->ptr == NULL) {
        return false;
    }
    size_t len = 0;
    while (len < rest->len && rest->ptr[len] != separator) {
        len++;
    }
    *ret_part = trim((struct rd_str){.ptr = rest->ptr, .len = len});
    *rest = len < rest->len
                    ? (struct rd_str){.ptr = rest->ptr + len + 1, .len = rest->len - len - 1}
                    : (struct rd_str){.ptr = NULL};
    return true;
}

int config_weekdays_parse(struct rd_str text, uint8_t *ret_bits)
{
    unsigned bits = 0;
    struct rd_str range;
    while (cut(&text, ',', &range)) {
        struct rd_str name = {.ptr = NULL};
        if (!cut(&range, '-', &name)) {
            return -EINVAL;
        }
        int first = weekday_of(name), last = first;
        if (cut(&range, '-', &name)) {
            last = weekday_of(name);
        }
        if (first < 0 || last < 0 || range.ptr != NULL) {
            return -EINVAL;
        }
        for (int day = first;; day = (day + 1) % 7) { /* "sat-mon" goes over the week's turn */
            bits |= 1U << day;
            if (day == last) {
                break;
            }
        }
    }
    if (bits == 0) {
        return -EINVAL;
    }
    *ret_bits = (uint8_t)bits;
    return 0;
}

/* ---- intervals ---- */

static int minute_of(struct rd_str text, size_t at)
{
    int hours = two_digits(text, at), minutes = two_digits(text, at + 3);
    if (hours < 0 || minutes < 0 || text.ptr[at + 2] != ':' || minutes > 59 ||
            hours * 60 + minutes > 1440) {
        return -1;
    }
    return hours * 60 + minutes;
}

int config_interval_parse(struct rd_str text, uint16_t *ret_open, uint16_t *ret_close)
{
    if (text.len != 11 || text.ptr[5] != '-') {
        return -EINVAL;
    }
    int open = minute_of(text, 0), close = minute_of(text, 6);
    if (open < 0 || close < 0) {
        return -EINVAL;
    }
    if (close <= open) {
        return -ERANGE;
    }
    *ret_open = (uint16_t)open;
    *ret_close = (uint16_t)close;
    return 0;
}

int config_interval_add(struct rd_hours *hours, uint16_t open, uint16_t close)
{
    RD_ASSERT(open < close && close <= 1440);
    if (hours->count == RD_HOURS_MAX) {
        return -ENOSPC;
    }
    unsigned place = hours->count;
    while (place > 0 && hours->open[place - 1] >= close) {
        place--;
    }
    if (place > 0 && hours->close[place - 1] > open) {
        return -EEXIST;
    }
    for (unsigned i = hours->count; i > place; i--) {
        hours->open[i] = hours->open[i - 1];
        hours->close[i] = hours->close[i - 1];
    }
    hours->open[place] = open;
    hours->close[place] = close;
    hours->count++;
    return 0;
}

/* ---- zones ---- */

bool config_zone_name_valid(struct rd_str name)
{
    enum { ZONE_NAME_MAX = 64 };
    if (name.len == 0 || name.len > ZONE_NAME_MAX) {
        return false;
    }
    char before = '/';
    for (size_t i = 0; i < name.len; i++) {
        char c = name.ptr[i];
        bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        bool is_part = is_letter || is_digit(c) || c == '_' || c == '+' || c == '-';
        if (!is_part && (c != '/' || before == '/')) {
            return false; /* no dots: nothing climbs out of the folder */
        }
        before = c;
    }
    return before != '/';
}
