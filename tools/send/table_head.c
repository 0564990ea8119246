#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "tools/send/amount.h"
#include "tools/send/input_inner.h"
#include "tools/shared/ends.h"

/* Finds the header of a table that no mapping describes. */

enum { LINES_MAX = 30 };

struct best {
    size_t score, count;
    uint64_t line;
    char delimiter;
};

struct head {
    struct rd_arena *arena;
    struct rd_str *names;
    size_t room;
    struct best best;
};

static ssize_t read_text(void *context, void *buffer, size_t size)
{
    struct rd_str *left = context;
    size_t count = left->len < size ? left->len : size;
    memcpy(buffer, left->ptr, count);
    left->ptr += count;
    left->len -= count;
    return (ssize_t)count;
}

/* How many cells are names: not empty, no number, no date, and not there before. */
static size_t score_of(const struct rd_str *fields, size_t count)
{
    size_t score = 0;
    for (size_t i = 0; i < count; i++) {
        struct rd_str cell = amount_trim(fields[i]);
        char sum[RD_MONEY_TEXT_MAX];
        rd_day day;
        bool is_name = cell.len > 0 && cell.len <= 120 &&
                       amount_parse(cell, RD_STR(""), sum) != 0 &&
                       moment_parse_day(DATE_DMY, cell, &day) != 0;
        for (size_t j = 0; j < i && is_name; j++) {
            is_name = !rd_str_eq(amount_trim(fields[j]), cell);
        }
        score += is_name ? 1 : 0;
    }
    return score;
}

static void try_line(
        struct head *head, const struct rd_str *fields, size_t count, uint64_t line, char delimiter)
{
    size_t score = score_of(fields, count);
    if (score <= head->best.score) {
        return;
    }
    count = count < head->room ? count : head->room;
    head->best = (struct best){score, count, line, delimiter};
    for (size_t i = 0; i < count; i++) {
        head->names[i] = rd_arena_dup(head->arena, amount_trim(fields[i]));
    }
}

static bool look_at_text(struct head *head, const char *path, int fd, enum encoding encoding)
{
    char what[DECODE_WHAT_MAX];
    struct decoder *decoder = decoder_new(fd, encoding, what);
    if (decoder == NULL) {
        say_error("%s: %s", path, what);
        return false;
    }
    char named[2] = {table_separator(decoder_head(decoder)), '\0'};
    for (const char *delimiter = named[0] != '\0' ? named : ",;\t|"; *delimiter != '\0';
            delimiter++) {
        struct rd_str left = decoder_head(decoder);
        struct csv *csv = csv_new(read_text, &left, *delimiter);
        struct csv_record record;
        for (int i = 0, r = 1; i < LINES_MAX && r != 0; i++) {
            r = csv_next(csv, &record);
            if (r == 1) {
                try_line(head, record.fields, record.count, record.line, *delimiter);
            }
        }
        csv_free(csv);
    }
    decoder_free(decoder);
    return true;
}

static bool look_at_sheet(struct head *head, const char *path, const char *sheet)
{
    char what[512];
    struct xlsx *xlsx = xlsx_open(path, sheet, what);
    if (xlsx == NULL) {
        say_error("%s: %s", path, what);
        return false;
    }
    for (int i = 0; i < LINES_MAX; i++) {
        struct xlsx_row row;
        int r = xlsx_next(xlsx, &row);
        if (r <= 0 && r != -EBADMSG) {
            break;
        }
        if (r == 1) {
            try_line(head, row.fields, row.count, row.line, ',');
        }
    }
    xlsx_close(xlsx);
    return true;
}

bool input_find_header(const char *path, struct mapping *mapping, struct rd_arena *arena,
        struct rd_str *names, size_t room, size_t *ret_count)
{
    struct head head = {.arena = arena, .names = names, .room = room};
    char start[8];
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        say_error("%s: %s", path, strerror(errno));
        return false;
    }
    ssize_t got = pread(fd, start, sizeof start, 0);
    struct rd_str magic = {.ptr = start, .len = got > 0 ? (size_t)got : 0};
    if (table_is_old(magic, path)) {
        (void)close(fd);
        return false;
    }
    bool is_zip = xlsx_is_zip(magic);
    if (is_zip) {
        (void)close(fd);
    }
    bool is_read = is_zip ? look_at_sheet(&head, path, mapping->sheet)
                          : look_at_text(&head, path, fd, mapping->encoding);
    if (is_read && head.best.score == 0) {
        say_error("%s: no line of it looks like names of columns", path);
        return false;
    }
    mapping->header = head.best.line;
    mapping->delimiter = is_zip ? mapping->delimiter : head.best.delimiter;
    *ret_count = head.best.count;
    return is_read;
}
