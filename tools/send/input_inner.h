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
    bool is_whole; /* the fields are those of one row, good or not; else `raw` is what there is */
};

/* As csv_next(). */
RD_MUST_USE int table_next(struct input *input, struct table_row *ret_row);
/* Opens the file, reads up to the header and binds its columns. False: the error was printed. */
bool table_open(struct input *input, const char *path, int fd);
/* "sep=;" in front, as Excel writes and reads it; '\0': it is not there. */
char table_separator(struct rd_str head);
/* Whether its first bytes are those of a workbook that cannot be read; said then. */
bool table_is_old(struct rd_str head, const char *path);
int input_next_json(struct input *input, struct input_row *row);
