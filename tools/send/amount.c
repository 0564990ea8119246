#include "tools/send/amount.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

enum { DIGITS_MAX = 40 };

/* What is taken for a blank around a cell. */
static size_t blank_at(struct rd_str text)
{
    static const char *const blanks[] = {
            " ", "\t", "\n", "\r", "\xc2\xa0", "\xe3\x80\x80", "\xef\xbb\xbf", "\xe2\x80\x8b"};
    for (size_t i = 0; i < RD_COUNT(blanks); i++) {
        size_t len = strlen(blanks[i]);
        if (text.len >= len && memcmp(text.ptr, blanks[i], len) == 0) {
            return len;
        }
    }
    return 0;
}

static size_t blank_before(struct rd_str text)
{
    for (size_t len = 1; len <= 3 && len <= text.len; len++) {
        struct rd_str tail = {.ptr = text.ptr + text.len - len, .len = len};
        if (blank_at(tail) == len) {
            return len;
        }
    }
    return 0;
}

/* Whether a byte may begin, or end, a blank: most cells are done with after one look. */
static bool may_be_blank(char c)
{
    static const char bytes[] = " \t\n\r\xc2\xe3\xef\xe2\xa0\x80\xbf\x8b";
    return memchr(bytes, c, sizeof bytes - 1) != NULL;
}

