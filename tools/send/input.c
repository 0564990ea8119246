#include "tools/send/input.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/digest.h"
#include "tools/send/amount.h"
#include "tools/send/input_inner.h"
#include "tools/send/quotes.h"
#include "tools/shared/ends.h"

struct input *input_open(const char *path, enum input_format format, const struct mapping *mapping)
{
    struct input *input = calloc(1, sizeof *input);
    if (input == NULL) {
        rd_oom();
    }
    input->format = format;
    input->mapping = mapping;
    rd_buf_init(&input->header, CSV_RECORD_BYTES_MAX * 2);
    rd_buf_init(&input->raw, CSV_RECORD_BYTES_MAX * 8);
    rd_buf_init(&input->packed, MAPPING_EVENT_BYTES_MAX);
    rd_buf_init(&input->id, MAPPING_EVENT_BYTES_MAX);
    rd_buf_init(&input->texts, INPUT_LINE_BYTES_MAX);
    bool is_stdin = strcmp(path, "-") == 0;
    int fd = is_stdin ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3) : open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        say_error("%s: %s", path, strerror(errno));
        input_close(input);
        return NULL;
    }
    struct stat about;
    if (fstat(fd, &about) == 0 && S_ISREG(about.st_mode)) {
        input->size = (uint64_t)about.st_size;
    }
    bool is_open = true;
    if (format != INPUT_NDJSON) {
        is_open = table_open(input, path, fd);
    } else {
        input->file = fdopen(fd, "r");
        if (input->file == NULL) {
            rd_oom();
        }
    }
    if (!is_open) {
        input_close(input);
        return NULL;
    }
    return input;
}

void input_keeps_raw(struct input *input)
{
    input->keeps_raw = true;
}

void input_close(struct input *input)
{
    if (input == NULL) {
        return;
    }
    if (input->file != NULL) {
        (void)fclose(input->file);
    }
    csv_free(input->csv);
    decoder_free(input->decoder);
    xlsx_close(input->xlsx);
    free(input->text);
    rd_buf_done(&input->header);
    rd_buf_done(&input->raw);
    rd_buf_done(&input->packed);
    rd_buf_done(&input->id);
    rd_buf_done(&input->texts);
    free(input);
}

/* ---- rows of a table ---- */

static bool is_empty(const struct table_row *row)
{
    for (size_t i = 0; i < row->count; i++) {
        if (amount_trim(row->fields[i]).len > 0) {
            return false;
        }
    }
    return true;
}

/* The sums under a table: a word for it in the first cell that has any, and most cells empty. */
static bool is_total(const struct input *input, const struct table_row *row)
{
    static const char *const words[] = {"合计", "总计", "小计", "共计", "合计：", "总计：",
            "合计:", "总计:", "Total", "Totals", "TOTAL", "total", "Grand total", "Grand Total",
            "Subtotal", "Sum", "Total:", "Summe", "Somme"};
    struct rd_str first = {0};
    size_t filled = 0;
    for (size_t i = 0; i < row->count && first.len == 0; i++) {
        first = amount_trim(row->fields[i]);
    }
    bool is_word = false;
    for (size_t i = 0; i < RD_COUNT(words) && !is_word; i++) {
        is_word = rd_str_is(first, words[i]);
    }
    for (size_t i = 0; i < row->count && is_word; i++) {
        filled += amount_trim(row->fields[i]).len > 0 ? 1 : 0;
    }
    return is_word && input->width >= 3 && 2 * filled <= input->width + 1;
}

/* Of each column that the mapping names, the name again. */
static bool is_header(const struct input *input, const struct table_row *row)
{
    const struct mapping *mapping = input->mapping;
    bool is_it = mapping->column_count > 1;
    for (size_t i = 0; i < mapping->column_count && is_it; i++) {
        size_t place = input->places[i];
        is_it = place < row->count &&
                rd_str_is(amount_trim(row->fields[place]), mapping->columns[i]);
    }
    return is_it;
}

/* The lines behind the first are read again as rows of their own, and the row is none: its first
 * line is what is left of it. */
static void read_again(struct input *input, struct table_row *row)
{
    row->is_whole = false;
    const char *end = row->raw.len > 0 ? memchr(row->raw.ptr, '\n', row->raw.len) : NULL;
    row->raw.len = end != NULL ? (size_t)(end - row->raw.ptr) : row->raw.len;
    row->raw.len -= row->raw.len > 0 && row->raw.ptr[row->raw.len - 1] == '\r' ? 1 : 0;
    csv_again(input->csv);
}

