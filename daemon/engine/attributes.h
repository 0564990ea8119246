/* daemon/engine/attributes.h — what matchers see of a case, or of an event that has no case yet. */
#pragma once

#include "daemon/engine/state.h"

struct attribute_view {
    struct engine *engine;
    const struct rd_value *values; /* by key */
    struct rd_str kind;
    const struct case_row *row; /* NULL: no case yet */
    bool is_regulator;
    rd_time received;
};
struct attribute_view case_view(struct engine *engine, struct work *work);
/* rd_lookup_fn over a struct attribute_view. */
struct rd_value attribute_lookup(const void *context, struct rd_str name);
bool attributes_are_regulators(struct engine *engine, const struct rd_value *values);
