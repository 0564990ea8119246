#include "tools/send/moment.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

enum {
    TEXT_MAX = 64,
    MINUTE_S = 60,
    HOUR_S = 3600,
    DAY_S = 86400,
    EXCEL_EPOCH = 25569, /* 1970-01-01, as Excel counts */
    EXCEL_MIN = 20000,   /* 1954: smaller numbers are no dates */
    EXCEL_MAX = 80000,   /* 2119 */
    CENTURY_TURNS = 70,  /* 69 is 2069, 70 is 1970: as Excel reads two digits */
};

/* The text with what stands for the same made one: what is left of it, and whether an hour is of
 * the afternoon. */
struct reader {
    char text[TEXT_MAX + 1];
    const char *at;
    int half; /* 0: the clock has 24 hours; 1: before noon; 2: after */
};

static const struct {
    const char *from, *to;
} SAME[] = {{"年", "-"}, {"月", "-"}, {"日", " "}, {"号", " "}, {"時", ":"}, {"时", ":"},
        {"点", ":"}, {"分", ":"}, {"秒", " "}, {"上午", " am "}, {"下午", " pm "}, {"晚上", " pm "},
        {"星期", " @"}, {"周", " @"}, {"\xc2\xa0", " "}, {"\xe3\x80\x80", " "}, {"：", ":"},
        {"／", "/"}, {"－", "-"}, {"．", "."}, {"，", ","}, {"（", "("}, {"）", ")"}};

/* A digit of full width, U+FF10 to U+FF19; -1: none. */
static int wide_digit(const char *at, size_t left)
{
    bool is_wide = left >= 3 && memcmp(at, "\xef\xbc", 2) == 0 && (uint8_t)at[2] >= 0x90 &&
                   (uint8_t)at[2] <= 0x99;
    return is_wide ? (uint8_t)at[2] - 0x90 : -1;
}

static bool put(char *text, size_t *len, const char *bytes, size_t count)
{
    if (*len + count > TEXT_MAX) {
        return false;
    }
    memcpy(text + *len, bytes, count);
    *len += count;
    return true;
}

/* One step of reader_of(): how many bytes it took; 0: too long. */
static size_t fold(struct rd_str left, char *text, size_t *len)
{
    bool is_plain = (uint8_t)left.ptr[0] < 0x80; /* no row below begins so */
    for (size_t i = is_plain ? RD_COUNT(SAME) : 0; i < RD_COUNT(SAME); i++) {
        size_t size = strlen(SAME[i].from);
        if (left.len >= size && memcmp(left.ptr, SAME[i].from, size) == 0) {
            return put(text, len, SAME[i].to, strlen(SAME[i].to)) ? size : 0;
        }
    }
    int digit = wide_digit(left.ptr, left.len);
    char c = digit >= 0 ? (char)('0' + digit) : left.ptr[0];
    return put(text, len, &c, 1) ? (digit >= 0 ? 3 : 1) : 0;
}

static bool reader_of(struct rd_str text, struct reader *ret)
{
    size_t len = 0;
    *ret = (struct reader){.half = 0};
    while (text.len > 0) {
        size_t took = fold(text, ret->text, &len);
        if (took == 0) {
            return false;
        }
        text.ptr += took;
        text.len -= took;
    }
    while (len > 0 && ret->text[len - 1] == ' ') {
        len--;
    }
    ret->text[len] = '\0';
    ret->at = ret->text;
    return true;
}

