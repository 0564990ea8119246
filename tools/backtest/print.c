#include <inttypes.h>
#include <string.h>

#include "tools/backtest/cell.h"
#include "tools/backtest/report.h"
#include "tools/send/csv.h"
#include "tools/shared/json.h"
#include "tools/shared/text.h"

enum { HUNDRED = 100 };

static bool is_share(const char *column)
{
    return column[0] == '%';
}

const char *cell_name(const char *column)
{
    return strcmp(column, "%in_time") == 0 ? "in_time_share"
           : is_share(column)              ? column + 1
                                           : column;
}

void cell_text(const char *column, int64_t cell, char ret_text[static CELL_TEXT_MAX])
{
    if (cell == CELL_NONE) {
        (void)snprintf(ret_text, CELL_TEXT_MAX, "-");
    } else if (strcmp(column, "%lift") == 0) {
        (void)snprintf(ret_text, CELL_TEXT_MAX, "%" PRId64 ".%02" PRId64,
                cell / (HUNDRED * HUNDRED), cell / HUNDRED % HUNDRED);
    } else if (is_share(column)) {
        (void)snprintf(ret_text, CELL_TEXT_MAX, "%" PRId64 ".%02" PRId64 " %%", cell / HUNDRED,
                cell % HUNDRED);
    } else {
        (void)snprintf(ret_text, CELL_TEXT_MAX, "%" PRId64, cell);
    }
}

/* ---- text ---- */

struct widths {
    size_t key, cells[REPORT_COLUMNS_MAX][REPORT_SIDES_MAX];
};

static void measure_widths(
        const struct report *report, const struct report_table *table, struct widths *ret)
{
    *ret = (struct widths){0};
    for (size_t c = 0; c < table->column_count; c++) {
        for (size_t s = 0; s < report->side_count; s++) {
            ret->cells[c][s] = s == 0 ? strlen(cell_name(table->columns[c])) : 0;
        }
    }
    for (size_t i = 0; i < table->row_count; i++) {
        size_t width = width_of(table->rows[i].key);
        ret->key = width > ret->key ? width : ret->key;
        for (size_t c = 0; c < table->column_count; c++) {
            for (size_t s = 0; s < report->side_count; s++) {
                char text[CELL_TEXT_MAX];
                cell_text(table->columns[c], table->rows[i].cells[s][c], text);
                size_t len = strlen(text);
                ret->cells[c][s] = len > ret->cells[c][s] ? len : ret->cells[c][s];
            }
        }
    }
}

static void print_row(const struct report *report, const struct report_table *table,
        const struct report_row *row, const struct widths *widths, FILE *out)
{
    (void)fprintf(out, "  ");
    print_text(out, row->key);
    (void)fprintf(out, "%*s", (int)(widths->key - width_of(row->key)), "");
    for (size_t c = 0; c < table->column_count; c++) {
        for (size_t s = 0; s < report->side_count; s++) {
            char text[CELL_TEXT_MAX];
            cell_text(table->columns[c], row->cells[s][c], text);
            (void)fprintf(out, "%s%*s", s == 0 ? "  " : " | ", (int)widths->cells[c][s], text);
        }
    }
    (void)fprintf(out, "\n");
}

static void print_table(const struct report *report, const struct report_table *table, FILE *out)
{
    struct widths widths;
    measure_widths(report, table, &widths);
    (void)fprintf(out, "\n%s\n  %*s", table->title, (int)widths.key, "");
    for (size_t c = 0; c < table->column_count; c++) {
        size_t width = widths.cells[c][0];
        for (size_t s = 1; s < report->side_count; s++) {
            width += 3 + widths.cells[c][s];
        }
        (void)fprintf(out, "  %*s", (int)width, cell_name(table->columns[c]));
    }
    (void)fprintf(out, "\n");
    for (size_t i = 0; i < table->row_count; i++) {
        print_row(report, table, &table->rows[i], &widths, out);
    }
}

