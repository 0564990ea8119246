/* daemon/config/check.h — what was written, held against the schema: the same tree in the order of
 * the language, values in one canonical form, every default in place, files named by FILE_MAP rows
 * read. Mistakes go to the load; a bad value stays as it was written. Internal to the room. */
#pragma once

#include "daemon/config/load.h"
#include "daemon/config/schema.h"

/* `root` is a map. */
struct config_node *config_check(struct config_load *load, const struct config_node *root);
/* The same of one key of it alone, the others left out and not looked at; a map in any case. */
struct config_node *config_check_only(
        struct config_load *load, const struct config_node *root, const char *key);

/* What a key of that row is where nobody wrote it, in a map at `parent`; the row has a default. */
struct config_node *config_default(struct config_load *load, const struct config_row *row,
        const char *key, const struct config_node *parent);

/* One scalar of a row's type, in canonical form; NULL after a fault. (value.c) */
struct config_node *config_check_scalar(
        struct config_load *load, const struct config_row *row, const struct config_node *node);

/* A name of something, or a place: the types from ATTRIBUTE on. (word.c) */
struct config_node *config_check_word(
        struct config_load *load, const struct config_row *row, const struct config_node *node);

typedef struct config_node *config_value_fn(
        struct config_load *load, const struct config_row *row, const struct config_node *node);

/* As much of a value as a message quotes; for "%.*s". */
#define CONFIG_QUOTED(text)                                                                        \
    (int)((text).len < 80 ? (text).len : 80), (text).len > 0 ? (text).ptr : ""

bool config_is_name(struct rd_str text); /* CONFIG_T_NAME */
/* µs of a span in canonical form ("35d"); 0 for the empty text. */
int64_t config_span_us(struct rd_str text);
