#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
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
    unsigned lines; /* that have the names */
};

struct head {
    struct rd_arena *arena;
    struct rd_str *names;
    size_t room;
    struct best best;
    struct rd_str above[CSV_FIELDS_MAX]; /* the line before */
    size_t above_count;
    uint64_t above_line;
    uint64_t bad_line; /* the first that cannot be read; 0: none */
    const char *bad_what;
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

static void keep_bad(struct head *head, uint64_t line, const char *what)
{
    if (head->bad_line == 0) {
        head->bad_line = line;
        head->bad_what = rd_arena_dup(head->arena, rd_str_of(what)).ptr;
    }
}

static void try_names(struct head *head, const struct rd_str *names, struct best best)
{
    best.score = table_count_names(names, best.count);
    if (best.score <= head->best.score) {
        return;
    }
    best.count = best.count < head->room ? best.count : head->room;
    head->best = best;
    for (size_t i = 0; i < best.count; i++) {
        head->names[i] = rd_arena_dup(head->arena, amount_trim(names[i]));
    }
}

/* A line by itself, and below the one before it. */
static void try_line(
        struct head *head, const struct rd_str *fields, size_t count, uint64_t line, char delimiter)
{
    struct rd_str names[CSV_FIELDS_MAX];
    try_names(head, fields,
            (struct best){.count = count, .line = line, .delimiter = delimiter, .lines = 1});
    if (table_is_pair(head->above, head->above_count, fields, count)) {
        size_t joined =
                table_join(head->arena, head->above, head->above_count, fields, count, names);
        try_names(head, names,
                (struct best){.count = joined,
                        .line = head->above_line,
                        .delimiter = delimiter,
                        .lines = 2});
    }
    for (size_t i = 0; i < count; i++) {
        head->above[i] = rd_arena_dup(head->arena, fields[i]);
    }
    head->above_count = count;
    head->above_line = line;
}

static bool look_at_text(struct head *head, const char *path, int fd, enum encoding encoding)
{
    char what[DECODE_WHAT_MAX];
    struct decoder *decoder = decoder_new(fd, encoding, what);
    if (decoder == NULL) {
        say_error("%s: %s", path, what);
        return false;
    }
    if (table_is_no_text(decoder_head(decoder), path)) {
        decoder_free(decoder);
        return false;
    }
    char named[2] = {table_separator(decoder_head(decoder)), '\0'};
    for (const char *delimiter = named[0] != '\0' ? named : ",;\t|"; *delimiter != '\0';
            delimiter++) {
        struct rd_str left = decoder_head(decoder);
        struct csv *csv = csv_new(read_text, &left, *delimiter);
        head->above_count = 0;
        struct csv_record record;
        for (int i = 0, r = 1; i < LINES_MAX && r != 0; i++) {
            r = csv_next(csv, &record);
            if (r == 1) {
                try_line(head, record.fields, record.count, record.line, *delimiter);
            } else if (r == -EBADMSG) {
                keep_bad(head, record.line, record.what);
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
        } else {
            keep_bad(head, row.line, row.what);
        }
    }
    xlsx_close(xlsx);
    return true;
}

static void say_no_names(const struct head *head, const char *path)
{
    if (head->bad_line > 0) {
        say_error("%s: no line of it looks like names of columns; line %" PRIu64 ": %s", path,
                head->bad_line, head->bad_what);
    } else {
        say_error("%s: no line of it looks like names of columns", path);
    }
}

bool input_find_header(const char *path, struct mapping *mapping, struct rd_arena *arena,
        struct rd_str *names, size_t room, size_t *ret_count)
{
    struct head head = {.arena = arena, .names = names, .room = room};
    bool is_zip;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        say_error("%s: %s", path, strerror(errno));
        return false;
    }
    if (table_is_none(fd, path, &is_zip)) {
        (void)close(fd);
        return false;
    }
    if (is_zip) {
        (void)close(fd);
    }
    bool is_read = is_zip ? look_at_sheet(&head, path, mapping->sheet)
                          : look_at_text(&head, path, fd, mapping->encoding);
    if (is_read && head.best.score == 0) {
        say_no_names(&head, path);
        return false;
    }
    mapping->header = head.best.line;
    mapping->header_lines = head.best.lines;
    mapping->delimiter = is_zip ? mapping->delimiter : head.best.delimiter;
    *ret_count = head.best.count;
    return is_read;
}
