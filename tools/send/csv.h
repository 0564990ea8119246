/* tools/send/csv.h — reads CSV as RFC 4180 has it, record by record, from hostile files.
 *
 *   file   = record *(newline record) [newline]     newline = LF / CR LF
 *   record = field *(delimiter field)
 *   field  = *plain / DQUOTE *(any but DQUOTE / 2DQUOTE) DQUOTE
 *
 * A quoted field may hold delimiters and newlines. A byte order mark in front and empty lines are
 * passed over. A record that breaks these rules, has a NUL, or is over a limit is reported with the
 * line where it begins, and reading goes on after it. If a quote in it swallowed further lines,
 * reading goes on after its first line, since those lines are rows of their own. */
#pragma once

#include <sys/types.h>

#include "common/base/buf.h"

enum { CSV_FIELDS_MAX = 1024, CSV_RECORD_BYTES_MAX = 1024 * 1024 };

/* As read(2): the bytes read, 0 at the end, -1 with errno. */
typedef ssize_t csv_read_fn(void *context, void *buffer, size_t size);

struct csv;

struct csv_record {              /* borrowed until the next csv_next() */
    const struct rd_str *fields; /* unquoted; none of a bad record */
    size_t count;
    uint64_t line;     /* where it begins, from 1 */
    const char *what;  /* -EBADMSG: why; else NULL */
    struct rd_str raw; /* its bytes, without the newline at the end */
};

struct csv *csv_new(csv_read_fn *read, void *context, char delimiter);
void csv_free(struct csv *csv); /* NULL: nothing */
/* 1: a record; 0: the end; -EBADMSG: a bad one, go on; other -errno: the file cannot be read. */
RD_MUST_USE int csv_next(struct csv *csv, struct csv_record *ret_record);
/* The last record is to be rejected: reading goes on after its first line. */
void csv_again(struct csv *csv);
/* Writes one field, in quotes where a reader with this delimiter, or with another usual one, needs
 * them. */
void csv_put_field(struct rd_buf *buf, struct rd_str text, char delimiter);
