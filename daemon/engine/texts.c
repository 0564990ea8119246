#include "daemon/engine/texts.h"

#include <string.h>

#include "daemon/engine/alerts.h"
#include "daemon/engine/assess.h"
#include "daemon/engine/attributes.h"
#include "daemon/engine/cases.h"
#include "daemon/engine/state.h"
#include "daemon/store/rows/attribute_row.h"
#include "daemon/store/rows/case_row.h"

enum rd_severity level_severity(enum rd_level level)
{
    static const enum rd_severity severities[] = {
            [RD_LEVEL_NONE] = RD_INFO,
            [RD_LEVEL_WATCH] = RD_WARNING,
            [RD_LEVEL_HIGH] = RD_HIGH,
            [RD_LEVEL_CRITICAL] = RD_CRITICAL,
    };
    RD_ASSERT((size_t)level < RD_COUNT(severities));
    return severities[level];
}

void level_raise(
        struct engine *engine, struct work *work, enum rd_level level, const struct rd_warning *why)
{
    if (level <= work->row->level || case_is_over(work)) {
        return;
    }
    work->row->level = level;
    work->is_dirty = true;
    struct alert_draft draft =
            alert_draft_of(RD_ALERT_WARNING_RAISED, level_severity(level), work->row->unit);
    draft.warning = why;
    (void)alert_send(engine, work, &draft);
}

/* Why a customer came back is his text where nothing more was written down. */
static const struct rd_value *text_of(const struct rd_event *event)
{
    const struct rd_value *text = &event->data[RD_KEY_TEXT];
    return text->type == RD_NIL && event->type == RD_EVENT_REOPENED ? &event->data[RD_KEY_REASON]
                                                                    : text;
}

void text_take(struct engine *engine, struct take *take)
{
    const struct rd_value *text = text_of(engine->event);
    struct work *work = take->work;
    if (text->type != RD_VALUE_STR) {
        return;
    }
    struct attribute_view view = case_view(engine, work);
    struct rd_value *values = rd_arena_alloc(&engine->arena, sizeof *values * RD_EVENT_KEY_COUNT);
    memcpy(values, view.values, sizeof *values * RD_EVENT_KEY_COUNT);
    values[RD_KEY_TEXT] = *text;
    view.values = values;
    assess_text(engine, &view, &take->warning);
    take->warning.case_number = work->row->number;
    take->is_assessed = true;
    take->assessed_unit = work->row->unit;
    level_raise(engine, work, take->warning.level, &take->warning);
}
