#include "daemon/log_line.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "common/wire/pack.h"

static const char cut_mark[] = " cut=1";

/* Leaves room for a closing quote and the mark. */
enum { LOG_LINE_ROOM = LOG_LINE_MAX - (int)sizeof cut_mark - 1 };

/* All of it or nothing: no escape and no character is cut in two. */
static void put_whole(struct log_line *line, const char *bytes, size_t size)
{
    if (line->is_cut || line->len + size > LOG_LINE_ROOM) {
        line->is_cut = true;
        return;
    }
    memcpy(line->text + line->len, bytes, size);
    line->len += size;
}

/* The bytes of the character at `text`, or 0 where no UTF-8 begins there. */
static size_t character_at(struct rd_str text)
{
    for (size_t size = 1; size <= 4 && size <= text.len; size++) {
        if (rd_pack_is_utf8((struct rd_str){.ptr = text.ptr, .len = size})) {
            return size;
        }
    }
    return 0;
}

static void escape_byte(struct log_line *line, unsigned char c)
{
    char text[8];
    int len = c == '"' || c == '\\' ? snprintf(text, sizeof text, "\\%c", c)
              : c == '\n'           ? snprintf(text, sizeof text, "\\n")
              : c == '\t'           ? snprintf(text, sizeof text, "\\t")
                                    : snprintf(text, sizeof text, "\\x%02x", c);
    put_whole(line, text, (size_t)len);
}

static bool is_plain(const char *at, size_t size)
{
    unsigned char c = (unsigned char)at[0];
    bool is_c1 = size == 2 && c == 0xc2 && (unsigned char)at[1] < 0xa0;
    return size > 1 ? !is_c1 : size == 1 && c >= 0x20 && c != 0x7f && c != '"' && c != '\\';
}

static void escape(struct log_line *line, struct rd_str text)
{
    size_t size;
    for (size_t i = 0; i < text.len; i += size) {
        size = character_at((struct rd_str){.ptr = text.ptr + i, .len = text.len - i});
        if (is_plain(text.ptr + i, size)) {
            put_whole(line, text.ptr + i, size);
            continue;
        }
        size = size > 0 ? size : 1;
        for (size_t k = 0; k < size; k++) {
            escape_byte(line, (unsigned char)text.ptr[i + k]);
        }
    }
}

static bool needs_quotes(struct rd_str text)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        if ((unsigned char)c <= ' ' || c == '"' || c == '=' || c == '\\' || c == 0x7f) {
            return true;
        }
    }
    return false;
}

static void put_value(struct log_line *line, struct rd_str text, bool is_quoted)
{
    bool has_own = !is_quoted && !line->is_cut && needs_quotes(text);
    if (has_own) {
        put_whole(line, "\"", 1);
    }
    bool is_open = has_own && !line->is_cut;
    escape(line, text);
    if (is_open) {
        line->text[line->len++] = '"'; /* LOG_LINE_ROOM leaves a byte for it */
    }
}

struct conversion {
    int longs;
    bool is_size, has_precision;
    int precision;
};

static void put_signed(struct log_line *line, int64_t value)
{
    char number[24];
    int len = snprintf(number, sizeof number, "%" PRId64, value);
    put_whole(line, number, (size_t)len);
}

static void put_unsigned(struct log_line *line, uint64_t value, bool is_hex)
{
    char number[24];
    int len = is_hex ? snprintf(number, sizeof number, "%" PRIx64, value)
                     : snprintf(number, sizeof number, "%" PRIu64, value);
    put_whole(line, number, (size_t)len);
}

static uint64_t unsigned_of(const struct conversion *conversion, va_list *args)
{
    return conversion->is_size      ? va_arg(*args, size_t)
           : conversion->longs == 2 ? va_arg(*args, unsigned long long)
           : conversion->longs == 1 ? va_arg(*args, unsigned long)
                                    : va_arg(*args, unsigned);
}

static int64_t signed_of(const struct conversion *conversion, va_list *args)
{
    return conversion->longs == 2   ? va_arg(*args, long long)
           : conversion->longs == 1 ? va_arg(*args, long)
                                    : va_arg(*args, int);
}

static struct rd_str text_of(const struct conversion *conversion, va_list *args)
{
    const char *text = va_arg(*args, const char *);
    if (text == NULL) {
        return RD_STR("");
    }
    size_t len =
            conversion->has_precision ? strnlen(text, (size_t)conversion->precision) : strlen(text);
    return (struct rd_str){.ptr = text, .len = len};
}

/* Puts the conversion that follows a '%' at `at`; returns what is after it. */
static const char *put_conversion(
        struct log_line *line, const char *at, va_list *args, bool is_quoted)
{
    struct conversion conversion = {0};
    if (at[0] == '.' && at[1] == '*') {
        conversion.has_precision = true;
        conversion.precision = va_arg(*args, int);
        RD_ASSERT(conversion.precision >= 0);
        at += 2;
    }
    for (; *at == 'l' || *at == 'z'; at++) {
        conversion.longs += *at == 'l';
        conversion.is_size = *at == 'z';
    }
    switch (*at) {
    case 's':
        put_value(line, text_of(&conversion, args), is_quoted);
        break;
    case 'd':
        put_signed(line, signed_of(&conversion, args));
        break;
    case 'u':
    case 'x':
        put_unsigned(line, unsigned_of(&conversion, args), *at == 'x');
        break;
    case '%':
        put_whole(line, "%", 1);
        break;
    default:
        RD_UNREACHABLE("a log line knows %s, %d, %u, %x and %%");
    }
    return at + 1;
}

void log_line_add(struct log_line *line, const char *fields, ...)
{
    va_list args;
    va_start(args, fields);
    log_line_fields(line, fields, args);
    va_end(args);
}

void log_line_fields(struct log_line *line, const char *fields, va_list args)
{
    va_list left;
    va_copy(left, args);
    size_t begun = line->len;
    bool is_quoted = false;
    if (begun > 0) {
        put_whole(line, " ", 1);
    }
    for (const char *at = fields; *at != '\0' && !line->is_cut;) {
        if (*at == '%') {
            at = put_conversion(line, at + 1, &left, is_quoted);
            continue;
        }
        put_whole(line, at, 1);
        if (*at == '"' && !line->is_cut) {
            is_quoted = !is_quoted;
        }
        at++;
    }
    va_end(left);
    if (is_quoted) { /* the cut came within a value */
        line->text[line->len++] = '"';
    }
    if (line->len == begun + 1) { /* there are no fields */
        line->len = begun;
    }
}

void log_line_end(struct log_line *line)
{
    if (line->is_cut) {
        memcpy(line->text + line->len, cut_mark, sizeof cut_mark - 1);
        line->len += sizeof cut_mark - 1;
    }
    line->text[line->len] = '\0';
}
