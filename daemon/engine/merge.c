#include "daemon/engine/merge.h"

#include "daemon/engine/cases.h"
#include "daemon/engine/clocks.h"
#include "daemon/engine/lifecycle.h"
#include "daemon/engine/record.h"
#include "daemon/engine/state.h"
#include "daemon/store/rows/case_row.h"

enum { MERGES_MAX = 16 }; /* from case to case: each was merged into the next */

/* Whether a merged case takes the event itself although it is closed. This also checks what the
 * handler refuses beyond the table, since senders may know only the old subject. */
static bool closed_takes(struct engine *engine, const struct take *take, struct work *work)
{
    const struct case_row *row = work->row;
    enum case_state to;
    enum lifecycle found = lifecycle_of(&take->rule->lifecycle, row->kind, row->state, &to);
    if (found == LIFECYCLE_LATE) {
        return engine->own.wall <= row->closed;
    }
    enum rd_event_type type = engine->event->type;
    if (type == RD_EVENT_EXTENDED) {
        struct case_clock *clock = clock_named(engine, work, event_str(engine, RD_KEY_CLOCK));
        return clock != NULL && clock->state == CLOCK_RUNNING;
    }
    if (type == RD_EVENT_MEDIATION_EXECUTED || type == RD_EVENT_MEDIATION_FAILED) {
        return row->mediation == MEDIATION_SETTLED;
    }
    return found != LIFECYCLE_ILLEGAL;
}

struct work *merge_follow(struct engine *engine, const struct take *take, struct work *work)
{
    for (int hops = 0; hops < MERGES_MAX; hops++) {
        const struct case_row *row = work->row;
        if (row->state != CASE_CLOSED || row->gone_into == 0 || closed_takes(engine, take, work)) {
            break;
        }
        struct work *into = case_open(engine, row->gone_into);
        if (into == NULL) {
            break; /* it is kept no longer (retention.h) */
        }
        work = into;
    }
    return work;
}

/* Without making it one of the cases at work, of which a record has only so many. */
static const struct case_row *row_of(struct engine *engine, uint64_t number)
{
    for (size_t i = 0; i < engine->work_count; i++) {
        if (engine->works[i]->row->number == number) {
            return engine->works[i]->row;
        }
    }
    struct case_row *row;
    bool is_found = number != 0 && case_row_get(engine->view, number, &engine->arena, &row);
    return is_found ? row : NULL;
}

static bool is_over(const struct case_row *row)
{
    return row->state == CASE_CLOSED || row->state == CASE_GROWN;
}

uint64_t merge_carried(struct engine *engine, uint64_t number)
{
    const struct case_row *row = row_of(engine, number);
    if (row == NULL || row->state != CASE_CLOSED) {
        return 0; /* it stands for itself, or has grown with its own customer's complaint */
    }
    for (int hops = 0; hops < MERGES_MAX && row != NULL && is_over(row); hops++) {
        row = row_of(engine, row->gone_into);
    }
    return row != NULL && !is_over(row) ? row->number : 0;
}