static void skip(struct reader *reader, const char *set)
{
    while (*reader->at != '\0' && strchr(set, *reader->at) != NULL) {
        reader->at++;
    }
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Up to `most` digits; how many there were. */
static int take_number(struct reader *reader, int most, int32_t *ret)
{
    int count = 0;
    int32_t value = 0;
    while (count < most && is_digit(*reader->at)) {
        value = value * 10 + (*reader->at++ - '0');
        count++;
    }
    *ret = value;
    return is_digit(*reader->at) ? 0 : count;
}

static bool take(struct reader *reader, char c)
{
    bool is_there = *reader->at == c;
    reader->at += is_there ? 1 : 0;
    return is_there;
}

/* ---- the date ---- */
static int day_of(int32_t year, int digits, int32_t month, int32_t day, rd_day *ret_day)
{
    if (digits == 2) {
        year += year < CENTURY_TURNS ? 2000 : 1900;
    } else if (digits != 4) {
        return -EINVAL;
    }
    if (!rd_date_valid(year, month, day)) {
        return -ERANGE;
    }
    *ret_day =
            rd_day_of((struct rd_date){.year = year, .month = (uint8_t)month, .day = (uint8_t)day});
    return 0;
}

/* Three letters or more of a month's English name. 0: none. */
static int32_t take_month(struct reader *reader)
{
    static const char *const names[] = {"january", "february", "march", "april", "may", "june",
            "july", "august", "september", "october", "november", "december"};
    size_t len = 0;
    while ((reader->at[len] >= 'a' && reader->at[len] <= 'z') ||
            (reader->at[len] >= 'A' && reader->at[len] <= 'Z')) {
        len++;
    }
    for (int32_t i = 0; i < 12 && len >= 3; i++) {
        if (len <= strlen(names[i]) && strncasecmp(reader->at, names[i], len) == 0) {
            reader->at += len;
            skip(reader, " .,-");
            return i + 1;
        }
    }
    return 0;
}

/* "5-Nov-26", "5 November 2026", "Nov 5, 2026". */
static int take_named(struct reader *reader, rd_day *ret_day)
{
    int32_t day = 0, year = 0, month = take_month(reader);
    if (take_number(reader, 2, &day) == 0) {
        return -EINVAL;
    }
    skip(reader, " .,-");
    month = month > 0 ? month : take_month(reader);
    int digits = take_number(reader, 4, &year);
    return month > 0 ? day_of(year, digits, month, day, ret_day) : -EINVAL;
}

/* Two numbers before a year: which one is the day? */
static int take_day_month(
        enum date_order order, int32_t first, int32_t second, int32_t *day, int32_t *month)
{
    if (order == DATE_YMD && first <= 12 && second <= 12 && first != second) {
        return -EDOM;
    }
    bool is_day_first = order == DATE_DMY || (order == DATE_YMD && first > 12);
    *day = is_day_first ? first : second;
    *month = is_day_first ? second : first;
    return 0;
}

/* Three numbers with one mark between them. */
static int take_marked(
        struct reader *reader, enum date_order order, int32_t first, int digits, rd_day *ret_day)
{
    char mark = *reader->at;
    int32_t second = 0, third = 0, day = 0, month = 0;
    if (mark == '\0' || strchr("-/.", mark) == NULL) {
        return -EINVAL;
    }
    reader->at++;
    if (take_number(reader, 2, &second) == 0 || !take(reader, mark)) {
        return -EINVAL;
    }
    int last = take_number(reader, 4, &third);
    if (digits == 4) {
        return last == 1 || last == 2 ? day_of(first, 4, second, third, ret_day) : -EINVAL;
    }
    int r = digits == 0 || digits > 2 ? -EINVAL
                                      : take_day_month(order, first, second, &day, &month);
    return r < 0 ? r : day_of(third, last, month, day, ret_day);
}

/* Digits alone: 20261105, or what Excel counts, whose fraction is the time of day. */
static int take_digits(struct reader *reader, rd_day *ret_day, int32_t *ret_of_day_s)
{
    int32_t number = 0;
    int digits = take_number(reader, 8, &number);
    if (digits == 8) {
        return day_of(number / 10000, 4, number / 100 % 100, number % 100, ret_day);
    }
    if (digits != 5 || number < EXCEL_MIN || number >= EXCEL_MAX) {
        return -EINVAL;
    }
    *ret_day = number - EXCEL_EPOCH;
    if (!take(reader, '.')) {
        return 0;
    }
    int64_t part = 0, scale = 1;
    for (; is_digit(*reader->at); reader->at++) {
        if (scale < INT64_C(1000000000000)) { /* finer than a second's millionth */
            part = part * 10 + (*reader->at - '0');
            scale *= 10;
        }
    }
    int64_t of_day_s = (part * DAY_S + scale / 2) / scale; /* Excel's fractions are rounded */
    *ret_day += of_day_s == DAY_S ? 1 : 0;
    *ret_of_day_s = (int32_t)(of_day_s % DAY_S);
    return 0;
}

static int take_day(
        struct reader *reader, enum date_order order, rd_day *ret_day, int32_t *ret_of_day_s)
{
    skip(reader, " ");
    struct reader start = *reader;
    size_t offset = (size_t)(reader->at - reader->text);
    start.at = start.text + offset;
    int32_t first = 0;
    int digits = take_number(reader, 4, &first);
    int r = take_marked(reader, order, first, digits, ret_day);
    if (r != -EINVAL) {
        return r;
    }
    reader->at = reader->text + offset;
    r = take_digits(reader, ret_day, ret_of_day_s);
    if (r != -EINVAL) {
        return r;
    }
    reader->at = reader->text + offset;
    return take_named(reader, ret_day);
}

/* ---- the time ---- */
static void take_half(struct reader *reader)
{
    skip(reader, " ");
    bool is_half = strncasecmp(reader->at, "am", 2) == 0 || strncasecmp(reader->at, "pm", 2) == 0;
    if (is_half && reader->half == 0) {
        reader->half = reader->at[0] == 'a' || reader->at[0] == 'A' ? 1 : 2;
        reader->at += 2;
        skip(reader, " ");
    }
}

static int take_clock(struct reader *reader, int32_t *ret_s)
{
    int32_t hour = 0, minute = 0, second = 0, fraction = 0;
    take_half(reader);
    if (take_number(reader, 2, &hour) == 0 || !take(reader, ':')) {
        return -EINVAL;
    }
    bool has_minute = is_digit(*reader->at);
    if (has_minute && take_number(reader, 2, &minute) != 2) {
        return -EINVAL;
    }
    if (has_minute && take(reader, ':') && is_digit(*reader->at)) {
        if (take_number(reader, 2, &second) != 2) {
            return -EINVAL;
        }
        if (take(reader, '.') && take_number(reader, 9, &fraction) == 0) {
            return -EINVAL;
        }
    }
    take_half(reader);
    if (reader->half != 0 && (hour == 0 || hour > 12)) { /* "下午13:30" is 13:30 */
        reader->half = 0;
    }
    hour = reader->half == 0 ? hour : hour % 12 + (reader->half == 2 ? 12 : 0);
    if (hour > 23 || minute >= MINUTE_S || second >= MINUTE_S) {
        return -ERANGE;
    }
    *ret_s = hour * HOUR_S + minute * MINUTE_S + second;
    return 0;
}

static int take_offset(struct reader *reader, int32_t *ret_offset_s)
{
    char sign = *reader->at;
    if (sign == 'Z' || sign == 'z') {
        reader->at++;
        *ret_offset_s = 0;
        return 0;
    }
    int32_t number = 0, minutes = 0;
    reader->at++;
    int digits = take_number(reader, 4, &number);
    if ((sign != '+' && sign != '-') || digits == 0 || digits == 3) {
        return -EINVAL;
    }
    bool has_minutes = digits == 4 || take(reader, ':');
    if (digits == 4) {
        minutes = number % 100;
        number /= 100;
    } else if (has_minutes && take_number(reader, 2, &minutes) != 2) {
        return -EINVAL;
    }
    if (number > 23 || minutes >= MINUTE_S) {
        return -ERANGE;
    }
    *ret_offset_s = (sign == '-' ? -1 : 1) * (number * HOUR_S + minutes * MINUTE_S);
    return 0;
}

/* A day of the week after the date, or in brackets, says nothing new. */
static void skip_weekday(struct reader *reader)
{
    skip(reader, " T,");
    if (*reader->at == '(' || *reader->at == '@') {
        bool is_open = *reader->at == '(';
        while (*reader->at != '\0' && *reader->at != (is_open ? ')' : ' ')) {
            reader->at++;
        }
        skip(reader, is_open ? ") " : " ");
    }
}

/* ---- all of it ---- */
int moment_parse_clock(struct rd_str text, int32_t *ret_s)
{
    struct reader reader;
    int32_t s = 0;
    int r = reader_of(text, &reader) ? take_clock(&reader, &s) : -EINVAL;
    if (r == 0 && *reader.at != '\0') {
        r = -EINVAL;
    }
    *ret_s = r == 0 ? s : *ret_s;
    return r;
}

int moment_parse_offset(struct rd_str text, int32_t *ret_offset_s)
{
    struct reader reader;
    int32_t s = 0;
    int r = text.len > 0 && reader_of(text, &reader) ? take_offset(&reader, &s) : -EINVAL;
    if (r == 0 && *reader.at != '\0') {
        r = -EINVAL;
    }
    *ret_offset_s = r == 0 ? s : *ret_offset_s;
    return r;
}

int moment_parse_day(enum date_order order, struct rd_str text, rd_day *ret_day)
{
    struct reader reader;
    rd_day day = 0;
    int32_t of_day_s = 0;
    int r = text.len > 0 && reader_of(text, &reader) ? take_day(&reader, order, &day, &of_day_s)
                                                     : -EINVAL;
    if (r == 0) {
        skip_weekday(&reader);
        if (*reader.at != '\0') { /* a date cell that shows midnight */
            r = take_clock(&reader, &of_day_s) == 0 && *reader.at == '\0' ? 0 : -EINVAL;
        }
    }
    *ret_day = r == 0 ? day : *ret_day;
    return r;
}

static int32_t offset_at(const struct moment_rule *rule, rd_time time)
{
    size_t low = 0, high = rule->offset_count;
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (rule->offsets[middle].from <= time) {
            low = middle;
        } else {
            high = middle;
        }
    }
    return rule->offsets[low].offset_s;
}

