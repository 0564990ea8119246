/* tools/send/xlsx_book.h — what a workbook says before its rows: sheets, texts, styles. For xlsx.c.
 */
#pragma once

#include <expat.h>
#include <zip.h>

#include "common/base/arena.h"
#include "common/base/buf.h"

/* From STYLE_UNIT on: a number behind which the format writes a unit, xlsx_unit(). */
enum xlsx_style { STYLE_NUMBER, STYLE_DATE, STYLE_TIME, STYLE_PERCENT, STYLE_UNIT };

struct xlsx_book {
    zip_t *zip;
    struct rd_arena arena;
    struct rd_str *texts; /* shared strings */
    size_t text_count, text_room;
    uint8_t *styles; /* enum xlsx_style, by a cell's `s` */
    size_t style_count, style_room;
    bool is_1904;
    bool is_to_calculate; /* its values are not those of its formulas until it was opened */
    char sheet[256];      /* the part that the wanted sheet is in */
    char title[256];      /* its name; Excel allows 31 characters */
    size_t sheet_count;
    char names[300]; /* of the sheets, for a message */
    bool has_more_names;
};

/* Reads all but the rows. 0, or -EINVAL with what is wrong. */
RD_MUST_USE int xlsx_book_read(
        struct xlsx_book *book, const char *sheet, char ret_what[static 512]);
void xlsx_book_done(struct xlsx_book *book);

/* A part of the zip through a parser with the handlers of `parser`. 0, -ENOENT, -EINVAL. */
RD_MUST_USE int xlsx_part_read(struct xlsx_book *book, const char *name, XML_Parser parser);
/* The name without its namespace; whether an element or attribute has it. */
bool xlsx_is(const char *name, const char *wanted);
const char *xlsx_attribute(const char **attributes, const char *name); /* NULL: it has none */
/* A whole number that is there; 0 where it is none. */
uint64_t xlsx_number(const char *text);
const char *xlsx_unit(enum xlsx_style style); /* "万元"; "" where it has none */
/* "BC12" → 54; XLSX_COLUMNS_MAX or more where there is no such name. */
size_t xlsx_column(const char *name);
/* Appends a text without the escapes of Excel: "_x000D_" is a carriage return. */
void xlsx_put_text(struct rd_buf *buf, struct rd_str text);
XML_Parser xlsx_parser_new(void *context); /* refuses document types */
