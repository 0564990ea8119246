/* Law: whatever the bytes, reading ends; lines only go on; a good record, written again, reads back
 * as the same fields; where a block ends changes nothing. */
#include <errno.h>
#include <string.h>

#include "tools/send/csv.h"
#include "tools/send/input.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct text {
    const uint8_t *ptr;
    size_t left, step;
};

static ssize_t read_text(void *context, void *buffer, size_t size)
{
    struct text *text = context;
    size_t take = text->left < text->step ? text->left : text->step;
    take = take < size ? take : size;
    if (take > 0) {
        memcpy(buffer, text->ptr, take);
    }
    text->ptr += take;
    text->left -= take;
    return (ssize_t)take;
}

static void write_again(const struct csv_record *record)
{
    struct rd_buf row;
    rd_buf_init(&row, 4 * CSV_RECORD_BYTES_MAX);
    for (size_t i = 0; i < record->count; i++) {
        if (i > 0) {
            rd_buf_put_u8(&row, ',');
        }
        csv_put_field(&row, record->fields[i], ',');
    }
    if (row.len > 0) { /* one empty field alone is an empty line */
        struct text text = {.ptr = row.ptr, .left = row.len, .step = 4096};
        struct csv *csv = csv_new(read_text, &text, ',');
        struct csv_record again;
        int r = csv_next(csv, &again);
        bool has_mark = row.len >= 3 && memcmp(row.ptr, "\xef\xbb\xbf", 3) == 0;
        if (!has_mark) { /* in front of a file it is none of the data */
            RD_ASSERT(r == 1);
            RD_ASSERT(again.count == record->count);
            for (size_t i = 0; i < again.count; i++) {
                RD_ASSERT(rd_str_eq(again.fields[i], record->fields[i]));
            }
            RD_ASSERT(csv_next(csv, &again) == 0);
        }
        csv_free(csv);
    }
    rd_buf_done(&row);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct text text = {.ptr = data, .left = size, .step = 4096};
    struct text slow = {.ptr = data, .left = size, .step = 1};
    struct csv *csv = csv_new(read_text, &text, ',');
    struct csv *twin = csv_new(read_text, &slow, ',');
    struct csv_record record, same;
    uint64_t line = 0;
    for (;;) {
        int r = csv_next(csv, &record);
        RD_ASSERT(r == 1 || r == 0 || r == -EBADMSG);
        RD_ASSERT(csv_next(twin, &same) == r);
        if (r == 0) {
            break;
        }
        RD_ASSERT(record.line > line && same.line == record.line);
        RD_ASSERT((record.what == NULL) == (r == 1) && same.count == record.count);
        RD_ASSERT(r == 1 ? record.count >= 1 : record.count == 0);
        line = record.line;
        if (r == 1) {
            write_again(&record);
        }
    }
    csv_free(csv);
    csv_free(twin);
    return 0;
}
