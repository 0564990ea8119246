/* The POSIX TZ text in a TZif footer, with RFC 8536's hours of -167..167, expanded to changes.
 *   std offset [dst [offset] , start [/time] , end [/time]]       "GMT0BST,M3.5.0/1,M10.5.0" */
#include <errno.h>

#include "common/time/zone_table.h"

struct cursor {
    struct rd_str rest;
    bool is_bad;
};

enum day_form { DAY_JULIAN, DAY_ZERO_BASED, DAY_OF_WEEK_OF_MONTH };

struct change { /* on which local day and at which local time of it, each year */
    enum day_form form;
    int32_t month, week, day;
    int32_t time_s;
};

static char peek(const struct cursor *cursor)
{
    return cursor->rest.len > 0 ? cursor->rest.ptr[0] : '\0';
}

static char next(struct cursor *cursor)
{
    char c = peek(cursor);
    if (cursor->rest.len > 0) {
        cursor->rest.ptr++;
        cursor->rest.len--;
    }
    return c;
}

static bool take(struct cursor *cursor, char c)
{
    if (peek(cursor) != c) {
        return false;
    }
    (void)next(cursor);
    return true;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static int32_t number(struct cursor *cursor, int32_t max)
{
    int32_t value = 0;
    if (!is_digit(peek(cursor))) {
        cursor->is_bad = true;
    }
    while (is_digit(peek(cursor))) {
        value = value * 10 + (next(cursor) - '0');
        if (value > max) {
            cursor->is_bad = true;
            return max;
        }
    }
    return value;
}

static void name(struct cursor *cursor)
{
    size_t len = 0;
    if (take(cursor, '<')) {
        while (peek(cursor) != '>' && peek(cursor) != '\0') {
            (void)next(cursor);
            len++;
        }
        cursor->is_bad = cursor->is_bad || !take(cursor, '>');
    } else {
        while ((peek(cursor) >= 'A' && peek(cursor) <= 'Z') ||
                (peek(cursor) >= 'a' && peek(cursor) <= 'z')) {
            (void)next(cursor);
            len++;
        }
    }
    cursor->is_bad = cursor->is_bad || len < 3;
}

/* [+-] h [: mm [: ss]] */
static int32_t span_s(struct cursor *cursor, int32_t hours_max)
{
    int32_t sign = take(cursor, '-') ? -1 : 1;
    if (sign > 0) {
        (void)take(cursor, '+');
    }
    int32_t seconds = number(cursor, hours_max) * 3600;
    if (take(cursor, ':')) {
        seconds += number(cursor, 59) * 60;
        if (take(cursor, ':')) {
            seconds += number(cursor, 59);
        }
    }
    return sign * seconds;
}

static struct change change_read(struct cursor *cursor)
{
    struct change change = {.form = DAY_ZERO_BASED, .time_s = 2 * 3600};
    cursor->is_bad = cursor->is_bad || !take(cursor, ',');
    if (take(cursor, 'M')) {
        change.form = DAY_OF_WEEK_OF_MONTH;
        change.month = number(cursor, 12);
        cursor->is_bad = cursor->is_bad || !take(cursor, '.');
        change.week = number(cursor, 5);
        cursor->is_bad =
                cursor->is_bad || !take(cursor, '.') || change.month < 1 || change.week < 1;
        change.day = number(cursor, 6);
    } else if (take(cursor, 'J')) {
        change.form = DAY_JULIAN;
        change.day = number(cursor, 365);
        cursor->is_bad = cursor->is_bad || change.day < 1;
    } else {
        change.day = number(cursor, 365);
    }
    if (take(cursor, '/')) {
        change.time_s = span_s(cursor, 167);
    }
    return change;
}

static rd_day change_day(const struct change *change, int32_t year)
{
    rd_day new_year = rd_day_of((struct rd_date){.year = year, .month = 1, .day = 1});
    switch (change->form) {
    case DAY_ZERO_BASED:
        return new_year + change->day;
    case DAY_JULIAN: /* 29 February is never counted */
        return new_year + change->day - 1 + (change->day > 59 && rd_date_valid(year, 2, 29));
    case DAY_OF_WEEK_OF_MONTH: {
        struct rd_date date = {.year = year, .month = (uint8_t)change->month, .day = 1};
        rd_day first = rd_day_of(date);
        unsigned monday_based = ((unsigned)change->day + 6) % 7; /* 0 is Sunday there */
        rd_day day = first + (rd_day)((7 + monday_based - rd_weekday(first)) % 7);
        for (int32_t week = 1; week < change->week; week++) {
            if (rd_date_of(day + 7).month == date.month) { /* 5 means the last */
                day += 7;
            }
        }
        return day;
    }
    }
    RD_UNREACHABLE("day form");
}

static rd_time change_at(const struct change *change, int32_t year, int32_t offset_s)
{
    return change_day(change, year) * RD_DAY_US + (change->time_s - offset_s) * RD_SECOND_US;
}

int zone_rule_expand(struct rd_str text, rd_time after, struct zone_table *table)
{
    struct cursor cursor = {.rest = text};
    name(&cursor);
    int32_t std_s = -span_s(&cursor, 24); /* west is positive there */
    if (cursor.rest.len == 0) {
        return cursor.is_bad || !zone_table_put(table, after, std_s) ? -EINVAL : 0;
    }
    name(&cursor);
    int32_t dst_s = std_s + 3600;
    if (peek(&cursor) != ',') {
        dst_s = -span_s(&cursor, 24);
    }
    struct change begin = change_read(&cursor), end = change_read(&cursor);
    if (cursor.is_bad || cursor.rest.len > 0) {
        return -EINVAL;
    }
    int32_t first_year = rd_date_of((rd_day)(after / RD_DAY_US)).year - 1;
    for (int32_t year = first_year; year <= ZONE_YEAR_LAST; year++) {
        rd_time to_dst = change_at(&begin, year, std_s), to_std = change_at(&end, year, dst_s);
        rd_time times[2] = {to_dst, to_std};
        int32_t offsets[2] = {dst_s, std_s};
        unsigned first = to_std < to_dst ? 1 : 0;
        for (unsigned i = 0; i < 2; i++) {
            unsigned which = i == 0 ? first : 1 - first;
            if (times[which] > after && !zone_table_put(table, times[which], offsets[which])) {
                return -EINVAL;
            }
        }
    }
    return 0;
}
