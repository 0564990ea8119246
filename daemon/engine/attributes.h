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

/* All of them as they are now, to be compared after an event has changed some (policy.h); for the
 * time of the record. */
struct attributes_seen {
    struct rd_value of_key[RD_EVENT_KEY_COUNT];
    struct rd_value derived[RD_DERIVED_COUNT];
};
struct attributes_seen *attributes_see(struct engine *engine, struct work *work);

/* What they say by themselves: a letter makes a case a regulator's besides. */
bool attributes_are_regulators(const struct rd_plan *plan, const struct rd_value *values);
