#include "daemon/desk/fields.h"
#include "daemon/store/rows/name_row.h"

/* timer.list: what is armed, in firing order. `after` counts rows of the tables, those too that are
 * not shown: they are passed over without a look at their cases. */
bool timer_list_answer(struct method_call *call)
{
    if (!method_needs_engine(call)) {
        return false;
    }
    rd_time before = param_time(call, "before");
    struct rows rows;
    struct rd_str unit = param_str(call, "unit");
    if (!rows_begin(call, &rows)) {
        return false;
    }
    struct engine_timer_cursor cursor = {0};
    struct engine_timer timer;
    uint64_t next = 0;
    engine_timer_skip(call->engine, &cursor, param_uint(call, "after"));
    uint64_t until = cursor.passed + DESK_SCAN_MAX;
    bool has_ended = false;
    while (engine_timer_next(call->engine, &cursor, until, &timer)) {
        if (before != RD_TIME_NONE && timer.due >= before) {
            has_ended = true;
            break;
        }
        if (!sees_unit(call, timer.unit)) {
            continue;
        }
        if (unit.len > 0 &&
                (timer.unit == 0 || !unit_is_under(name_text(call->view, timer.unit), unit))) {
            continue;
        }
        if (rows_are_full(&rows)) {
            next = cursor.passed - 1;
            break;
        }
        struct fields fields = fields_begin(call->reply);
        field_time(&fields, "due", timer.due);
        if (timer.case_number != 0) {
            field_uint(&fields, "case", timer.case_number);
        }
        field_cstr(&fields, "kind", timer.kind);
        field_uint(&fields, "slot", timer.slot);
        if (timer.name.len > 0) {
            field_str(&fields, "name", timer.name);
        }
        fields_end(&fields);
        rows.count++;
    }
    if (next == 0 && !has_ended && !cursor.has_ended) {
        next = cursor.passed; /* it looked at as many as one question may */
    }
    rows_end(call, &rows, next);
    return true;
}
