#include "common/base/base.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void rd_assert_fail(const char *cond, const char *file, int line, const char *func)
{
    (void)fprintf(stderr, "<2>%s:%d: %s: assertion failed: %s\n", file, line, func, cond);
    abort();
}

void rd_oom(void)
{
    (void)fputs("<2>out of memory\n", stderr);
    abort();
}

struct rd_str rd_str_of(const char *text)
{
    return (struct rd_str){.ptr = text, .len = text != NULL ? strlen(text) : 0};
}

bool rd_str_eq(struct rd_str a, struct rd_str b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

bool rd_str_is(struct rd_str a, const char *text)
{
    return rd_str_eq(a, rd_str_of(text));
}

char *rd_str_dup(struct rd_str text)
{
    char *copy = malloc(text.len + 1);
    if (copy == NULL) {
        rd_oom();
    }
    if (text.len > 0) {
        memcpy(copy, text.ptr, text.len);
    }
    copy[text.len] = '\0';
    return copy;
}

int rd_str_cmp(struct rd_str a, struct rd_str b)
{
    size_t common = a.len < b.len ? a.len : b.len;
    int order = common > 0 ? memcmp(a.ptr, b.ptr, common) : 0;
    return order != 0 ? order : (a.len > b.len) - (a.len < b.len);
}

bool rd_str_starts(struct rd_str text, struct rd_str prefix)
{
    return text.len >= prefix.len &&
           (prefix.len == 0 || memcmp(text.ptr, prefix.ptr, prefix.len) == 0);
}

struct rd_str rd_str_cut(struct rd_str text, size_t max)
{
    size_t len = text.len < max ? text.len : max;
    while (len > 0 && len < text.len && ((uint8_t)text.ptr[len] & 0xc0) == 0x80) {
        len--;
    }
    return (struct rd_str){.ptr = text.ptr, .len = len};
}

void rd_text_trim(char *text)
{
    size_t len = strlen(text), at = len;
    while (at > 0 && ((uint8_t)text[at - 1] & 0xc0) == 0x80) {
        at--;
    }
    uint8_t lead = at > 0 ? (uint8_t)text[at - 1] : 0;
    size_t want = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc0 ? 2 : 1;
    if (at > 0 && len - at + 1 < want) {
        text[at - 1] = '\0';
    }
}

bool rd_reject_set(
        struct rd_reject *reject, const char *code, const char *field, const char *format, ...)
{
    if (reject->code != NULL) {
        return false;
    }
    reject->code = code;
    (void)snprintf(reject->field, sizeof reject->field, "%s", field != NULL ? field : "");
    va_list args;
    va_start(args, format);
    (void)vsnprintf(reject->message, sizeof reject->message, format, args);
    va_end(args);
    rd_text_trim(reject->field);
    rd_text_trim(reject->message);
    return false;
}
