/* daemon/engine/assess.h — the assessment of a contact or complaint: score, level, reasons,
 * actions. */
#pragma once

#include "daemon/engine/attributes.h"

/* Of the event, whose text it reads; texts for the time of the record. Returns the level that its
 * text has alone, by lexicons and by the rules that look at it. */
enum rd_level assess(struct engine *engine, const struct attribute_view *view, uint32_t unit,
        struct rd_warning *ret_warning);
/* The view's text by itself. */
void assess_text(
        struct engine *engine, const struct attribute_view *view, struct rd_warning *ret_warning);
/* As rows keep it, in the record's arena. */
struct rd_str warning_packed(struct engine *engine, const struct rd_warning *warning);
