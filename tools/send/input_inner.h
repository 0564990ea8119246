/* tools/send/input_inner.h — the readers behind input.h. For input*.c. */
#pragma once

#include <stdio.h>

#include "tools/send/csv.h"
#include "tools/send/input.h"
#include "tools/send/xlsx.h"

struct input {
    enum input_format format;
    const struct mapping *mapping;
    uint64_t size, row;
    struct input_about about;
    struct input_passed passed;
    uint64_t hidden; /* rows of a sheet that are read though they are hidden */
    /* CSV, XLSX */
    struct decoder *decoder;
    struct csv *csv;
    struct xlsx *xlsx;
    size_t places[MAPPING_COLUMNS_MAX];
    size_t width, skipped; /* fields of the header; those of a file of rejects in front */
    struct rd_buf header;
    /* NDJSON */
    FILE *file;
    uint64_t line, read_bytes;
    char *text;
    size_t text_room;
    struct rd_buf packed, id;
    struct rd_buf texts; /* of values that were no text */
    /* both */
    struct rd_str values[MAPPING_COLUMNS_MAX];
    bool keeps_raw;
    struct rd_buf raw;
};

/* A record of a file or a sheet, before anything is made of it. */
struct table_row {
    const struct rd_str *fields;
    size_t count;
    uint64_t line;
    const char *what;
    struct rd_str raw; /* CSV only */
    bool is_whole;  /* the fields are those of one row, good or not; else `raw` is what there is */
    bool is_hidden; /* of a sheet */
};

/* As csv_next(). */
RD_MUST_USE int table_next(struct input *input, struct table_row *ret_row);
/* Opens the file, reads up to the header and binds its columns. False: the error was printed. */
bool table_open(struct input *input, const char *path, int fd);
/* "sep=;" in front, as Excel writes and reads it; '\0': it is not there. */
char table_separator(struct rd_str head);
/* Whether the file is of a kind that cannot be read; said then, with what to do. Else whether it is
 * a zip file, as a workbook is. */
bool table_is_none(int fd, const char *path, bool *ret_is_zip);
/* The same of its first text: it is empty, or HTML. */
bool table_is_no_text(struct rd_str head, const char *path);
/* How many cells of a line may be names of columns: no number, no date, and not there before. */
size_t table_count_names(const struct rd_str *fields, size_t count);
/* Whether two lines are a header: names of groups above, and below them those of their columns;
 * other columns have their names above, and nothing below. A row of data below a header has
 * something below such a name, or no group. */
bool table_is_pair(const struct rd_str *upper, size_t upper_count, const struct rd_str *lower,
        size_t lower_count);
/* The names of a header of two lines, at most CSV_FIELDS_MAX, in the arena or as they were given:
 * those of the lower one, and of the upper where there is none; a name that is there twice has in
 * front that of the group above it. */
size_t table_join(struct rd_arena *arena, const struct rd_str *upper, size_t upper_count,
        const struct rd_str *lower, size_t lower_count, struct rd_str *ret_names);
int input_next_json(struct input *input, struct input_row *row);
