#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tools/send/amount.h"
#include "tools/send/input_inner.h"
#include "tools/shared/ends.h"

/* Where a table begins, and how it is written: the line that has the mapping's columns. */

enum { HEADER_LINES_MAX = 30 };

struct place { /* a line that may be the header */
    char delimiter;
    uint64_t line;
    size_t found, fields;
};

struct text { /* the first part of the file, read as a file of its own */
    struct rd_str left;
};

static ssize_t read_text(void *context, void *buffer, size_t size)
{
    struct text *text = context;
    size_t count = text->left.len < size ? text->left.len : size;
    if (count == 0) {
        return 0;
    }
    memcpy(buffer, text->left.ptr, count);
    text->left.ptr += count;
    text->left.len -= count;
    return (ssize_t)count;
}

static bool is_better(const struct place *place, const struct place *best)
{
    return place->found > best->found ||
           (place->found == best->found && place->fields > best->fields && best->fields <= 1);
}

/* The columns that an earlier run put in front of a file of rejects. */
static size_t rejects_in_front(const struct rd_str *fields, size_t fields_count)
{
    size_t count = 0;
    while (count < fields_count && rd_str_starts(amount_trim(fields[count]), RD_STR("reject_"))) {
        count++;
    }
    return count;
}

/* Looks at a line; true: it has all columns. A file of rejects begins with its header, wherever
 * that of the register stands. */
static bool try_line(const struct mapping *mapping, const struct rd_str *fields, size_t count,
        struct place place, struct place *best)
{
    bool is_rejects = place.line == 1 && rejects_in_front(fields, count) > 0;
    if (mapping->header != 0 && place.line != mapping->header && !is_rejects) {
        return false;
    }
    place.found = mapping_found(mapping, fields, count);
    place.fields = count;
    if (is_better(&place, best) || best->line == 0) {
        *best = place;
    }
    return place.found == mapping->column_count && count > 0;
}

static bool try_delimiter(
        const struct mapping *mapping, struct rd_str head, char delimiter, struct place *best)
{
    struct text text = {.left = head};
    struct csv *csv = csv_new(read_text, &text, delimiter);
    struct csv_record record;
    bool is_it = false;
    for (int i = 0; i < HEADER_LINES_MAX && !is_it; i++) {
        int r = csv_next(csv, &record);
        if (r == 0) {
            break;
        }
        if (r == 1) {
            is_it = try_line(mapping, record.fields, record.count,
                    (struct place){.delimiter = delimiter, .line = record.line}, best);
        }
    }
    csv_free(csv);
    return is_it;
}

char table_separator(struct rd_str head)
{
    static const char *const starts[] = {"sep=", "\"sep="};
    for (size_t i = 0; i < RD_COUNT(starts); i++) {
        size_t len = strlen(starts[i]);
        if (head.len > len && memcmp(head.ptr, starts[i], len) == 0) {
            return head.ptr[len];
        }
    }
    return '\0';
}

static struct place find_in_text(const struct mapping *mapping, struct rd_str head)
{
    struct place best = {.delimiter = ','};
    char named = mapping->delimiter != '\0' ? mapping->delimiter : table_separator(head);
    const char *candidates = ",;\t|";
    if (named != '\0') {
        (void)try_delimiter(mapping, head, named, &best);
        best.delimiter = named;
        return best;
    }
    for (const char *at = candidates; *at != '\0'; at++) {
        if (try_delimiter(mapping, head, *at, &best)) {
            break;
        }
    }
    return best;
}

/* ---- opening ---- */

static bool open_text(struct input *input, const char *path, int fd)
{
    char what[DECODE_WHAT_MAX];
    input->decoder = decoder_new(fd, input->mapping->encoding, what);
    if (input->decoder == NULL) {
        say_error("%s: %s", path, what);
        return false;
    }
    struct rd_str head = decoder_head(input->decoder);
    if (table_is_no_text(head, path)) {
        return false;
    }
    struct place place = find_in_text(input->mapping, head);
    input->about = (struct input_about){.encoding = decoder_encoding(input->decoder),
            .reason = decoder_reason(input->decoder),
            .has_mark = decoder_has_mark(input->decoder),
            .delimiter = place.delimiter,
            .header_line = place.line};
    input->csv = csv_new(decoder_read, input->decoder, place.delimiter);
    return true;
}

