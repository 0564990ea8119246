/* daemon/engine/titles.h — one line for a person. */
#pragma once

#include "daemon/engine/alerts.h"

/* Fills in the draft's own template, or its type's: the alert's title and, where somebody's words
 * stand in it, the bare one. In the record's arena. `work` NULL: about no case. */
void alert_title(struct engine *engine, struct work *work, const struct alert_draft *draft,
        struct rd_alert *alert);
/* For people: the name, which others may have too. */
struct rd_str unit_plain_name(struct engine *engine, uint32_t number);
/* The same, and where several units have it with that of the unit above before it. */
struct rd_str unit_label(struct engine *engine, uint32_t number);
