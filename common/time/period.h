/* common/time/period.h — stretches of days that reports are of, as people write them.
 *
 *   2021   2021-H1   2021-Q3   2021-09   2021-W36 (of ISO 8601)   2021-09-08
 *
 * Pure. Source: redress.yaml(5), "figures". */
#pragma once

#include "common/time/civil.h"

struct rd_period {
    rd_day first, last; /* both belong to it */
};

enum { RD_PERIOD_TEXT_MAX = 40 };

/* All of `text`. 0, or -EINVAL (not the grammar), -ERANGE (there is no such). */
RD_MUST_USE int rd_period_parse(struct rd_str text, struct rd_period *ret_period);
/* Its name in that grammar, the widest; else "2021-03-05..2021-04-17". */
void rd_period_format(struct rd_period period, char ret_text[static RD_PERIOD_TEXT_MAX]);
/* The stretch before it: as many months where it is whole months, else as many days. */
struct rd_period rd_period_before(struct rd_period period);
/* The same a year before; 29 February is the 28th there. */
struct rd_period rd_period_year_before(struct rd_period period);
/* Whole months: how many; 0: it is none. */
int32_t rd_period_months(struct rd_period period);
rd_day rd_month_first(int32_t month); /* year × 12 + month − 1 */
int32_t rd_month_of(rd_day day);