static struct rd_str trim(struct rd_str text)
{
    if (text.len == 0 || (!may_be_blank(text.ptr[0]) && !may_be_blank(text.ptr[text.len - 1]))) {
        return text;
    }
    for (size_t len = blank_at(text); len > 0; len = blank_at(text)) {
        text.ptr += len;
        text.len -= len;
    }
    for (size_t len = blank_before(text); len > 0; len = blank_before(text)) {
        text.len -= len;
    }
    return text;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

struct rd_str amount_trim(struct rd_str cell)
{
    cell = trim(cell);
    if (cell.len >= 3 && memcmp(cell.ptr, "=\"", 2) == 0 && cell.ptr[cell.len - 1] == '"' &&
            memchr(cell.ptr + 2, '"', cell.len - 3) == NULL) {
        return trim((struct rd_str){.ptr = cell.ptr + 2, .len = cell.len - 3});
    }
    if (cell.len >= 2 && cell.ptr[0] == '\'' &&
            (is_digit(cell.ptr[1]) || strchr("+-=@", cell.ptr[1]) != NULL)) {
        return (struct rd_str){.ptr = cell.ptr + 1, .len = cell.len - 1};
    }
    return cell;
}

/* ---- what a number consists of ---- */
struct number {
    char whole[DIGITS_MAX], part[DIGITS_MAX]; /* digits before and after the point */
    size_t whole_len, part_len;
    int shift; /* places that the point moves to the right */
    bool is_negative, is_ambiguous;
    bool has_unit; /* behind it */
};

static const struct {
    const char *text;
    int shift;
} UNITS[] = {{"百万元", 6}, {"百万", 6}, {"千元", 3}, {"千", 3}, {"万元", 4}, {"万", 4},
        {"亿元", 8}, {"亿", 8}, {"元整", 0}, {"元正", 0}, {"元", 0}, {"圆", 0}, {"块", 0},
        {"人民币", 0}, {"rmb", 0}, {"cny", 0}, {"¥", 0}, {"￥", 0}, {"$", 0}, {"us$", 0},
        {"usd", 0}, {"€", 0}, {"eur", 0}, {"£", 0}, {"gbp", 0}, {"hk$", 0}, {"hkd", 0}, {"岁", 0},
        {"人", 0}, {"件", 0}, {"次", 0}, {"名", 0}};

static bool drop_unit(struct rd_str *text, bool at_end, int *shift)
{
    for (size_t i = 0; i < RD_COUNT(UNITS); i++) {
        size_t len = strlen(UNITS[i].text);
        if (text->len <= len) {
            continue;
        }
        const char *at = at_end ? text->ptr + text->len - len : text->ptr;
        if (strncasecmp(at, UNITS[i].text, len) == 0) {
            text->ptr += at_end ? 0 : len;
            text->len -= len;
            *text = trim(*text);
            *shift += UNITS[i].shift;
            return true;
        }
    }
    return false;
}

/* Digits of full width become plain ones; other bytes stay. False: too long. */
static bool narrow(struct rd_str text, char ret[static DIGITS_MAX], size_t *ret_len)
{
    size_t len = 0;
    for (size_t i = 0; i < text.len; i++) {
        const uint8_t *at = (const uint8_t *)text.ptr + i;
        size_t left = text.len - i;
        char c = text.ptr[i];
        if (left >= 3 && at[0] == 0xef && at[1] == 0xbc && at[2] >= 0x88 && at[2] <= 0x99) {
            c = (char)(at[2] - 0x88 + '('); /* （）＊＋，－．／０… stand as their plain ones do */
            i += 2;
        } else if (left >= 2 && at[0] == 0xc2 && at[1] == 0xa0) {
            c = ' ';
            i++;
        }
        if (len == DIGITS_MAX) {
            return false;
        }
        ret[len++] = c;
    }
    *ret_len = len;
    return true;
}

/* Which of the marks is the point: the last one, where there are two kinds; a comma that is no
 * separator of thousands. `at` is its place, `len` where there is none. */
static size_t find_point(const char *text, size_t len, bool *ret_ambiguous)
{
    size_t commas = 0, points = 0, last_comma = len, last_point = len;
    for (size_t i = 0; i < len; i++) {
        commas += text[i] == ',';
        points += text[i] == '.';
        last_comma = text[i] == ',' ? i : last_comma;
        last_point = text[i] == '.' ? i : last_point;
    }
    *ret_ambiguous = false;
    if (commas > 0 && points > 0) {
        return last_comma > last_point ? last_comma : last_point;
    }
    if (points > 0) {
        bool is_three = points == 1 && len - last_point == 4 && last_point <= 3;
        *ret_ambiguous = is_three && text[0] != '0';
        return points == 1 ? last_point : len;
    }
    return commas == 1 && len - last_comma != 4 ? last_comma : len;
}

/* Digits in groups of three, or without groups. */
static bool take_whole(const char *text, size_t len, struct number *number)
{
    size_t since = 0;
    bool has_mark = false;
    for (size_t i = 0; i < len; i++) {
        if (is_digit(text[i])) {
            number->whole[number->whole_len++] = text[i];
            since++;
            continue;
        }
        bool is_mark = strchr(",. '", text[i]) != NULL;
        if (!is_mark || since == 0 || (has_mark && since != 3) || since > 3) {
            return false;
        }
        has_mark = true;
        since = 0;
    }
    return number->whole_len > 0 && (!has_mark || since == 3);
}

static bool take_part(const char *text, size_t len, struct number *number)
{
    for (size_t i = 0; i < len; i++) {
        if (!is_digit(text[i])) {
            return false;
        }
        number->part[number->part_len++] = text[i];
    }
    return true;
}

/* 0, -EINVAL, -EDOM. */
static int number_read(struct rd_str cell, struct number *ret)
{
    char text[DIGITS_MAX];
    size_t len = 0;
    *ret = (struct number){.shift = 0};
    cell = amount_trim(cell);
    size_t whole = cell.len;
    while (drop_unit(&cell, true, &ret->shift)) {
    }
    ret->has_unit = cell.len < whole;
    while (drop_unit(&cell, true, &ret->shift) || drop_unit(&cell, false, &ret->shift)) {
    }
    if (!narrow(cell, text, &len) || len == 0) {
        return -EINVAL;
    }
    const char *at = text;
    if (len >= 3 && text[0] == '(' && text[len - 1] == ')') { /* as accountants write it */
        ret->is_negative = true;
        at++;
        len -= 2;
    } else if (text[0] == '-' || text[0] == '+') {
        ret->is_negative = text[0] == '-';
        at++;
        len--;
    }
    struct rd_str rest = {.ptr = at, .len = len};
    while (drop_unit(&rest, false, &ret->shift)) {
    }
    size_t point = find_point(rest.ptr, rest.len, &ret->is_ambiguous);
    bool is_read =
            take_whole(rest.ptr, point, ret) &&
            (point == rest.len || take_part(rest.ptr + point + 1, rest.len - point - 1, ret));
    return is_read ? 0 : -EINVAL;
}

/* Moves the point, and drops zeros that say nothing. False: it has more than `places`. */
static bool number_settle(struct number *number, size_t places)
{
    for (; number->shift > 0; number->shift--) {
        if (number->whole_len == DIGITS_MAX) {
            return false;
        }
        bool has_part = number->part_len > 0;
        number->whole[number->whole_len++] = has_part ? number->part[0] : '0';
        number->part_len -= has_part ? 1 : 0;
        memmove(number->part, number->part + 1, number->part_len);
    }
    while (number->part_len > 0 && number->part[number->part_len - 1] == '0') {
        number->part_len--;
    }
    return number->part_len <= places;
}

bool amount_is_unit(struct rd_str unit)
{
    for (size_t i = 0; i < RD_COUNT(UNITS); i++) {
        if (UNITS[i].shift > 0 && rd_str_is(unit, UNITS[i].text)) {
            return true;
        }
    }
    return false;
}

/* Whether a name ends there, or the bracket in it: 万 of 万能险 is no unit. */
static bool is_end(struct rd_str rest)
{
    static const char *const brackets[] = {")", "）", "]", "】"};
    for (size_t i = 0; i < RD_COUNT(brackets); i++) {
        if (rd_str_starts(rest, rd_str_of(brackets[i]))) {
            return true;
        }
    }
    return rest.len == 0;
}

struct rd_str amount_unit_in(struct rd_str name)
{
    for (size_t from = 0; from < name.len; from++) {
        struct rd_str rest = {.ptr = name.ptr + from, .len = name.len - from};
        for (size_t i = 0; i < RD_COUNT(UNITS); i++) {
            struct rd_str unit = rd_str_of(UNITS[i].text);
            if (UNITS[i].shift > 0 && rd_str_starts(rest, unit) &&
                    is_end((struct rd_str){
                            .ptr = rest.ptr + unit.len, .len = rest.len - unit.len})) {
                return (struct rd_str){.ptr = rest.ptr, .len = unit.len};
            }
        }
    }
    return (struct rd_str){0};
}

int amount_parse(struct rd_str cell, struct rd_str unit, char ret_text[static RD_MONEY_TEXT_MAX])
{
    struct number number;
    int r = number_read(cell, &number);
    if (r < 0) {
        return r;
    }
    for (size_t i = 0; i < RD_COUNT(UNITS) && unit.len > 0 && !number.has_unit; i++) {
        if (rd_str_is(unit, UNITS[i].text)) {
            number.shift += UNITS[i].shift;
            break;
        }
    }
    if (number.is_ambiguous && number.shift == 0) {
        return -EDOM;
    }
    char text[2 * DIGITS_MAX + 3];
    int64_t hundredths = 0;
    if (!number_settle(&number, 2)) {
        return -ERANGE;
    }
    size_t len = 0;
    text[len] = '-';
    len += number.is_negative ? 1 : 0;
    memcpy(text + len, number.whole, number.whole_len);
    len += number.whole_len;
    text[len++] = '.';
    memcpy(text + len, number.part, number.part_len);
    len += number.part_len;
    len -= number.part_len == 0 ? 1 : 0;
    if (rd_money_parse((struct rd_str){.ptr = text, .len = len}, &hundredths) < 0) {
        return -ERANGE;
    }
    rd_money_format(hundredths, ret_text);
    return 0;
}

int amount_parse_whole(struct rd_str cell, int64_t *ret_value)
{
    struct number number;
    int r = number_read(cell, &number);
    if (r < 0) {
        return r;
    }
    if (!number_settle(&number, 0)) {
        return -ERANGE;
    }
    char text[DIGITS_MAX + 1];
    size_t sign = number.is_negative ? 1 : 0;
    if (number.whole_len + sign > sizeof text) {
        return -ERANGE;
    }
    text[0] = '-';
    memcpy(text + sign, number.whole, number.whole_len);
    return rd_i64_parse((struct rd_str){.ptr = text, .len = number.whole_len + sign}, ret_value);
}

bool amount_has_lost_digits(struct rd_str cell)
{
    cell = amount_trim(cell);
    size_t i = 0, digits = 0;
    for (; i < cell.len && (is_digit(cell.ptr[i]) || cell.ptr[i] == '.' || cell.ptr[i] == ',');
            i++) {
        digits += is_digit(cell.ptr[i]) ? 1 : 0;
    }
    if (digits == 0 || cell.len - i < 3 || (cell.ptr[i] != 'E' && cell.ptr[i] != 'e') ||
            cell.ptr[i + 1] != '+') {
        return false;
    }
    for (i += 2; i < cell.len; i++) {
        if (!is_digit(cell.ptr[i])) {
            return false;
        }
    }
    return true;
}
