/* common/plan/waits_for.h — what a clock that has not begun waits for, for people. */
#pragma once

#include "common/base/arena.h"
#include "common/plan/plan.h"

/* The attribute that it starts or is due by, else its starts: "facts_added or recontact". The text
 * is the plan's, the arena's or static. */
struct rd_str rd_plan_waits_for(const struct rd_plan_clock *clock, struct rd_arena *arena);
