/* tools/send/amount.h — cells of a spreadsheet that are numbers, as people and Excel write them.
 *
 *   "5,000.50"  "5 000,50"  "¥5000"  "5000元"  "(5,000.00)"  "67.0"  "３万元"  "1.5E+3"
 *
 * Pure. */
#pragma once

#include "common/base/num.h"

/* Without blanks around, NBSP and those of full width included, and without what Excel puts around
 * a text that looks like a number: ="00123", '00123. Borrowed from `cell`. */
struct rd_str amount_trim(struct rd_str cell);

/* A sum as redress has it: digits, at most two places. `unit` is what its column counts in, such as
 * "万元", for a cell that has none behind its number; empty: it says nothing. 0; -EINVAL: no sum;
 * -ERANGE: more places, or too large; -EDOM: "5.000" may be five or five thousand. */
RD_MUST_USE int amount_parse(
        struct rd_str cell, struct rd_str unit, char ret_text[static RD_MONEY_TEXT_MAX]);
/* Whether it is one that a column may count in: 千元, 万, 百万元 … */
bool amount_is_unit(struct rd_str unit);
/* The one that a column's name has in it, "金额（万元）"; empty: none. Borrowed from `name`. */
struct rd_str amount_unit_in(struct rd_str name);
/* A whole number: "67", "67.0", "1,204", "67岁". Errors as above. */
RD_MUST_USE int amount_parse_whole(struct rd_str cell, int64_t *ret_value);
/* "1.39E+10": a number that lost its last digits when it became text. */
bool amount_has_lost_digits(struct rd_str cell);
