/* daemon/desk/report.h — the report's parts. This room only. */
#pragma once

#include "daemon/desk/tally.h"

/* The span, the unit and the grouping that are asked for. False: error set. */
bool report_question(struct method_call *call, struct tally_question *ret_question,
        struct rd_period *ret_period);
/* The cases behind a figure: param `cases`, and `group` where it is one group's. */
bool report_cases(const struct tally_question *question, struct rd_period period);
