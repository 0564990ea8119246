#include "common/digest.h"
#include "daemon/desk/fields.h"
#include "daemon/store/rows/by_key.h"
#include "daemon/store/rows/index_row.h"
#include "daemon/store/rows/name_row.h"

/* case.get, case.list */

bool case_asked(struct method_call *call, const char *method, struct case_row **ret_row,
        struct attribute_row *ret_attributes)
{
    uint64_t number = param_uint(call, "case");
    struct rd_str subject = param_str(call, "subject");
    if (number == 0 && subject.len == 0) {
        return method_fail(call, "bad_params", "%s wants case or subject", method);
    }
    if (number == 0) {
        number = subject_find(call->view, subject);
    }
    if (!case_row_get(call->view, number, call->arena, ret_row) ||
            !attribute_row_get(call->view, number, call->arena, ret_attributes)) {
        return method_fail(call, "not_found", "no case has this number or subject");
    }
    return true;
}

bool case_get_answer(struct method_call *call)
{
    struct case_row *row;
    struct attribute_row attributes;
    if (!method_needs_engine(call) || !case_asked(call, "case.get", &row, &attributes)) {
        return false;
    }
    struct fields fields = {.buf = call->reply, .mark = method_begin(call)};
    pack_case_whole(call, &fields, row, &attributes);
    method_end(call, fields.mark, fields.pairs);
    return true;
}

struct filter {
    struct rd_str unit, state, level, kind, customer;
    bool has_rung;
    uint64_t rung;
    rd_time due_before;
};

static bool passes(
        struct method_call *call, const struct filter *filter, const struct case_row *row)
{
    uint32_t rung = row->ladder.fired == 0 ? 0 : 32U - (uint32_t)__builtin_clz(row->ladder.fired);
    if (filter->due_before != RD_TIME_NONE) {
        rd_time due = case_due(call, row);
        if (due == RD_TIME_NONE || due >= filter->due_before) {
            return false;
        }
    }
    return (filter->state.len == 0 || rd_str_is(filter->state, case_state_name(row->state))) &&
           (filter->kind.len == 0 || rd_str_is(filter->kind, case_kind_name(row->kind))) &&
           (filter->level.len == 0 || rd_str_is(filter->level, rd_level_name(row->level))) &&
           (!filter->has_rung || filter->rung == rung) &&
           (filter->unit.len == 0 || unit_is_under(name_text(call->view, row->unit), filter->unit));
}

/* Of one customer: by the index; of all: in order of number. */
static uint64_t next_number(struct method_call *call, const struct filter *filter, uint64_t after)
{
    struct store_scan scan;
    struct rd_str key, value;
    struct row_key from = {0};
    bool is_customer = filter->customer.len > 0;
    if (is_customer) {
        uint8_t digest[RD_DIGEST_BYTES];
        rd_digest1(filter->customer, digest);
        from = by_key(digest, BY_KEY_CASE);
    }
    const struct row_key prefix = from;
    row_key_u64(&from, after + 1);
    store_scan_begin(
            &scan, call->view, is_customer ? STORE_BY_KEY : STORE_CASES, row_key_str(&from));
    uint64_t number = 0;
    if (store_scan_next(&scan, &key, &value) && rd_str_starts(key, row_key_str(&prefix))) {
        number = row_key_read_u64(key, prefix.len);
    }
    store_scan_end(&scan);
    return number;
}

bool case_list_answer(struct method_call *call)
{
    struct filter filter = {.unit = param_str(call, "unit"),
            .state = param_str(call, "state"),
            .level = param_str(call, "warning_level"),
            .kind = param_str(call, "kind"),
            .customer = param_str(call, "customer"),
            .has_rung = param_has(call, "rung"),
            .rung = param_uint(call, "rung"),
            .due_before = param_time(call, "due_before")};
    struct rows rows;
    if (!rows_begin(call, &rows)) {
        return false;
    }
    uint64_t number = param_uint(call, "after"), next = 0;
    for (uint32_t looked = 0;; looked++) {
        uint64_t last = number;
        number = next_number(call, &filter, number);
        if (number == 0) {
            break;
        }
        if (rows_are_full(&rows) || looked == DESK_SCAN_MAX) {
            next = last;
            break;
        }
        struct case_row *row;
        struct attribute_row attributes;
        if (case_row_get(call->view, number, call->arena, &row) && passes(call, &filter, row) &&
                attribute_row_get(call->view, number, call->arena, &attributes)) {
            struct fields fields = fields_begin(call->reply);
            pack_case(call, &fields, row, &attributes);
            fields_end(&fields);
            rows.count++;
        }
        rd_arena_reset(call->arena);
    }
    rows_end(call, &rows, next);
    return true;
}
