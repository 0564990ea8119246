/* tools/send/xlsx_merge.h — cells of a sheet that are merged over several rows. Only the first of
 * them has a value in the file; a reader of the sheet takes it for that of each row. */
#pragma once

#include "common/base/base.h"

enum { XLSX_MERGES_MAX = 65536 };

struct xlsx_merges;

struct xlsx_merges *xlsx_merges_new(void);
void xlsx_merges_free(struct xlsx_merges *merges); /* NULL: nothing */
/* `range` as it stands in the file, "G2:G4"; one of a single row is passed over. False: there are
 * more than XLSX_MERGES_MAX. */
bool xlsx_merges_add(struct xlsx_merges *merges, const char *range);
/* How many begin below that row, and the first of them that was added. */
size_t xlsx_merges_below(const struct xlsx_merges *merges, uint64_t line, const char **ret_first);
/* Of a row, called with rows that grow: keeps the values of those that begin there, and gives the
 * row, if it says anything itself, those that go on, in their first column. `is_bad`: the row's
 * values are none. Grows *count. False: one of those that go on has no value that can be read. */
bool xlsx_merges_fill(struct xlsx_merges *merges, uint64_t line, bool is_bad, struct rd_str *fields,
        size_t *count);
