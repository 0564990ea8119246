#include "daemon/engine/silent.h"

#include "daemon/engine/alerts.h"
#include "daemon/engine/arm.h"
#include "daemon/engine/due.h"
#include "daemon/engine/names.h"
#include "daemon/engine/state.h"
#include "daemon/store/rows/name_row.h"
#include "daemon/store/rows/source_row.h"
#include "daemon/store/rows/timer_row.h"

/* Sources that are watched (`sources.NAME.silent_after`). The timer is armed when a configuration
 * comes and when a source that was reported silent speaks again. Events of a source that is not
 * silent arm nothing: they only note when it spoke, and the timer computes the instant anew when it
 * fires. Else every event would leave a stale timer row behind. */

enum { SLOT_SILENT = 1 };

static const struct rd_plan_source *watch_of(const struct engine *engine, struct rd_str name)
{
    for (size_t i = 0; i < engine->plan->source_count; i++) {
        const struct rd_plan_source *watch = &engine->plan->sources[i];
        if (watch->silent_after_us > 0 && rd_str_eq(watch->name, name)) {
            return watch;
        }
    }
    return NULL;
}

/* What counts in a calendar lies on the wall scale, plain time on the steady one. */
static struct due silent_due(const struct engine *engine, const struct rd_plan_source *watch,
        const struct source_row *source)
{
    if (watch->calendar == RD_NO_INDEX) {
        return (struct due){.at = source->last_steady + watch->silent_after_us, .is_steady = true};
    }
    return (struct due){.at = rd_calendar_add_open(&engine->plan->calendars[watch->calendar],
                                source->last_taken, watch->silent_after_us)};
}

static void arm(struct engine *engine, struct source_row *source, struct due due)
{
    struct timer_row row = {.is_steady = source->is_silent_steady,
            .is_service = true,
            .kind = TIMER_SOURCE,
            .owner = source->number,
            .slot = SLOT_SILENT};
    if (source->is_silent_steady != due.is_steady) {
        timer_arm(engine, &source->silent_armed, RD_TIME_NONE, row);
    }
    row.is_steady = source->is_silent_steady = due.is_steady;
    timer_arm(engine, &source->silent_armed, due.at, row);
}

static const struct due never = {.at = RD_TIME_NONE};

void sources_watch(struct engine *engine)
{
    for (size_t i = 0; i < engine->plan->source_count; i++) {
        const struct rd_plan_source *watch = &engine->plan->sources[i];
        struct source_row source;
        if (watch->silent_after_us == 0) {
            continue;
        }
        if (!source_row_get(engine->view, watch->name, &source)) {
            source = source_row_new(name_number(engine, watch->name));
            source.last_taken = engine->now.wall;
            source.last_steady = engine->now.steady;
        }
        if (!source.is_silent) {
            arm(engine, &source, silent_due(engine, watch, &source));
        }
        source_row_put(engine->view, watch->name, &source);
    }
}

void source_spoke(struct engine *engine, struct rd_str name, struct source_row *source)
{
    source->last_taken = engine->now.wall;
    source->last_steady = engine->now.steady;
    if (!source->is_silent) {
        return;
    }
    const struct rd_plan_source *watch = watch_of(engine, name);
    source->is_silent = false;
    arm(engine, source, watch != NULL ? silent_due(engine, watch, source) : never);
}

bool silent_timer_is_live(const struct source_row *source, const struct timer_row *row)
{
    return source->silent_armed == row->due && source->is_silent_steady == row->is_steady;
}

void silent_fire(struct engine *engine, struct rd_str name, struct source_row *source)
{
    const struct rd_plan_source *watch = watch_of(engine, name);
    struct due due = watch != NULL ? silent_due(engine, watch, source) : never;
    /* The clock runs by events and none has come yet. */
    if (watch != NULL && source->last_taken <= 0) {
        source->last_taken = engine->now.wall;
        source->last_steady = engine->now.steady;
        due = silent_due(engine, watch, source);
    }
    if (due.at == RD_TIME_NONE || due.at > scale_now(engine, due.is_steady)) {
        arm(engine, source, due); /* it has sent something since, or is not watched any more */
        return;
    }
    arm(engine, source, never);
    source->is_silent = true;
    char since[RD_TIME_TEXT_MAX];
    rd_time_format(source->last_taken, since);
    engine->cause_due = timer_wall(engine, due.at, due.is_steady);
    struct alert_draft draft = alert_draft_of(RD_ALERT_SOURCE_SILENT, RD_WARNING, NAME_OPS);
    draft.extra = (struct rd_reason){
            .code = name, .detail = rd_arena_printf(&engine->arena, "since %s", since)};
    draft.source = name;
    draft.since = source->last_taken;
    draft.is_late = true;
    (void)alert_send(engine, NULL, &draft);
}
