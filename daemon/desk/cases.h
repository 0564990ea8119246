/* daemon/desk/cases.h — the case that a question names. This room only. */
#pragma once

#include "daemon/desk/fields.h"

/* The case that the params name by `case` or `subject`. False: error set, `method` in it. */
bool case_asked(struct method_call *call, const char *method, struct case_row **ret_row,
        struct attribute_row *ret_attributes);
