#include "daemon/engine/cases.h"
#include "daemon/engine/due.h"
#include "daemon/engine/names.h"
#include "daemon/engine/pauses.h"
#include "daemon/engine/record.h"
#include "daemon/engine/state.h"
#include "daemon/engine/take.h"
#include "daemon/engine/take_shared.h"
#include "daemon/store/rows/case_row.h"
#include "daemon/store/rows/history_row.h"

/* Mediation 调解, a state of its own beside the case's: none/declined/failed/executed –called→
 * called; called –accepted by body→ accepted, –declined→ declined; none –accepted by body→
 * accepted; accepted –settled→ settled, –failed→ failed; settled –executed→ executed, –failed→
 * failed. */

static const struct rd_str pause_reason = {"mediation", 9};

static bool refuse(struct take *take, const char *what)
{
    return rd_reject_set(take->reject, "illegal_transition", "", "%s", what);
}

static void set(struct engine *engine, struct take *take, enum mediation_state state)
{
    take->work->row->mediation = state;
    case_history_event(engine, take->work, HISTORY_EVENT);
    take->work->is_dirty = true;
}

static void end_pause(struct engine *engine, struct work *work)
{
    uint32_t reason = name_known(engine, pause_reason);
    struct case_pause *pause = reason != 0 ? pause_open(work, reason) : NULL;
    if (pause != NULL) {
        pause_end(engine, work, pause, engine->own);
    }
}

bool take_mediation_called(struct engine *engine, struct take *take)
{
    static const enum rd_event_key keys[] = {RD_KEY_BODY, RD_KEY_REQUIRED};
    enum mediation_state state = take->work->row->mediation;
    if (state == MEDIATION_CALLED || state == MEDIATION_ACCEPTED || state == MEDIATION_SETTLED) {
        return refuse(take, "mediation has been called already");
    }
    (void)take_attributes(engine, take->work, key_set_of(keys, RD_COUNT(keys)));
    set(engine, take, MEDIATION_CALLED);
    take_moment(engine, take->work, RD_MOMENT_MEDIATION_CALLED, engine->own);
    return true;
}

bool take_mediation_accepted(struct engine *engine, struct take *take)
{
    struct work *work = take->work;
    bool is_by_body = rd_str_is(event_str(engine, RD_KEY_BY), "body");
    enum mediation_state state = work->row->mediation;
    bool is_allowed = state == MEDIATION_CALLED || (state == MEDIATION_NONE && is_by_body);
    if (!is_allowed) {
        return refuse(take, "mediation is not called on this case");
    }
    if (!is_by_body) { /* customer or firm: noted, stays called */
        case_history_event(engine, work, HISTORY_EVENT);
        return true;
    }
    set(engine, take, MEDIATION_ACCEPTED);
    take_moment(engine, work, RD_MOMENT_MEDIATION_ACCEPTED, engine->own);
    uint32_t reason = name_known(engine, pause_reason);
    if ((reason == 0 || pause_open(work, reason) == NULL) &&
            work->row->pause_count < CASE_PAUSES_MAX && work->row->state != CASE_DECIDED) {
        pause_begin(engine, work, pause_reason, engine->own, RD_TIME_NONE);
    }
    return true;
}

bool take_mediation_declined(struct engine *engine, struct take *take)
{
    if (take->work->row->mediation != MEDIATION_CALLED) {
        return refuse(take, "mediation is not called on this case");
    }
    set(engine, take, MEDIATION_DECLINED);
    return true;
}

bool take_mediation_settled(struct engine *engine, struct take *take)
{
    static const enum rd_event_key keys[] = {RD_KEY_AMOUNT, RD_KEY_DUE};
    if (take->work->row->mediation != MEDIATION_ACCEPTED) {
        return refuse(take, "no mediation accepted by its body is under way");
    }
    (void)take_attributes(engine, take->work, key_set_of(keys, RD_COUNT(keys)));
    set(engine, take, MEDIATION_SETTLED);
    take_moment(engine, take->work, RD_MOMENT_MEDIATION_SETTLED, engine->own);
    end_pause(engine, take->work);
    return true;
}

bool take_mediation_failed(struct engine *engine, struct take *take)
{
    enum mediation_state state = take->work->row->mediation;
    bool is_closed = take->work->row->state == CASE_CLOSED;
    if (state != MEDIATION_SETTLED && (state != MEDIATION_ACCEPTED || is_closed)) {
        return refuse(take, "no mediation is under way that could fail");
    }
    set(engine, take, MEDIATION_FAILED);
    end_pause(engine, take->work);
    return true;
}

bool take_mediation_executed(struct engine *engine, struct take *take)
{
    if (take->work->row->mediation != MEDIATION_SETTLED) {
        return refuse(take, "no settlement waits to be executed");
    }
    set(engine, take, MEDIATION_EXECUTED);
    take_moment(engine, take->work, RD_MOMENT_MEDIATION_EXECUTED, engine->own);
    return true;
}
