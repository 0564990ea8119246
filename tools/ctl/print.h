/* tools/ctl/print.h — answers as text for people, or as JSON. */
#pragma once

#include <stdio.h>

#include "common/pack.h"

struct print_style {
    bool has_colour;
};
struct print_style print_style_of(FILE *out); /* colour on a terminal, NO_COLOR heeded */

/* Rows in aligned columns. `columns`: keys with a space between; NULL: all scalar keys there are.
 */
void print_table(FILE *out, struct print_style style, rd_node rows, const char *columns);
/* A text without what a terminal would obey. */
void print_safely(FILE *out, struct rd_str text);
/* A map: a line a key, maps within it indented, arrays of maps as tables. `as_of` is left out. */
void print_map(FILE *out, struct print_style style, rd_node map);

/* explain.c: an answer of the desk's `explain`, times at the offset of the clock's calendar. */
void print_explained(FILE *out, rd_node result);

/* json.c: one line. Times as RFC 3339 in UTC, bytes as hex. */
void print_json(FILE *out, rd_node node);
/* JSON text as MessagePack. False: `room` says why. */
bool json_to_pack(struct rd_str text, struct rd_buf *buf, char room[static 256]);
