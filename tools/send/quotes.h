/* tools/send/quotes.h — whether a quote took rows along: a field that a quote opens goes on over
 * line ends, and an export that does not double its quotes (a 40" television) makes of two rows one
 * that is well formed and has the number of fields that it should.
 *
 * It is told by the lines themselves. Where lines of a record are as long as a row, and their cells
 * are written like those of its first line, digits where that has digits, they are rows. Pure. */
#pragma once

#include "common/base/base.h"

/* `raw`: the record as it stands in the file; `fields`: what it was read as, `width` of them. */
bool quotes_took_rows(struct rd_str raw, const struct rd_str *fields, size_t width, char delimiter);
