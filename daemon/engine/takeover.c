#include "daemon/engine/takeover.h"

#include "daemon/engine/alerts.h"
#include "daemon/engine/units.h"
#include "daemon/store/rows/index_row.h"

/* A digest lists LISTED_MAX cases at most and tells how many there are by the count that is kept. A
 * record tells SHARE_UNITS units, and none further once it has listed SHARE_LISTED cases. */
enum { LISTED_MAX = 1000, SHARE_UNITS = 256, SHARE_LISTED = 10000 };

/* Returns how many cases it listed. */
static size_t tell(struct engine *engine, uint32_t unit)
{
    uint64_t *cases = RD_ARENA_ARRAY(&engine->arena, uint64_t, LISTED_MAX);
    struct alert_draft draft = alert_draft_of(RD_ALERT_DIGEST_TAKEOVER, RD_INFO, unit);
    draft.grouped = cases;
    draft.grouped_count = unit_cases_after(engine->view, unit, 0, cases, LISTED_MAX);
    draft.count = unit_case_count(engine->view, unit);
    if (draft.count > 0) {
        (void)alert_send(engine, NULL, &draft);
    }
    return draft.grouped_count;
}

void takeover_tell(struct engine *engine)
{
    const struct rd_plan *plan = engine->plan;
    if (engine->event == NULL) {
        engine->cause = "takeover";
        engine->cause_name = (struct rd_str){0};
    }
    size_t told = 0, listed = 0;
    for (size_t i = 0; i < plan->unit_count; i++) {
        uint32_t unit = unit_number(engine, (int32_t)i);
        struct unit_row row = unit_row_get(engine->view, unit);
        if (row.taken_over == 0) {
            continue;
        }
        if (told == SHARE_UNITS || listed >= SHARE_LISTED) {
            engine->counters.is_telling = true;
            return;
        }
        row.taken_over = 0;
        unit_row_put(engine->view, unit, &row);
        listed += tell(engine, unit);
        told++;
    }
    engine->counters.has_taken_over = engine->counters.is_telling = false;
}
