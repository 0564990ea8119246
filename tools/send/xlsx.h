/* tools/send/xlsx.h — the rows of a sheet of an .xlsx file (libzip, expat), from hostile files.
 *
 * A cell is text: a text as it is; a date as "2026-11-05", "2026-11-05 09:30:00" or "09:30:00", in
 * either of Excel's epochs; a number with at most 15 digits, as Excel shows them, one that has more
 * with an exponent; one that is shown as a percentage, as "12.5%", and one with a unit behind it as
 * "1.5万元"; true or false. A row that holds an error such as #N/A is bad. Formulas have the value
 * that was saved. Parts are read as a stream; a document type is refused, so that no entity grows.
 */
#pragma once

#include "common/base/base.h"

enum { XLSX_COLUMNS_MAX = 1024, XLSX_CELL_BYTES_MAX = 1024 * 1024 };

struct xlsx;

struct xlsx_row { /* borrowed until the next xlsx_next() */
    const struct rd_str *fields;
    size_t count;     /* up to the last cell that is not empty */
    uint64_t line;    /* the row's number in the sheet */
    const char *what; /* -EBADMSG: why */
    bool is_hidden;   /* by hand, or by a filter */
};

/* `sheet` NULL: the first one that is not hidden, else the first. NULL: ret_what says why, the
 * sheets' names among it. */
struct xlsx *xlsx_open(const char *path, const char *sheet, char ret_what[static 512]);
/* The name of the sheet that is read, how many there are, and the names of all, for a message. */
const char *xlsx_sheet(const struct xlsx *xlsx, size_t *ret_count, const char **ret_names);
/* From now on each row below `header` has the values of cells that are merged over rows, and not
 * only the first of them; reads the sheet once. 0, or -EINVAL with what is wrong. */
RD_MUST_USE int xlsx_fill_merged(struct xlsx *xlsx, uint64_t header, char ret_what[static 512]);
/* How many cells below that row are merged over rows, and the first, "G2:G4": known at the end. */
size_t xlsx_merged(const struct xlsx *xlsx, uint64_t header, const char **ret_first);
void xlsx_close(struct xlsx *xlsx); /* NULL: nothing */
/* 1: a row; 0: the end; -EBADMSG: a bad one, go on; -EIO: the file is damaged, ret_row->what. */
RD_MUST_USE int xlsx_next(struct xlsx *xlsx, struct xlsx_row *ret_row);
/* Whether a file's first bytes are those of a zip file, or of what Excel wrote before 2007 and
 * where it keeps a password. */
bool xlsx_is_zip(struct rd_str head);
bool xlsx_is_old(struct rd_str head);
