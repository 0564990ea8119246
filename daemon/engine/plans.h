/* daemon/engine/plans.h — the configurations that cases live under, as plans in memory. */
#pragma once

#include "daemon/engine/state.h"

/* Reads the tree of configuration `id` and keeps the plan; NULL: it is no tree this engine reads.
 * The plan is borrowed; of PLANS_MAX the one that was loaded first makes room, never the present
 * one. */
const struct rd_plan *plan_load(struct engine *engine, uint32_t id, struct rd_str tree);
/* The configuration a case lives under; loaded when first needed. */
const struct rd_plan *plan_of(struct engine *engine, uint32_t id);
