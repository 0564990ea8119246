/* daemon/engine/windows.h — windows: how many events had the same key within some days. */
#pragma once

#include "daemon/engine/attributes.h"
#include "daemon/engine/points.h"

/* A value of the attribute that counts nowhere: everybody's, or nobody's. */
bool windows_ignore(struct engine *engine, struct rd_str attribute, struct rd_str value);
/* Counts the event into every window of its type; adds the points of those that are reached. */
void windows_count(struct engine *engine, const struct attribute_view *view, uint32_t unit,
        struct points *points);
