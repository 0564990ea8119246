#include "daemon/desk/fields.h"
#include "daemon/store/rows/index_row.h"
#include "daemon/store/rows/name_row.h"
#include "daemon/store/rows/screened_row.h"

/* contract.list: the last screening of each contract. `after` counts rows of the table. */

static bool is_wanted(struct method_call *call, const struct screened_row *row)
{
    struct rd_str unit = param_str(call, "unit");
    struct rd_str path = row->unit != 0 ? name_text(call->view, row->unit) : (struct rd_str){0};
    return sees_unit(call, row->unit) && (unit.len == 0 || unit_is_under(path, unit)) &&
           (!param_has(call, "round") || rd_str_eq(row->round, param_str(call, "round"))) &&
           (!param_has(call, "risk") || rd_str_eq(row->risk, param_str(call, "risk"))) &&
           (!param_has(call, "cleared") ||
                   param_bool(call, "cleared") == (row->cleared != RD_TIME_NONE));
}

static void pack_contract(
        struct method_call *call, struct rd_str contract, const struct screened_row *row)
{
    struct rd_str duty = rd_arena_printf(call->arena, "%.*s/%.*s/%.*s",
            RD_FMT(call->plan->screening.duty), RD_FMT(row->round), RD_FMT(contract));
    uint64_t number = subject_find(call->view, duty);
    struct fields fields = fields_begin(call->reply);
    struct rd_hidden hidden = {.what = rights_hidden(&call->rights)};
    field_str(&fields, "contract", shown_text(call, RD_KEY_CONTRACT, contract, &hidden));
    field_str(&fields, "risk", row->risk);
    if (row->round.len > 0) {
        field_str(&fields, "round", row->round);
    }
    if (row->unit != 0) {
        field_str(&fields, "unit", name_text(call->view, row->unit));
    }
    field_time(&fields, "screened", row->time);
    field_time(&fields, "cleared", row->cleared);
    if (number != 0) {
        field_uint(&fields, "case", number);
    }
    fields_end(&fields);
}

bool contract_list_answer(struct method_call *call)
{
    struct rows rows;
    if (!rows_begin(call, &rows)) {
        return false;
    }
    uint64_t after = param_uint(call, "after"), passed = 0, next = 0;
    struct store_scan scan;
    struct rd_str key, value;
    store_scan_begin(&scan, call->view, STORE_SCREENED, (struct rd_str){0});
    while (store_scan_next(&scan, &key, &value)) {
        struct screened_row row;
        if (rows_are_full(&rows) || passed >= after + DESK_SCAN_MAX) {
            next = passed;
            break;
        }
        passed++;
        rd_arena_reset(call->arena);
        struct rd_str contract = rd_arena_dup(call->arena, key);
        if (passed > after && screened_row_get(call->view, contract, &row)) {
            row.risk = rd_arena_dup(call->arena, row.risk);
            row.round = rd_arena_dup(call->arena, row.round);
            if (is_wanted(call, &row)) {
                pack_contract(call, contract, &row);
                rows.count++;
            }
        }
    }
    store_scan_end(&scan);
    rows_end(call, &rows, next);
    return true;
}
