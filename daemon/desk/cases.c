#include "daemon/desk/cases.h"

#include "daemon/desk/pack_case.h"
#include "daemon/store/rows/index_row.h"

/* case.get */

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
            !attribute_row_get(call->view, number, call->arena, ret_attributes) ||
            !sees_case(call, *ret_row)) {
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
