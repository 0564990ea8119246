/* tools/ctl/top_cells.h — the cells of a line of `redressctl top`: each with a space behind it. */
#pragma once

#include "common/base/buf.h"
#include "common/time/utime.h"
#include "common/wire/pack.h"

/* Empty where the row has no such text. */
struct rd_str text_of(rd_node row, const char *key);
/* What people call the unit of a row: where several bear the name, with the one above. */
struct rd_str unit_of(rd_node row);

void put_padded(struct rd_buf *line, struct rd_str text, size_t width);
/* From `since` to `now`, in hours and minutes or days; never less than nothing. */
void put_span(struct rd_buf *line, rd_time now, rd_time since);
void put_clock_time(struct rd_buf *line, rd_node node);
/* The same of a due: midnight as the end of the day before. */
void put_due(struct rd_buf *line, rd_node node);
