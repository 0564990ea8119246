#include "daemon/desk/fields.h"
#include "daemon/desk/holders.h"
#include "daemon/engine/duties.h"
#include "daemon/store/rows/index_row.h"
#include "daemon/store/rows/name_row.h"
#include "daemon/store/rows/screened_row.h"

/* contract.list: the last screening of each contract. `after` counts rows of the table. */

static bool is_wanted(struct method_call *call, uint32_t holder, const struct screened_row *row)
{
    struct rd_str unit = param_str(call, "unit");
    return sees_unit(call, holder) &&
           (unit.len == 0 || unit_is_under(name_text(call->view, holder), unit)) &&
           (!param_has(call, "round") || rd_str_eq(row->round, param_str(call, "round"))) &&
           (!param_has(call, "risk") || rd_str_eq(row->risk, param_str(call, "risk"))) &&
           (!param_has(call, "cleared") ||
                   param_bool(call, "cleared") == (row->cleared != RD_TIME_NONE));
}

static void pack_contract(struct method_call *call, struct rd_str contract, uint32_t holder,
        const struct screened_row *row)
{
    struct rd_str duty = duty_screening_subject(call->arena, call->plan, row->round, contract);
    uint64_t number = subject_find(call->view, duty);
    struct fields fields = fields_begin(call->reply);
    struct rd_hidden hidden = {.what = rights_hidden(&call->rights)};
    field_str(&fields, "contract", shown_text(call, RD_KEY_CONTRACT, contract, &hidden));
    field_str(&fields, "risk", row->risk);
    if (row->round.len > 0) {
        field_str(&fields, "round", row->round);
    }
    if (row->held != 0) {
        field_str(&fields, "unit", name_text(call->view, holder));
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
    struct gone_units gone;
    uint64_t after = param_uint(call, "after"), passed = 0, next = 0;
    struct store_scan scan;
    struct rd_str key, value;
    gone_units_init(&gone, call);
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
            uint32_t holder = contract_unit(call, &gone, &row);
            if (is_wanted(call, holder, &row)) {
                pack_contract(call, contract, holder, &row);
                rows.count++;
            }
        }
    }
    store_scan_end(&scan);
    gone_units_done(&gone);
    rows_end(call, &rows, next);
    return true;
}
