/* tools/shared/table.h — an answer as text for people.
 *
 * On a terminal nothing is wider than it: times lose their seconds and offset, then of the columns
 * marked "?" the empty ones go, then times that are like others, then from the right until the
 * long texts have 20 columns; then these are cut with "…". What is left out is told on standard
 * error, but for empty ones. Where even that is too wide each row is a block of lines, a column a
 * line, and nothing is left out. Elsewhere nothing is cut.
 *
 * In Chinese (style.is_zh) keys and codes are words (words.h), and the name of a clock or a policy
 * stands instead of its code. */
#pragma once

#include "common/wire/pack.h"
#include "tools/shared/text.h"
#include "tools/shared/words.h"

/* Rows in aligned columns. `columns`: keys with a space between, "?key" one that may be left out;
 * NULL: all keys that hold no map, as they come. */
void print_table(FILE *out, struct style style, rd_node rows, const char *columns);
/* A map: a line a key, maps within it indented, arrays of maps as tables. `as_of` is left out. */
void print_map(FILE *out, struct style style, rd_node map);
/* A node in one line: "a, b", "code=x points=5", a time in the local zone with its offset. */
struct cell {
    struct word_place place;
    bool is_short; /* times to the minute, without an offset */
    bool is_zh;    /* codes, keys, yes and no in Chinese */
    bool is_own;   /* a firm's own attributes: their keys and texts stand as they are */
};
void put_inline(struct rd_buf *text, const struct cell *cell, rd_node node);
const char *colour_of(rd_node value); /* of a code, for a terminal; NULL: none */
/* A text behind `indent` columns that the caller has filled, broken at spaces into lines that fit,
 * with a newline. */
void print_wrapped(FILE *out, struct style style, struct rd_str text, size_t indent);
