#include "daemon/desk/fields.h"

/* quarantine.list: what ended the daemon before. At most 64 cases, 64 events and questions. */

bool quarantine_list_answer(struct method_call *call)
{
    struct rows rows;
    if (!method_needs_engine(call) || !rows_begin(call, &rows)) {
        return false;
    }
    uint64_t after = param_uint(call, "after"), passed = 0, next = 0;
    const uint64_t *numbers;
    size_t cases = engine_aside(call->engine, &numbers);
    char which[DESK_QUARANTINE_WHICH_MAX];
    for (size_t i = 0; next == 0; i++) {
        const char *kind = "a timer of a case";
        bool is_method = false;
        if (i >= cases) {
            kind = call->options->quarantined == NULL
                           ? NULL
                           : call->options->quarantined(call->options->quarantined_context,
                                     i - cases, which, &is_method);
        }
        if (kind == NULL) {
            break;
        }
        if (passed++ < after) {
            continue;
        }
        if (rows_are_full(&rows)) {
            next = passed - 1;
            break;
        }
        rows.count++;
        struct fields fields = fields_begin(call->reply);
        field_cstr(&fields, "kind", kind);
        if (i < cases) {
            field_uint(&fields, "case", numbers[i]);
        } else {
            field_cstr(&fields, is_method ? "method" : "digest", which);
        }
        fields_end(&fields);
    }
    rows_end(call, &rows, next);
    return true;
}
