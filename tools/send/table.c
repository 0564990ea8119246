#include <errno.h>
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

/* Looks at a line; true: it has all columns. */
static bool try_line(const struct mapping *mapping, const struct rd_str *fields, size_t count,
        struct place place, struct place *best)
{
    if (mapping->header != 0 && place.line != mapping->header) {
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
    struct place place = find_in_text(input->mapping, decoder_head(input->decoder));
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
                .is_whole = row.count > 0};
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

/* The columns that an earlier run put in front of a file of rejects. */
static size_t rejects_in_front(const struct table_row *row)
{
    size_t count = 0;
    while (count < row->count &&
            rd_str_starts(amount_trim(row->fields[count]), RD_STR("reject_"))) {
        count++;
    }
    return count;
}

static bool take_header(struct input *input, const char *path, const struct table_row *row)
{
    char what[MAPPING_WHAT_MAX];
    if (mapping_bind(input->mapping, row->fields, row->count, input->places, what) < 0) {
        say_error("%s:%llu: %s", path, (unsigned long long)row->line, what);
        return false;
    }
    input->width = row->count;
    while (input->xlsx == NULL && input->width > 0 &&
            amount_trim(row->fields[input->width - 1]).len == 0) {
        input->width--; /* columns that a spreadsheet left empty */
    }
    input->skipped = rejects_in_front(row);
    for (size_t i = input->skipped; i < input->width; i++) {
        if (i > input->skipped) {
            rd_buf_put_u8(&input->header, (uint8_t)input->about.delimiter);
        }
        csv_put_field(&input->header, row->fields[i], input->about.delimiter);
    }
    return true;
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

bool table_is_old(struct rd_str head, const char *path)
{
    if (xlsx_is_old(head)) {
        say_error("%s: an .xls of Excel before 2007, or one with a password: save it as .xlsx "
                  "without one",
                path);
    }
    return xlsx_is_old(head);
}

bool table_open(struct input *input, const char *path, int fd)
{
    char head[8];
    ssize_t got = pread(fd, head, sizeof head, 0); /* a pipe has none: it is text */
    struct rd_str start = {.ptr = head, .len = got > 0 ? (size_t)got : 0};
    if (table_is_old(start, path)) {
        (void)close(fd);
        return false;
    }
    bool is_zip = xlsx_is_zip(start);
    input->format = is_zip ? INPUT_XLSX : input->format;
    if (is_zip) {
        (void)close(fd);
    }
    return (is_zip ? open_sheet(input, path) : open_text(input, path, fd)) &&
           read_header(input, path);
}
