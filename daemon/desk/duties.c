#include <stdlib.h>

#include "daemon/desk/duty_state.h"
#include "daemon/desk/fields.h"
#include "daemon/store/rows/name_row.h"

/* duty.list: what units owe, by case a slice at a time; counted after a look at all of them. */

enum { DUTIES_MAX = 500 * 1000, ITEMS_FIRST = 1024 };

/* ---- which are asked for ---- */

/* A duty that was opened without a period is looked for under the year that it is due in, as its
 * subject says. */
static struct rd_str period_of(struct method_call *call, const struct duty_row *row)
{
    rd_day day = row->period.len == 0 ? duty_last_day(call, row) : RD_DAY_NONE;
    return day != RD_DAY_NONE ? rd_arena_printf(call->arena, "%d", rd_date_of(day).year)
                              : row->period;
}

static bool is_wanted(struct method_call *call, const struct duty_row *row, enum duty_state state)
{
    struct rd_str unit = param_str(call, "unit");
    bool is_open = state == DUTY_OWED || state == DUTY_OVERDUE;
    return (sees_unit(call, row->unit) || sees_unit(call, row->respondent)) &&
           (unit.len == 0 || unit_is_under(name_text(call->view, row->unit), unit)) &&
           (!param_has(call, "duty") || rd_str_eq(row->duty, param_str(call, "duty"))) &&
           (!param_has(call, "period") ||
                   rd_str_eq(period_of(call, row), param_str(call, "period"))) &&
           (!param_has(call, "state") ||
                   rd_str_is(param_str(call, "state"), duty_state_name(state))) &&
           (!param_has(call, "open") || param_bool(call, "open") == is_open);
}

/* ---- by case ---- */

static void pack_texts(struct method_call *call, struct fields *fields, uint64_t number)
{
    struct attribute_row attributes;
    if (attribute_row_get(call->view, number, call->arena, &attributes)) {
        struct rd_hidden hidden = hidden_of(call, &attributes);
        field_str(fields, "subject", shown_subject(call, &attributes));
        struct rd_str title =
                shown_text(call, RD_KEY_TITLE, attribute_text(&attributes, RD_KEY_TITLE), &hidden);
        struct rd_str cause =
                shown_text(call, RD_KEY_CAUSE, attribute_text(&attributes, RD_KEY_CAUSE), &hidden);
        if (title.len > 0) {
            field_str(fields, "title", title);
        }
        if (cause.len > 0) {
            field_str(fields, "cause", cause);
        }
    }
}

static void pack_duty(struct method_call *call, uint64_t number, const struct duty_row *row,
        enum duty_state state)
{
    struct fields fields = fields_begin(call->reply);
    rd_time due = duty_due(call, row);
    field_uint(&fields, "case", number);
    pack_texts(call, &fields, number);
    field_str(&fields, "duty", row->duty);
    field_str(&fields, "unit", name_text(call->view, row->unit));
    if (row->period.len > 0) {
        field_str(&fields, "period", row->period);
    }
    field_cstr(&fields, "state", duty_state_name(state));
    field_time(&fields, "opened", row->opened);
    field_time(&fields, "due", due);
    if (due != RD_TIME_NONE) {
        char day[RD_DATE_TEXT_MAX];
        rd_day_format(duty_last_day(call, row), day);
        field_cstr(&fields, "last_day", day);
    }
    field_time(&fields, "decided", row->decided);
    field_time(&fields, "closed", row->closed);
    if (row->is_counted) {
        field_uint(&fields, "done", row->done);
        field_uint(&fields, "total", row->total);
    }
    fields_end(&fields);
}

/* The row's texts live as long as the call's arena is not reset. */
static struct duty_row keep(struct method_call *call, struct rd_str value)
{
    struct duty_row row = duty_row_read(value);
    row.duty = rd_arena_dup(call->arena, row.duty);
    row.period = rd_arena_dup(call->arena, row.period);
    return row;
}

static void list_plain(struct method_call *call, struct rows *rows)
{
    uint64_t last = param_uint(call, "after"), next = 0;
    struct row_key from = duty_row_key_after(last);
    struct store_scan scan;
    struct rd_str key, value;
    store_scan_begin(&scan, call->view, STORE_DUTIES, row_key_str(&from));
    for (uint32_t looked = 0; store_scan_next(&scan, &key, &value); looked++) {
        if (rows_are_full(rows) || looked == DESK_SCAN_MAX) {
            next = last;
            break;
        }
        last = row_key_read_u64(key, 0);
        rd_arena_reset(call->arena);
        struct duty_row row = keep(call, value);
        enum duty_state state = duty_state_of(call, &row);
        if (is_wanted(call, &row, state)) {
            pack_duty(call, last, &row, state);
            rows->count++;
        }
    }
    store_scan_end(&scan);
    rows_end(call, rows, next);
}

