#include "tools/send/input.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/digest.h"
#include "tools/send/amount.h"
#include "tools/send/input_inner.h"
#include "tools/shared/ends.h"

enum { SUSPICIOUS_FIELDS = 5 };

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

/* Lines within a quoted field that are as long as a row, counted in fields: its quote swallowed
 * them. */
static bool has_swallowed_rows(const struct input *input, const struct table_row *row)
{
    if (input->csv == NULL || input->width < SUSPICIOUS_FIELDS ||
            memchr(row->raw.ptr != NULL ? row->raw.ptr : "", '\n', row->raw.len) == NULL) {
        return false;
    }
    for (size_t i = 0; i < row->count; i++) {
        size_t marks = 0;
        bool is_inner = false;
        for (size_t j = 0; j < row->fields[i].len; j++) {
            char c = row->fields[i].ptr[j];
            marks += c == input->about.delimiter ? 1 : 0;
            if (c == '\n') {
                if (is_inner && marks + 1 == input->width) {
                    return true;
                }
                is_inner = true;
                marks = 0;
            }
        }
    }
    return false;
}

/* The lines behind the first are read again as rows of their own. */
static void read_again(struct input *input, struct table_row *row)
{
    const char *end = row->raw.len > 0 ? memchr(row->raw.ptr, '\n', row->raw.len) : NULL;
    row->raw.len = end != NULL ? (size_t)(end - row->raw.ptr) : row->raw.len;
    csv_again(input->csv);
}

/* NULL, or why the row is none. */
static const char *judge(struct input *input, struct table_row *row)
{
    if (has_swallowed_rows(input, row)) {
        read_again(input, row);
        return "a quote that opens on this line takes whole rows along: it is not closed where its "
               "field ends";
    }
    while (row->count > input->width && amount_trim(row->fields[row->count - 1]).len == 0) {
        row->count--;
    }
    if (input->csv != NULL && row->count != input->width) {
        read_again(input, row);
        return "it has another number of fields than the header";
    }
    for (size_t i = 0; i < row->count && input->decoder != NULL; i++) {
        if (input->about.encoding != ENCODING_UTF8 &&
                memmem(row->fields[i].ptr, row->fields[i].len, "\xef\xbf\xbd", 3) != NULL) {
            return "it has bytes that are no character of the file's encoding";
        }
    }
    return NULL;
}

static void keep_raw(struct input *input, const struct table_row *row, bool is_good)
{
    if (!is_good) {
        csv_put_field(&input->raw, row->raw, '"');
        return;
    }
    for (size_t i = input->skipped; i < row->count || i < input->width; i++) {
        if (i > input->skipped) {
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
    if (input->keeps_raw && (r == 1 || r == -EBADMSG)) {
        bool is_whole = row.fields != NULL && row.count > 0 &&
                        (r == 1 || input->csv == NULL || row.count == input->width);
        keep_raw(input, &row, is_whole);
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
        rd_fingerprint(ret_row->raw, 0, ret_row->print);
    }
    return r;
}

struct rd_str input_header(const struct input *input)
{
    return rd_buf_str(&input->header);
}

struct input_about input_about(const struct input *input)
{
    return input->about;
}

struct input_passed input_passed(const struct input *input)
{
    return input->passed;
}

bool input_progress(const struct input *input, uint64_t *ret_read, uint64_t *ret_size)
{
    *ret_read = input->decoder != NULL ? decoder_bytes(input->decoder) : input->read_bytes;
    *ret_size = input->size;
    return input->size > 0 && input->xlsx == NULL;
}
