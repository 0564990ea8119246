/* tools/backtest/report.h — what runs counted, as tables of integers; of two runs side by side.
 *
 * A table has a key and columns; a cell is a count, a share in 1/10,000, or nothing. Rows stand in
 * the order of the first run, or of their keys. Printed as text, JSON or CSV: the same counts, the
 * same bytes. */
#pragma once

#include <stdio.h>

#include "tools/backtest/run.h"

enum { REPORT_COLUMNS_MAX = 12, REPORT_TABLES_MAX = 24, REPORT_SIDES_MAX = 2 };

#define CELL_NONE INT64_MIN

struct report_row {
    struct rd_str key;
    int64_t cells[REPORT_SIDES_MAX][REPORT_COLUMNS_MAX];
};
struct report_table {
    const char *name;           /* "alerts": in JSON and CSV */
    const char *title;          /* for people */
    const char *const *columns; /* those that begin with "%" are shares */
    size_t column_count;
    struct report_row *rows;
    size_t row_count, row_room;
};
struct report {
    struct rd_arena arena;
    const char *names[REPORT_SIDES_MAX]; /* of the configurations */
    size_t side_count;
    struct report_table tables[REPORT_TABLES_MAX];
    size_t table_count;
    /* Alerts and events by the day of the week, from Monday, and the hour of the unit's day. */
    uint64_t week_events[REPORT_SIDES_MAX][RUN_DAYS][RUN_HOURS];
    uint64_t week_alerts[REPORT_SIDES_MAX][RUN_DAYS][RUN_HOURS];
    rd_time from, to; /* of the events; RD_TIME_NONE: there are none */
};

void report_begin(struct report *report, const struct history *history);
void report_done(struct report *report);
/* The next side: what this run counted. */
void report_add(struct report *report, const char *name, const struct history *history,
        const struct run *run);

void report_print_text(const struct report *report, FILE *out);
void report_print_json(const struct report *report, FILE *out);
void report_print_csv(const struct report *report, FILE *out);
/* page.c: as one page of HTML. */
void report_print_page(const struct report *report, FILE *out, bool is_zh);
