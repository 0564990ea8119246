/* tools/send/lookup.h — a table of text → text from a CSV file of two columns (a header, then rows;
 * further columns are not looked at). */
#pragma once

#include "common/base/arena.h"

enum { LOOKUP_ROWS_MAX = 1000000 };

struct lookup;
/* Reads the whole file; NULL: the error was printed. Texts in the arena. A key twice is an
 * error. */
struct lookup *lookup_read(const char *path, struct rd_arena *arena);
/* One made piece by piece: texts are borrowed; sorted before it is asked. */
struct lookup *lookup_new(void);
void lookup_add(struct lookup *lookup, struct rd_str key, struct rd_str value);
void lookup_sort(struct lookup *lookup);
void lookup_free(struct lookup *lookup); /* NULL: nothing */
bool lookup_find(const struct lookup *lookup, struct rd_str key, struct rd_str *ret_value);
