/* daemon/desk/report.h — the report's parts. This room only. */
#pragma once

#include "daemon/desk/fields.h"
#include "daemon/desk/figure.h"
#include "daemon/desk/tally.h"
#include "daemon/store/rows/counted_row.h"

/* The span, the unit and the grouping that are asked for. False: error set. */
bool report_question(struct method_call *call, struct tally_question *ret_question,
        struct rd_period *ret_period);
/* Whether the figures that a parameter names are there. False: error set. */
bool report_check_figures(struct method_call *call, const char *key);
bool report_is_asked(const struct method_call *call, const struct rd_figure *figure);
bool report_is_chinese(const struct method_call *call);
/* from, to, period, unit. */
void report_pack_head(
        struct fields *fields, const struct tally_question *question, struct rd_period period);
void report_field_value(struct method_call *call, struct fields *fields, const char *key,
        const struct rd_figure *figure, const struct figure_value *value);

/* What a case counts for in a figure's terms: in a span, of one group where `has_group`. */
struct report_cell {
    const struct tally_question *question;
    struct rd_period period;
    const struct rd_figure *figure;
    const struct rd_figure_term *terms; /* its top or bottom */
    uint64_t group;
    bool has_group;
};
struct report_part {
    int64_t sum;  /* hundredths of money */
    rd_day day;   /* when last */
    uint64_t sub; /* of money its currency: a case is decided, and settled, in one */
};
/* False: nothing. */
bool report_counts(const struct report_cell *cell, const struct counted_row *row,
        struct report_part *ret_part);
/* The cases behind a figure: param `cases`, and `group` where it is one group's. */
bool report_cases(const struct tally_question *question, struct rd_period period);