rd_time moment_of_local(const struct moment_rule *rule, rd_time local)
{
    if (rule->offsets == NULL) {
        return local - rule->offset_s * RD_SECOND_US;
    }
    int32_t before = offset_at(rule, local - RD_DAY_US), after = offset_at(rule, local + RD_DAY_US);
    rd_time early = local - before * RD_SECOND_US, late = local - after * RD_SECOND_US;
    bool is_late = offset_at(rule, early) != before && offset_at(rule, late) == after;
    return is_late ? late : early;
}

int moment_parse(const struct moment_rule *rule, struct rd_str text, rd_time *ret_time)
{
    struct reader reader;
    rd_day day = 0;
    int32_t of_day_s = rule->time_of_day_s, offset_s = 0;
    bool has_offset = false;
    if (rd_time_parse(text, ret_time) == 0) {
        return 0;
    }
    if (text.len == 0 || !reader_of(text, &reader)) {
        return -EINVAL;
    }
    int r = take_day(&reader, rule->order, &day, &of_day_s);
    skip_weekday(&reader);
    if (r == 0 && *reader.at != '\0') {
        r = take_clock(&reader, &of_day_s);
        skip(&reader, " ");
        has_offset = r == 0 && *reader.at != '\0';
        r = has_offset ? take_offset(&reader, &offset_s) : r;
        r = r == 0 && *reader.at != '\0' ? -EINVAL : r;
    }
    if (r < 0) {
        return r;
    }
    rd_time local = day * RD_DAY_US + of_day_s * RD_SECOND_US;
    rd_time time = has_offset ? local - offset_s * RD_SECOND_US : moment_of_local(rule, local);
    if (time < RD_TIME_MIN || time > RD_TIME_MAX) {
        return -ERANGE;
    }
    *ret_time = time;
    return 0;
}
