#include "daemon/engine/due.h"
#include "daemon/engine/event_rows.h"
#include "daemon/engine/names.h"
#include "daemon/engine/pauses.h"
#include "daemon/engine/record.h"
#include "daemon/engine/state.h"
#include "daemon/engine/take.h"
#include "daemon/engine/take_shared.h"
#include "daemon/store/rows/case_row.h"

/* Mediation 调解, a state of its own beside the case's: none/declined/failed/executed –called→
 * called; called –accepted by body→ accepted, –declined→ declined; none –accepted by body→
 * accepted; accepted –settled→ settled, –failed→ failed; settled –executed→ executed, –failed→
 * failed. */

static const struct rd_str pause_reason = {"mediation", 9};

static bool refuse(struct take *take, const char *what)
{
    return rd_reject_set(take->reject, "illegal_transition", "", "%s", what);
}

/* Its new state, with the moment of the event. */
static void set(struct engine *engine, struct take *take, enum mediation_state state)
{
    take->work->row->mediation = state;
    (void)take_plain(engine, take);
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
    enum mediation_state state = take->work->row->mediation;
    if (state == MEDIATION_CALLED || state == MEDIATION_ACCEPTED || state == MEDIATION_SETTLED) {
        return refuse(take, "mediation has been called already");
    }
    set(engine, take, MEDIATION_CALLED);
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
        (void)take_note(engine, take);
        return true;
    }
    uint32_t reason = name_known(engine, pause_reason);
    bool pauses =
            (reason == 0 || pause_open(work, reason) == NULL) && work->row->state != CASE_DECIDED;
    if (pauses && pauses_are_full(work, take->reject)) {
        return false;
    }
    set(engine, take, MEDIATION_ACCEPTED);
    if (pauses) {
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
    if (take->work->row->mediation != MEDIATION_ACCEPTED) {
        return refuse(take, "no mediation accepted by its body is under way");
    }
    set(engine, take, MEDIATION_SETTLED);
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
    return true;
}
