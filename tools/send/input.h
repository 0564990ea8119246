/* tools/send/input.h — the rows of an export: a table with a header (CSV, a sheet of .xlsx), or
 * NDJSON (an object a line).
 *
 * A table's encoding, delimiter and header line are those that the mapping names, else found by the
 * mapping's columns. Cells are trimmed; rows without text, and a line of totals, are passed over
 * and counted. */
#pragma once

#include "tools/send/mapping.h"

enum input_format { INPUT_CSV, INPUT_NDJSON, INPUT_XLSX };
enum { INPUT_LINE_BYTES_MAX = 1024 * 1024, INPUT_PRINT_BYTES = 16 };

struct print { /* a fingerprint; all zero: none */
    uint8_t bytes[INPUT_PRINT_BYTES];
};

struct input;

struct input_row {               /* borrowed until the next input_next() */
    uint64_t line;               /* where it begins, from 1 */
    uint64_t row;                /* from 1, the header not counted, bad ones counted */
    const struct rd_str *values; /* one for each of the mapping's columns; without one: none */
    struct rd_str event, id;     /* without a mapping: the line, packed, and its `id` */
    const char *what;            /* -EBADMSG: why it is none */
    /* if input_keeps_raw(): as it goes into the file of rejects, no newline behind, as UTF-8; and
     * what it says, wherever in the file it stands */
    struct rd_str raw;
    struct print print;
};

struct input_about { /* of a table */
    enum encoding encoding;
    const char *reason; /* NULL: not a text file */
    bool has_mark;      /* a byte order mark */
    char delimiter;
    uint64_t header_line;     /* the last of the header */
    const char *sheet;        /* that is read; NULL: no workbook */
    size_t sheet_count;       /* of the workbook */
    const char *sheet_names;  /* all of them, as far as they fit: "11月", "12月" (hidden) */
    uint64_t hidden;          /* rows that were read though they are hidden */
    size_t merged;            /* cells below the header over several rows: known at the end */
    const char *first_merged; /* "G2:G4" */
};

struct input_passed { /* over, as they say nothing */
    uint64_t empty, totals;
    uint64_t headers;     /* the header's names again, as where months were pasted together */
    uint64_t first_total; /* its line; 0: none */
};

/* `path` "-": standard input, no .xlsx. `mapping` NULL: NDJSON whose lines are events. A file that
 * is an .xlsx is read as one where CSV was asked for. NULL: the error was printed. */
struct input *input_open(const char *path, enum input_format format, const struct mapping *mapping);
void input_keeps_raw(struct input *input);
void input_close(struct input *input); /* NULL: nothing */
/* 1: a row; 0: the end; -EBADMSG: a bad one, go on; other -errno: unreadable. */
RD_MUST_USE int input_next(struct input *input, struct input_row *ret_row);
/* The header line for the file of rejects, a table's; empty for NDJSON. */
struct rd_str input_header(const struct input *input);
struct input_about input_about(const struct input *input);
/* Says on standard error which sheet is read where the workbook has more. */
void input_tell_sheet(const struct input *input, const char *path);
/* The same, at the end, of rows that are hidden, and of merged cells whose rows are empty. */
void input_tell_cells(const struct input *input, const char *path);
struct input_passed input_passed(const struct input *input);
uint64_t input_passed_sum(const struct input_passed *passed);
/* Its size in bytes and how much of it was read, for a progress line; false: not a plain file. */
bool input_progress(const struct input *input, uint64_t *ret_read, uint64_t *ret_size);
/* Of a table that no mapping describes: of its first lines the one that looks most like a header,
 * with the most names that are no numbers. The names are in the arena, at most `room`; sets
 * mapping->delimiter, ->header and ->header_lines to what was found. False: the error was printed.
 */
bool input_find_header(const char *path, struct mapping *mapping, struct rd_arena *arena,
        struct rd_str *names, size_t room, size_t *ret_count);
