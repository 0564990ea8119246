/* daemon/engine/assess.h — the assessment of a contact or complaint: score, level, reasons,
 * actions. */
#pragma once

#include "daemon/engine/attributes.h"

struct assessment {
    struct rd_warning warning;
    struct rd_str packed; /* the warning, as kept */
};
void assess(struct engine *engine, const struct attribute_view *view, uint32_t unit,
        struct assessment *ret);
