#include "daemon/engine/housekeeping.h"

#include "daemon/engine/state.h"
#include "daemon/store/rows/alert_row.h"
#include "daemon/store/rows/meta_row.h"
#include "daemon/store/rows/window_row.h"

/* Housekeeping that changes state: begun by the first record of a
 * UTC day, a bounded share with each record until it is through. Ids, windows and the ledger stand
 * in `expiry`; alerts go by their numbers, which are in the order of their times.
 *
 * An alert that still asks for an acknowledgement is passed over: it can be acknowledged as long as
 * its case is open, and goes when it is settled. */

enum { SWEEP_MAX = 256, ALERTS_MAX = 64 };

/* Removes the next alert if it is older than `until`. False: it is not, or there is no next one. */
static bool expire_next(struct engine *engine, rd_time until)
{
    uint64_t seq = engine->alerts_gone + 1;
    struct alert_row row;
    if (seq > engine->counters.alert_seq) {
        return false;
    }
    if (alert_row_get(engine->view, seq, &row)) {
        if (row.time >= until) {
            return false;
        }
        if (!alert_row_is_awaited(engine->view, row.unit, seq)) {
            alert_row_drop(engine->view, seq, row.unit, row.case_number);
        }
    }
    engine->alerts_gone = seq;
    return true;
}

/* True: everything due for removal today is removed. */
static bool expire_alerts(struct engine *engine)
{
    rd_time until = (rd_time)engine->counters.swept_day * RD_DAY_US - engine->plan->alerts_keep_us;
    uint64_t before = engine->alerts_gone;
    size_t count = 0;
    while (count < ALERTS_MAX && expire_next(engine, until)) {
        count++;
    }
    if (engine->alerts_gone != before) {
        alert_rows_set_gone(engine->view, engine->alerts_gone);
    }
    return count < ALERTS_MAX;
}

void housekeeping_step(struct engine *engine)
{
    int32_t today = (int32_t)(engine->now.wall / RD_DAY_US);
    struct counters *counters = &engine->counters;
    if (today > counters->swept_day) {
        counters->swept_day = today;
        counters->is_sweeping = true;
    }
    if (counters->is_sweeping &&
            expiry_sweep(engine->view, counters->swept_day, SWEEP_MAX, &engine->expired) <
                    SWEEP_MAX &&
            expire_alerts(engine)) {
        counters->is_sweeping = false;
    }
}

void alert_settle(struct engine *engine, uint32_t unit, uint64_t seq)
{
    alert_row_settle(engine->view, unit, seq);
    struct alert_row row;
    if (seq <= engine->alerts_gone && alert_row_get(engine->view, seq, &row)) {
        alert_row_drop(engine->view, seq, row.unit, row.case_number);
    }
}
