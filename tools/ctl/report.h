/* tools/ctl/report.h — how a report and its figures' values are written. This tool only. */
#pragma once

#include <stdio.h>

#include "common/wire/pack.h"
#include "tools/ctl/ctl.h"

enum cell_form {
    CELL_FOR_PEOPLE, /* 1,033 · 22.0 % · 29,730,000.00 CNY · 3h 20m */
    CELL_PLAIN,      /* 1033 · 0.2197 · 29730000.00 · seconds: for a spreadsheet */
};

/* A value by its measure ("count", "share", …); "–" where there is none, or nothing in a plain
 * one. `is_zh`: words in Chinese. */
void put_figure(
        struct rd_buf *cell, struct rd_str measure, rd_node value, enum cell_form form, bool is_zh);
/* What was given, decimal text, in a figure's measure: of a share in 1/10,000, of a span in
 * seconds, else as it is. */
void put_given(
        struct rd_buf *cell, struct rd_str measure, rd_node value, enum cell_form form, bool is_zh);
/* What may be given for a figure: a column where there is any. */
enum { GIVEN_COUNT = 5 };
struct given_column {
    const char *key;
    const char *heads[2]; /* in English and Chinese */
    unsigned order;       /* for want of room the greatest goes first */
    bool is_plain;        /* a number of its own, not in the figure's measure */
};
extern const struct given_column GIVEN_COLUMNS[GIVEN_COUNT];
/* Of that column, in one of `figures`. */
bool is_any_given(rd_node figures, const struct given_column *column);
/* That one of a figure's row. */
void put_given_of(struct rd_buf *cell, rd_node row, const struct given_column *column,
        enum cell_form form, bool is_zh);
/* Nothing was counted, before neither, and nothing was given. */
bool is_nothing_told(rd_node row);
/* What a unit's row is marked with, in words; `figures`: of the answer, for their names. */
void put_marks(struct rd_buf *cell, rd_node row, rd_node figures, bool is_zh);
/* A change on a base: "+191.0 %"; of a share, in points: "+1.3". */
void put_change(struct rd_buf *cell, struct rd_str measure, rd_node value, enum cell_form form);
/* ▁▂▃▅▇ of numbers; those that are not there are blank. */
void put_sparkline(struct rd_buf *cell, const rd_node *values, size_t count);

/* report_view.c: an answer of the desk's `report` on standard output, as --csv and the rest say;
 * and one of its `cases`. */
void report_print(struct ctl *ctl, rd_node result, bool is_zh);
void report_print_cases(struct ctl *ctl, rd_node result, bool is_zh);
/* One page of them; the first one has the headings. */
void report_print_cases_csv(struct ctl *ctl, rd_node result, bool is_first, bool is_zh);
/* restated.c: an answer to `restated`. With --csv its cases alone. */
void restated_print(struct ctl *ctl, rd_node result, bool is_zh);