void report_print_text(const struct report *report, FILE *out)
{
    char from[RD_TIME_TEXT_MAX] = "-", to[RD_TIME_TEXT_MAX] = "-";
    if (report->from != RD_TIME_NONE) {
        rd_time_format(report->from, from);
        rd_time_format(report->to, to);
    }
    (void)fprintf(out, "Events from %s to %s\n", from, to);
    for (size_t s = 0; s < report->side_count; s++) {
        const char *side = report->side_count == 1 ? "Configuration" : s == 0 ? "Left" : "Right";
        (void)fprintf(out, "%s: %s\n", side, report->names[s]);
    }
    for (size_t i = 0; i < report->table_count; i++) {
        if (report->tables[i].row_count > 0) {
            print_table(report, &report->tables[i], out);
        }
    }
}

/* ---- JSON ---- */

static json_t *json_cell(int64_t cell)
{
    return cell == CELL_NONE ? json_null() : json_integer((json_int_t)cell);
}

static json_t *json_row(
        const struct report *report, const struct report_table *table, const struct report_row *row)
{
    json_t *object = json_object();
    for (size_t c = 0; c < table->column_count; c++) {
        json_t *value = json_cell(row->cells[0][c]);
        if (report->side_count == 2) {
            value = json_pack("[o,o]", value, json_cell(row->cells[1][c]));
        }
        (void)json_object_set_new(object, cell_name(table->columns[c]), value);
    }
    return object;
}

void report_print_json(const struct report *report, FILE *out)
{
    json_t *root = json_object(), *names = json_array();
    for (size_t s = 0; s < report->side_count; s++) {
        (void)json_array_append_new(names, json_string(report->names[s]));
    }
    (void)json_object_set_new(root, "configurations", names);
    const rd_time times[] = {report->from, report->to};
    for (size_t i = 0; i < RD_COUNT(times); i++) {
        char text[RD_TIME_TEXT_MAX] = "";
        if (times[i] != RD_TIME_NONE) {
            rd_time_format(times[i], text);
        }
        (void)json_object_set_new(root, i == 0 ? "from" : "to",
                times[i] != RD_TIME_NONE ? json_string(text) : json_null());
    }
    for (size_t i = 0; i < report->table_count; i++) {
        const struct report_table *table = &report->tables[i];
        json_t *object = json_object();
        for (size_t k = 0; k < table->row_count; k++) {
            struct rd_str key = table->rows[k].key;
            while (key.len > 1 && key.ptr[0] == ' ') {
                key = (struct rd_str){key.ptr + 1, key.len - 1};
            }
            (void)json_object_setn_new(
                    object, key.ptr, key.len, json_row(report, table, &table->rows[k]));
        }
        (void)json_object_set_new(root, table->name, object);
    }
    json_print(out, root, true);
}

/* ---- CSV ---- */

void report_print_csv(const struct report *report, FILE *out)
{
    struct rd_buf line;
    rd_buf_init(&line, 64 * 1024);
    (void)fprintf(out,
            report->side_count == 2 ? "table,key,figure,left,right\n" : "table,key,figure,value\n");
    for (size_t i = 0; i < report->table_count; i++) {
        const struct report_table *table = &report->tables[i];
        for (size_t k = 0; k < table->row_count * table->column_count; k++) {
            const struct report_row *row = &table->rows[k / table->column_count];
            size_t c = k % table->column_count;
            rd_buf_reset(&line);
            csv_put_field(&line, row->key, ',');
            (void)fprintf(out, "%s,%.*s,%s", table->name, RD_FMT(rd_buf_str(&line)),
                    cell_name(table->columns[c]));
            for (size_t s = 0; s < report->side_count; s++) {
                if (row->cells[s][c] == CELL_NONE) {
                    (void)fprintf(out, ",");
                } else {
                    (void)fprintf(out, ",%" PRId64, row->cells[s][c]);
                }
            }
            (void)fprintf(out, "\n");
        }
    }
    rd_buf_done(&line);
}
