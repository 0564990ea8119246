/* tools/send/input.h — the rows of an export: CSV with a header line, or NDJSON (an object a line).
 */
#pragma once

#include "tools/send/mapping.h"

enum input_format { INPUT_CSV, INPUT_NDJSON };
enum { INPUT_LINE_BYTES_MAX = 1024 * 1024 };

struct input;

struct input_row {               /* borrowed until the next input_next() */
    uint64_t line;               /* where it begins, from 1 */
    uint64_t row;                /* from 1, the header not counted, bad ones counted */
    const struct rd_str *values; /* one for each of the mapping's columns; without one: none */
    struct rd_str event, id;     /* without a mapping: the line, packed, and its `id` */
    const char *what;            /* -EBADMSG: why it is none */
    struct rd_str raw;           /* if input_keeps_raw(): as it goes into the file of rejects, no
                                  * newline behind */
};

/* `path` "-": standard input. `mapping` NULL: NDJSON whose lines are events. NULL: said. */
struct input *input_open(const char *path, enum input_format format, const struct mapping *mapping);
void input_keeps_raw(struct input *input);
void input_close(struct input *input); /* NULL: nothing */
/* 1: a row; 0: the end; -EBADMSG: a bad one, go on; other -errno: unreadable. */
RD_MUST_USE int input_next(struct input *input, struct input_row *ret_row);
/* The header line for the file of rejects, CSV; empty for NDJSON. */
struct rd_str input_header(const struct input *input);
/* Its size in bytes and how much of it was read, for a progress line; false: not a plain file. */
bool input_progress(const struct input *input, uint64_t *ret_read, uint64_t *ret_size);
/* One field as CSV has it. */
void input_put_field(struct rd_buf *buf, struct rd_str text);
