/* tools/send/xlsx_text.c — names of columns, and the escapes in the texts of a workbook: what XML
 * cannot hold, and what looks like an escape, is "_xHHHH_", a UTF-16 unit (ECMA-376, ST_Xstring).
 */
#include <string.h>

#include <utf8proc.h>

#include "tools/send/xlsx.h"
#include "tools/send/xlsx_book.h"

enum { ESCAPE_LEN = 7, UNIT_DIGITS = 4 };

static int digit_of(char c)
{
    const char *digits = "0123456789abcdef";
    char low = c >= 'A' && c <= 'F' ? (char)(c - 'A' + 'a') : c;
    const char *at = low != '\0' ? strchr(digits, low) : NULL;
    return at != NULL ? (int)(at - digits) : -1;
}

/* The unit that the text begins with as an escape; 0: none, as a NUL is no part of a text. */
static int32_t unit_at(struct rd_str text)
{
    int32_t unit = 0;
    if (text.len < ESCAPE_LEN || memcmp(text.ptr, "_x", 2) != 0 ||
            text.ptr[ESCAPE_LEN - 1] != '_') {
        return 0;
    }
    for (size_t i = 2; i < 2 + UNIT_DIGITS; i++) {
        int digit = digit_of(text.ptr[i]);
        if (digit < 0) {
            return 0;
        }
        unit = unit * 16 + digit;
    }
    return unit;
}

static struct rd_str from(struct rd_str text, size_t at)
{
    return (struct rd_str){.ptr = text.ptr + at, .len = text.len - at};
}

void xlsx_put_text(struct rd_buf *buf, struct rd_str text)
{
    while (text.len > 0) {
        int32_t unit = unit_at(text);
        size_t step = ESCAPE_LEN;
        if (unit >= 0xd800 && unit < 0xdc00) { /* the first of a pair */
            int32_t second = unit_at(from(text, ESCAPE_LEN));
            bool is_pair = second >= 0xdc00 && second < 0xe000;
            unit = is_pair ? 0x10000 + ((unit - 0xd800) << 10) + (second - 0xdc00) : 0;
            step = 2 * ESCAPE_LEN;
        }
        utf8proc_uint8_t bytes[4];
        utf8proc_ssize_t len =
                unit > 0 && utf8proc_codepoint_valid(unit) ? utf8proc_encode_char(unit, bytes) : 0;
        if (len > 0) {
            rd_buf_put(buf, bytes, (size_t)len);
            text = from(text, step);
            continue;
        }
        const char *next = memchr(text.ptr + 1, '_', text.len - 1);
        size_t plain = next != NULL ? (size_t)(next - text.ptr) : text.len;
        rd_buf_put(buf, text.ptr, plain);
        text = from(text, plain);
    }
}

size_t xlsx_column(const char *name)
{
    size_t column = 0;
    for (; name != NULL && *name >= 'A' && *name <= 'Z' && column < XLSX_COLUMNS_MAX; name++) {
        column = column * 26 + (size_t)(*name - 'A') + 1;
    }
    return column > 0 ? column - 1 : XLSX_COLUMNS_MAX;
}