static bool open_sheet(struct input *input, const char *path)
{
    char what[512];
    struct place best = {.delimiter = ','};
    for (int pass = 0; pass < 2; pass++) { /* the second one reads it from the start again */
        xlsx_close(input->xlsx);
        input->xlsx = xlsx_open(path, input->mapping->sheet, what);
        if (input->xlsx == NULL) {
            say_error("%s: %s", path, what);
            return false;
        }
        for (int i = 0; i < HEADER_LINES_MAX && pass == 0; i++) {
            struct xlsx_row row;
            int r = xlsx_next(input->xlsx, &row);
            struct place place = {.delimiter = ',', .line = row.line};
            if (r <= 0 && r != -EBADMSG) {
                break;
            }
            if (r == 1 && try_line(input->mapping, row.fields, row.count, place, &best)) {
                break;
            }
        }
    }
    if (input->mapping->fills_merged && xlsx_fill_merged(input->xlsx, best.line, what) < 0) {
        say_error("%s: %s", path, what);
        return false;
    }
    input->about = (struct input_about){.encoding = ENCODING_UTF8,
            .has_mark = true,
            .delimiter = ',',
            .header_line = best.line};
    input->about.sheet =
            xlsx_sheet(input->xlsx, &input->about.sheet_count, &input->about.sheet_names);
    return true;
}

int table_next(struct input *input, struct table_row *ret_row)
{
    if (input->xlsx != NULL) {
        struct xlsx_row row;
        int r = xlsx_next(input->xlsx, &row);
        *ret_row = (struct table_row){.fields = row.fields,
                .count = row.count,
                .line = row.line,
                .what = row.what,
                .is_whole = row.count > 0,
                .is_hidden = row.is_hidden};
        return r;
    }
    struct csv_record record;
    int r = csv_next(input->csv, &record);
    *ret_row = (struct table_row){.fields = record.fields,
            .count = record.count,
            .line = record.line,
            .what = record.what,
            .raw = record.raw,
            .is_whole = record.count > 0};
    return r;
}

static bool take_names(struct input *input, const char *path, uint64_t line,
        const struct rd_str *names, size_t count)
{
    char what[MAPPING_WHAT_MAX];
    if (mapping_bind(input->mapping, names, count, input->places, what) < 0) {
        say_error("%s:%" PRIu64 ": %s", path, line, what);
        return false;
    }
    input->width = count;
    while (input->xlsx == NULL && input->width > 0 &&
            amount_trim(names[input->width - 1]).len == 0) {
        input->width--; /* columns that a spreadsheet left empty */
    }
    input->skipped = rejects_in_front(names, count);
    for (size_t i = input->skipped; i < input->width; i++) {
        if (i > input->skipped) {
            rd_buf_put_u8(&input->header, (uint8_t)input->about.delimiter);
        }
        csv_put_field(&input->header, names[i], input->about.delimiter);
    }
    return true;
}

/* A header of two lines, of which `upper` is the first. */
static bool take_second(struct input *input, const char *path, const struct table_row *upper)
{
    enum { NAMES_BYTES_MAX = 16 * 1024 * 1024 };
    struct rd_arena arena;
    struct rd_str names[CSV_FIELDS_MAX], above[CSV_FIELDS_MAX];
    struct table_row lower;
    rd_arena_init(&arena, NAMES_BYTES_MAX);
    size_t count = upper->count;
    for (size_t i = 0; i < count; i++) {
        above[i] = rd_arena_dup(&arena, upper->fields[i]);
    }
    int r = table_next(input, &lower);
    if (r != 1) {
        say_error("%s:%" PRIu64 ": the second line of the header: %s", path, lower.line,
                r == 0               ? "it is not there"
                : lower.what != NULL ? lower.what
                                     : strerror(-r));
    } else {
        count = table_join(&arena, above, count, lower.fields, lower.count, names);
        input->about.header_line = lower.line;
    }
    bool is_taken = r == 1 && take_names(input, path, lower.line, names, count);
    rd_arena_done(&arena);
    return is_taken;
}

static bool take_header(struct input *input, const char *path, const struct table_row *row)
{
    bool is_rejects = rejects_in_front(row->fields, row->count) > 0;
    return input->mapping->header_lines == 2 && !is_rejects
                   ? take_second(input, path, row)
                   : take_names(input, path, row->line, row->fields, row->count);
}

/* Reads up to the header's line. False: the error was printed. */
static bool read_header(struct input *input, const char *path)
{
    struct table_row row;
    for (;;) {
        int r = table_next(input, &row);
        if (r == 0) {
            say_error("%s: there is no header line", path);
            return false;
        }
        if (r < 0 && r != -EBADMSG) {
            say_error("%s: %s", path, row.what != NULL ? row.what : strerror(-r));
            return false;
        }
        if (row.line >= input->about.header_line) {
            if (r == -EBADMSG) {
                say_error("%s: the header line: %s", path, row.what);
                return false;
            }
            return take_header(input, path, &row);
        }
    }
}

bool table_open(struct input *input, const char *path, int fd)
{
    bool is_zip;
    if (table_is_none(fd, path, &is_zip)) {
        (void)close(fd);
        return false;
    }
    input->format = is_zip ? INPUT_XLSX : input->format;
    if (is_zip) {
        (void)close(fd);
    }
    return (is_zip ? open_sheet(input, path) : open_text(input, path, fd)) &&
           read_header(input, path);
}