/* NULL, or why the row is none. */
static const char *judge(struct input *input, struct table_row *row)
{
    size_t cells = row->count;
    while (row->count > input->width && amount_trim(row->fields[row->count - 1]).len == 0) {
        row->count--;
    }
    if (input->csv != NULL && row->count != input->width) {
        read_again(input, row);
        return "it has another number of fields than the header";
    }
    if (input->csv != NULL &&
            quotes_took_rows(row->raw, row->fields, cells, input->about.delimiter)) {
        read_again(input, row);
        return "a quote that opens on this line takes whole rows along: it is not closed where its "
               "field ends";
    }
    for (size_t i = 0; i < row->count && input->decoder != NULL; i++) {
        if (input->about.encoding != ENCODING_UTF8 &&
                memmem(row->fields[i].ptr, row->fields[i].len, "\xef\xbf\xbd", 3) != NULL) {
            return "it has bytes that are no character of the file's encoding";
        }
    }
    return NULL;
}

static void keep_raw(struct input *input, const struct table_row *row)
{
    size_t from = input->skipped;
    if (!row->is_whole && from > 0 && row->count == from + 1) {
        csv_put_field(&input->raw, row->fields[from], '"'); /* that of an earlier run again */
        return;
    }
    if (!row->is_whole) {
        csv_put_field(&input->raw, row->raw, '"');
        return;
    }
    for (size_t i = from; i < row->count || i < input->width; i++) {
        if (i > from) {
            rd_buf_put_u8(&input->raw, (uint8_t)input->about.delimiter);
        }
        if (i < row->count) {
            csv_put_field(&input->raw, row->fields[i], input->about.delimiter);
        }
    }
}

/* Those that say nothing are passed over. */
static int next_that_says_something(struct input *input, struct table_row *row)
{
    for (;;) {
        int r = table_next(input, row);
        if (r == 1 && is_empty(row)) {
            input->passed.empty++;
        } else if (r == 1 && is_total(input, row)) {
            input->passed.first_total += input->passed.totals == 0 ? row->line : 0;
            input->passed.totals++;
        } else if (r == 1 && is_header(input, row)) {
            input->passed.headers++;
        } else {
            return r;
        }
    }
}

static int next_of_table(struct input *input, struct input_row *ret_row)
{
    struct table_row row;
    int r = next_that_says_something(input, &row);
    ret_row->line = row.line;
    ret_row->what = row.what;
    if (r == 1) {
        ret_row->what = judge(input, &row);
        r = ret_row->what != NULL ? -EBADMSG : 1;
    }
    for (size_t i = 0; r == 1 && i < input->mapping->column_count; i++) {
        size_t place = input->places[i];
        input->values[i] = place < row.count ? amount_trim(row.fields[place]) : RD_STR("");
    }
    if (r == 1 || r == -EBADMSG) {
        input->hidden += row.is_hidden ? 1 : 0;
        if (input->keeps_raw) {
            keep_raw(input, &row);
        }
    }
    return r;
}

int input_next(struct input *input, struct input_row *ret_row)
{
    *ret_row = (struct input_row){.row = ++input->row, .values = input->values};
    rd_buf_reset(&input->raw);
    int r = input->format == INPUT_NDJSON ? input_next_json(input, ret_row)
                                          : next_of_table(input, ret_row);
    ret_row->raw = rd_buf_str(&input->raw);
    if (input->keeps_raw) {
        rd_fingerprint(ret_row->raw, 0, ret_row->print.bytes);
    }
    return r;
}

struct rd_str input_header(const struct input *input)
{
    return rd_buf_str(&input->header);
}

struct input_about input_about(const struct input *input)
{
    struct input_about about = input->about;
    about.hidden = input->hidden;
    if (input->xlsx != NULL) {
        about.merged = xlsx_merged(input->xlsx, about.header_line, &about.first_merged);
    }
    return about;
}

void input_tell_cells(const struct input *input, const char *path)
{
    struct input_about about = input_about(input);
    if (about.hidden > 0) {
        say_error("%s: %" PRIu64 " rows are hidden in the sheet, by hand or by a filter: they are "
                  "read like the others",
                path, about.hidden);
    }
    if (about.merged > 0 && !input->mapping->fills_merged) {
        say_error("%s: %zu cells are merged over rows, the first %s: of those rows only the first "
                  "has the value, the others are empty; \"merged\": \"each\" in the mapping gives "
                  "it to each",
                path, about.merged, about.first_merged);
    }
}

void input_tell_sheet(const struct input *input, const char *path)
{
    const struct input_about *about = &input->about;
    if (about->sheet != NULL && about->sheet_count > 1) {
        say_error("%s: of %zu sheets only \"%s\" is read; send others with --sheet: %s", path,
                about->sheet_count, about->sheet, about->sheet_names);
    }
}

struct input_passed input_passed(const struct input *input)
{
    return input->passed;
}

uint64_t input_passed_sum(const struct input_passed *passed)
{
    return passed->empty + passed->totals + passed->headers;
}

bool input_progress(const struct input *input, uint64_t *ret_read, uint64_t *ret_size)
{
    *ret_read = input->decoder != NULL ? decoder_bytes(input->decoder) : input->read_bytes;
    *ret_size = input->size;
    return input->size > 0 && input->xlsx == NULL;
}
