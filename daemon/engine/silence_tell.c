#include "daemon/engine/silence_tell.h"

#include "daemon/engine/alerts.h"
#include "daemon/engine/arm.h"
#include "daemon/engine/cases.h"
#include "daemon/engine/names.h"
#include "daemon/engine/silences.h"
#include "daemon/store/rows/case_row.h"
#include "daemon/store/rows/name_row.h"
#include "daemon/store/rows/silence_row.h"
#include "daemon/store/rows/timer_row.h"
#include "daemon/store/rows/withheld_row.h"

/* Each unit gets one digest of the open cases of which it was not told, as severe as the worst that
 * it was not told: a storm's bundle must not hold back what it would not have held back then. Rows
 * are in the order of units and cases; a firing looks at a share of them, and the silence's row
 * keeps how far the present unit's digest has come. */

enum { SHARE_ROWS = 64 };

static void send_digest(struct engine *engine, struct silence_digest *digest)
{
    struct work *work = digest->count == 1 ? case_open(engine, digest->cases[0]) : NULL;
    uint64_t *cases = RD_ARENA_ARRAY(&engine->arena, uint64_t, SILENCE_LISTED_MAX);
    enum rd_severity severity = (enum rd_severity)digest->severity;
    struct alert_draft draft = alert_draft_of(
            RD_ALERT_DIGEST_SILENCED, severity > RD_WARNING ? severity : RD_WARNING, digest->unit);
    for (size_t i = 0; i < digest->listed; i++) {
        cases[i] = digest->cases[i];
    }
    draft.grouped = cases;
    draft.grouped_count = digest->listed;
    draft.count = digest->count;
    draft.is_late = draft.never_withheld = true;
    if (digest->count > 0) {
        (void)alert_send(engine, work, &draft);
    }
    *digest = (struct silence_digest){0};
}

/* The alert as it was drafted, for the matchers of other silences. */
static struct alert_draft draft_of(
        struct engine *engine, const struct withheld_key *key, const struct withheld_row *row)
{
    struct alert_draft draft = alert_draft_of(
            (enum rd_alert_type)key->type, (enum rd_severity)row->severity, key->unit);
    draft.rung = key->rung;
    if (key->clock != 0) {
        draft.clock_name = name_shown(engine, key->clock);
    }
    return draft;
}

static void look_at(struct engine *engine, struct silence_digest *digest,
        const struct withheld_key *key, const struct withheld_row *row)
{
    struct work *work = case_open(engine, key->case_number);
    if (work == NULL || case_is_over(work) ||
            work->row->last_place[RD_MOMENT_ACKNOWLEDGED] > row->moments) {
        return;
    }
    struct alert_draft draft = draft_of(engine, key, row);
    struct withheld_key other = *key;
    other.silence = silence_covering(engine, work, &draft, key->silence);
    if (other.silence != 0) { /* told when that one ends */
        if (!withheld_row_has(engine->view, &other)) {
            withheld_row_put(engine->view, &other, row);
        }
        return;
    }
    digest->severity = row->severity > digest->severity ? row->severity : digest->severity;
    if (digest->last == key->case_number) {
        return;
    }
    digest->last = key->case_number;
    digest->count++;
    if (digest->listed < SILENCE_LISTED_MAX) {
        digest->cases[digest->listed++] = key->case_number;
    }
}

void silence_fire(struct engine *engine, const struct timer_row *row)
{
    struct silence_row silence;
    bool is_found = silence_row_get(engine->view, row->owner, &silence);
    RD_ASSERT(is_found && silence.armed == row->due);
    silence.by = rd_arena_dup(&engine->arena, silence.by); /* the put takes the old row away */
    silence.reason = rd_arena_dup(&engine->arena, silence.reason);
    silence.matchers = rd_arena_dup(&engine->arena, silence.matchers);
    engine->cause = "silence";
    engine->cause_name = rd_arena_printf(&engine->arena, "%llu", (unsigned long long)row->owner);
    struct withheld_key key;
    struct withheld_row withheld;
    bool is_left = false;
    for (int i = 0; i < SHARE_ROWS; i++) {
        is_left = withheld_row_first(engine->view, row->owner, &key, &withheld);
        if (silence.digest.unit != 0 && (!is_left || silence.digest.unit != key.unit)) {
            send_digest(engine, &silence.digest);
        }
        if (!is_left) {
            break;
        }
        silence.digest.unit = key.unit;
        look_at(engine, &silence.digest, &key, &withheld);
        withheld_row_del(engine->view, &key);
        if (engine->work_count > WORKS_MAX / 2) {
            cases_save(engine);
        }
    }
    if (!is_left) {
        timer_arm(engine, &silence.armed, RD_TIME_NONE, *row);
    }
    silence_row_put(engine->view, row->owner, &silence);
}
