/* tools/ctl/report_money.h — money in a table for a spreadsheet: plain numbers, each currency for
 * itself. This tool only. */
#pragma once

#include "common/base/buf.h"
#include "common/wire/pack.h"

enum { CURRENCIES_SHOWN_MAX = 256 };

struct currencies { /* in the order in which they were met; an empty one: it was not told */
    struct rd_str at[CURRENCIES_SHOWN_MAX];
    size_t count;
};

/* Those of a figure's value; what is no money has none. */
void currencies_add(struct currencies *currencies, rd_node value);
/* Those of a figure's row: of its value and of what stands beside it; at least one. A base that
 * was given has no currency of its own: it stands beside the first. */
void currencies_of_row(struct currencies *ret_currencies, rd_node row);
/* The amount in one of them; nothing where there is no value at all. */
void put_amount(struct rd_buf *cell, rd_node value, struct rd_str currency);
/* The same of `key` of a row, for one of currencies_of_row. */
void put_amount_of_row(struct rd_buf *cell, rd_node row, const char *key,
        const struct currencies *currencies, size_t index);
