/* tools/backtest/cell.h — a cell of the report and its column's name, for people. This tool only.
 */
#pragma once

#include "common/base/base.h"

enum { CELL_TEXT_MAX = 32 };

/* "%in_time" is "in_time_share", another share's name has no "%". */
const char *cell_name(const char *column);
/* "12.34 %", "1.25" (a lift), "17", "-". */
void cell_text(const char *column, int64_t cell, char ret_text[static CELL_TEXT_MAX]);