/* ---- counted ---- */

struct item {
    struct rd_str name;
    enum duty_state state;
    uint64_t done, total;
};
struct items {
    struct item *at;
    size_t count, room;
};

static void add_item(struct method_call *call, struct items *items, const struct item *item)
{
    if (items->count == items->room) {
        size_t room = items->room > 0 ? items->room * 2 : ITEMS_FIRST;
        struct item *at = RD_ARENA_ARRAY(call->arena, struct item, room);
        for (size_t i = 0; i < items->count; i++) {
            at[i] = items->at[i];
        }
        items->at = at;
        items->room = room;
    }
    items->at[items->count++] = *item;
}

/* False: error set. */
static bool gather(struct method_call *call, struct items *items, struct rd_str by)
{
    struct store_scan scan;
    struct rd_str key, value;
    uint32_t looked = 0;
    store_scan_begin(&scan, call->view, STORE_DUTIES, (struct rd_str){0});
    while (store_scan_next(&scan, &key, &value) && looked <= DUTIES_MAX) {
        looked++;
        struct duty_row row = duty_row_read(value);
        enum duty_state state = duty_state_of(call, &row);
        if (is_wanted(call, &row, state)) {
            struct rd_str name = rd_str_is(by, "unit")   ? name_text(call->view, row.unit)
                                 : rd_str_is(by, "duty") ? row.duty
                                                         : period_of(call, &row);
            add_item(call, items,
                    &(struct item){.name = rd_arena_dup(call->arena, name),
                            .state = state,
                            .done = !row.is_counted        ? 0
                                    : row.done < row.total ? row.done
                                                           : row.total,
                            .total = row.total});
        }
    }
    store_scan_end(&scan);
    return looked <= DUTIES_MAX ||
           method_fail(call, "bad_params", "more than %d duties to count", DUTIES_MAX);
}

static int by_name(const void *a, const void *b)
{
    return rd_str_cmp(((const struct item *)a)->name, ((const struct item *)b)->name);
}

static void pack_count(
        struct method_call *call, const char *key, const struct item *items, size_t count)
{
    uint64_t states[DUTY_STATES] = {0}, done = 0, total = 0;
    for (size_t i = 0; i < count; i++) {
        states[items[i].state]++;
        done += items[i].done;
        total += items[i].total;
    }
    struct fields fields = fields_begin(call->reply);
    field_str(&fields, key, items[0].name);
    field_uint(&fields, "duties", count);
    for (enum duty_state state = DUTY_OWED; state < DUTY_STATES; state++) {
        field_uint(&fields, duty_state_name(state), states[state]);
    }
    if (total > 0) {
        field_uint(&fields, "covered", done);
        field_uint(&fields, "of", total);
    }
    fields_end(&fields);
}

static void list_counts(
        struct method_call *call, struct rows *rows, struct items *items, const char *key)
{
    uint64_t after = param_uint(call, "after"), passed = 0, next = 0;
    if (items->count > 0) {
        qsort(items->at, items->count, sizeof *items->at, by_name);
    }
    for (size_t i = 0; i < items->count && next == 0;) {
        size_t first = i;
        while (i < items->count && rd_str_eq(items->at[i].name, items->at[first].name)) {
            i++;
        }
        if (passed++ < after) {
            continue;
        }
        if (rows_are_full(rows)) {
            next = passed - 1;
            break;
        }
        pack_count(call, key, &items->at[first], i - first);
        rows->count++;
    }
    rows_end(call, rows, next);
}

bool duty_list_answer(struct method_call *call)
{
    struct rd_str by = param_str(call, "count_by");
    const char *key = rd_str_is(by, "unit") ? "unit" : rd_str_is(by, "duty") ? "duty" : "period";
    struct items items = {0};
    struct rows rows;
    if ((by.len > 0 && !gather(call, &items, by)) || !rows_begin(call, &rows)) {
        return false;
    }
    if (by.len > 0) {
        list_counts(call, &rows, &items, key);
    } else {
        list_plain(call, &rows);
    }
    return true;
}
