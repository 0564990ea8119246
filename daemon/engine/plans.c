#include "daemon/engine/plans.h"

#include <string.h>

#include "daemon/engine/state.h"
#include "daemon/store/rows/index_row.h"

const struct rd_plan *plan_load(struct engine *engine, uint32_t id, struct rd_str tree)
{
    struct rd_plan *plan;
    struct rd_plan_error error;
    size_t errors;
    if (rd_plan_read(tree, &plan, &error, 1, &errors) != 0) {
        return NULL;
    }
    if (engine->plan_count == PLANS_MAX) { /* the oldest that is not the present one goes */
        size_t gone = engine->plans[0].plan == engine->plan ? 1 : 0;
        rd_plan_free(engine->plans[gone].plan);
        memmove(&engine->plans[gone], &engine->plans[gone + 1],
                sizeof engine->plans[0] * (PLANS_MAX - gone - 1));
        engine->plan_count--;
    }
    engine->plans[engine->plan_count++] = (struct loaded_plan){id, plan};
    return plan;
}

/* The configuration a case lives under; loaded when first needed. */
const struct rd_plan *plan_of(struct engine *engine, uint32_t id)
{
    for (size_t i = 0; i < engine->plan_count; i++) {
        if (engine->plans[i].id == id) {
            return engine->plans[i].plan;
        }
    }
    struct rd_str tree;
    bool is_found = config_row_get(engine->view, id, &tree);
    RD_ASSERT(is_found);
    const struct rd_plan *plan = plan_load(engine, id, tree);
    RD_ASSERT(plan != NULL); /* it was read when it came in */
    return plan;
}
