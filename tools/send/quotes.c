#include "tools/send/quotes.h"

#include <string.h>

#include "tools/send/amount.h"

enum {
    SURE_FIELDS = 5, /* from so many on a line in a text that is as long as a row is no chance */
    SHAPE_MAX = 24,
    MIXED_RUNS = 4, /* letters and digits in turns, so often: any code may look like that */
};

/* A line of the record and where the next one begins. False: there is none. */
static bool next_line(struct rd_str *rest, struct rd_str *ret_line)
{
    if (rest->ptr == NULL) {
        return false;
    }
    const char *end = memchr(rest->ptr, '\n', rest->len);
    size_t len = end != NULL ? (size_t)(end - rest->ptr) : rest->len;
    *ret_line = (struct rd_str){.ptr = rest->ptr, .len = len};
    rest->ptr = end != NULL ? end + 1 : NULL;
    rest->len -= end != NULL ? len + 1 : len;
    if (ret_line->len > 0 && ret_line->ptr[ret_line->len - 1] == '\r') {
        ret_line->len--;
    }
    return true;
}

/* Quotes mean nothing here: who does not double them sets them as they come. */
static size_t cells_of(struct rd_str line, char delimiter)
{
    size_t count = 1;
    for (size_t i = 0; i < line.len; i++) {
        count += line.ptr[i] == delimiter ? 1 : 0;
    }
    return count;
}

static struct rd_str next_cell(struct rd_str *line, char delimiter)
{
    const char *end = line->len > 0 ? memchr(line->ptr, delimiter, line->len) : NULL;
    size_t len = end != NULL ? (size_t)(end - line->ptr) : line->len;
    struct rd_str cell = {.ptr = line->ptr, .len = len};
    size_t step = end != NULL ? len + 1 : len;
    line->ptr += step;
    line->len -= step;
    return cell;
}

static char kind_of(char c)
{
    if (c >= '0' && c <= '9') {
        return '9';
    }
    bool is_letter =
            (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (uint8_t)c >= 0x80 || c == '_';
    return is_letter ? 'a' : c;
}

/* "2026-11-02" is 9-9-9, "bank/cards" is a/a, "B-17" is a-9; "" of an empty cell. */
static void shape_of(struct rd_str cell, char ret[static SHAPE_MAX])
{
    size_t used = 0, turns = 0;
    char last = '\0';
    cell = amount_trim(cell);
    for (size_t i = 0; i < cell.len && used + 1 < SHAPE_MAX; i++) {
        char kind = cell.ptr[i] == '"' ? '\0' : kind_of(cell.ptr[i]);
        bool is_word = kind == 'a' || kind == '9';
        if (kind == '\0' || kind == last || (is_word && last == 'x')) {
            continue;
        }
        bool is_turn = is_word && (last == 'a' || last == '9');
        turns = is_turn ? turns + 1 : 0;
        ret[used++] = kind;
        last = kind;
        if (turns + 1 >= MIXED_RUNS) {
            used -= turns + 1;
            ret[used++] = 'x';
            last = 'x';
            turns = 0;
        }
    }
    ret[used] = '\0';
}

/* Whether most cells of two lines are written alike, the one with the text aside. */
static bool are_alike(struct rd_str first, struct rd_str line, char delimiter, size_t width)
{
    size_t alike = 0, told = 0;
    for (size_t i = 0; i < width; i++) {
        struct rd_str cells[] = {next_cell(&first, delimiter), next_cell(&line, delimiter)};
        bool has_quote = memchr(cells[0].ptr, '"', cells[0].len) != NULL;
        char shapes[2][SHAPE_MAX];
        shape_of(cells[0], shapes[0]);
        shape_of(cells[1], shapes[1]);
        if (has_quote || (shapes[0][0] == '\0' && shapes[1][0] == '\0')) {
            continue;
        }
        told++;
        alike += strcmp(shapes[0], shapes[1]) == 0 ? 1 : 0;
    }
    return told > 0 && 2 * alike >= told;
}

/* A line within a field, neither its first nor its last, that is as long as a row. */
static bool has_row_inside(const struct rd_str *fields, size_t width, char delimiter)
{
    for (size_t i = 0; i < width; i++) {
        struct rd_str rest = fields[i], line;
        for (size_t n = 0; next_line(&rest, &line); n++) {
            if (n > 0 && rest.ptr != NULL && cells_of(line, delimiter) == width) {
                return true;
            }
        }
    }
    return false;
}

bool quotes_took_rows(struct rd_str raw, const struct rd_str *fields, size_t width, char delimiter)
{
    if (width < 2 || raw.len == 0 || memchr(raw.ptr, '\n', raw.len) == NULL) {
        return false;
    }
    if (width >= SURE_FIELDS && has_row_inside(fields, width, delimiter)) {
        return true;
    }
    struct rd_str rest = raw, first = {0}, line = {0};
    (void)next_line(&rest, &first);
    if (cells_of(first, delimiter) != width) {
        return false; /* a line that is no row by itself begins none */
    }
    while (next_line(&rest, &line)) {
        if (cells_of(line, delimiter) == width && are_alike(first, line, delimiter, width)) {
            return true;
        }
    }
    return false;
}
