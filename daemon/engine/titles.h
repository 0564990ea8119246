/* daemon/engine/titles.h — one line for a person. */
#pragma once

#include "daemon/engine/alerts.h"

/* The draft's own template, or its type's, filled in; in the record's arena. `work` NULL: about no
 * case. */
struct rd_str alert_title(struct engine *engine, struct work *work, const struct rd_alert *alert,
        const struct alert_draft *draft);
/* What people call the unit. */
struct rd_str unit_label(struct engine *engine, uint32_t number);
