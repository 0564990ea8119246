/* tools/ctl/report_page.h — a report as one page of HTML to print or mail: no script, nothing from
 * elsewhere, charts as inline SVG. This tool only. */
#pragma once

#include <stdio.h>

#include "common/wire/pack.h"

struct report_page {
    rd_node whole, months, units; /* answers of the desk: of all, by month, by unit */
    bool is_zh;
};
void report_page_print(FILE *out, const struct report_page *page);
