#include "daemon/upgrade_steps.h"

#include "daemon/engine/engine.h"
#include "daemon/upgrade_9.h"

/* In the order of their numbers; append. */
static const struct upgrade_step steps[] = {
        {"8 to 9", 8, 5, 9, 6, upgrade_9_row, upgrade_9_finish},
        {"9 to 10", 9, 6, 10, 6, upgrade_rules_row, NULL},
        {"10 to 11", 10, 6, 11, 6, upgrade_rules_row, upgrade_recount},
        {"11 to 12", 11, 6, 12, 6, upgrade_rules_row, NULL},
        {"12 to 13", 12, 6, 13, 6, upgrade_rules_row, upgrade_recount},
};

const struct upgrade_step *upgrade_step_from(uint32_t engine, uint32_t schema)
{
    for (size_t i = 0; i < RD_COUNT(steps); i++) {
        if (steps[i].engine == engine && steps[i].schema == schema) {
            return &steps[i];
        }
    }
    return NULL;
}

bool upgrade_has_way(uint32_t engine, uint32_t schema)
{
    const struct upgrade_step *step;
    while ((step = upgrade_step_from(engine, schema)) != NULL) {
        engine = step->to_engine;
        schema = step->to_schema;
    }
    return engine == ENGINE_NUMBER && schema == STORE_SCHEMA;
}
