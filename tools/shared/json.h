/* tools/shared/json.h — MessagePack as JSON and back (jansson).
 *
 * A time becomes RFC 3339 text in UTC, bytes become hex text, an extension null; bytes under the
 * keys `event` and `body` that pack a map become that map. Keys keep their order. Back: a number
 * with a fraction has no place in the protocol and is refused. */
#pragma once

#include <stdio.h>

#include <jansson.h>

#include "common/wire/pack.h"

json_t *json_of_node(rd_node node); /* a new reference; never NULL */
/* -EINVAL: a real, or deeper than RD_PACK_DEPTH_MAX; ret_what says which. */
RD_MUST_USE int json_pack_value(struct rd_buf *buf, const json_t *value, const char **ret_what);
/* One line, or indented; takes the reference. */
void json_print(FILE *out, json_t *value, bool is_indented);
bool json_has_printed(void);           /* something went to standard output by json_print() */
json_t *json_text(struct rd_str text); /* what is no UTF-8 becomes null */
/* The whole of a file, at most `limit` bytes; NULL: the error was printed, with file and line. */
json_t *json_read_file(const char *path, size_t limit);
/* The same of a text that is there. */
json_t *json_read_text(const char *name, struct rd_str text);
void json_freep(json_t **value); /* for RD_CLEANUP */
