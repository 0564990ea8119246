#include "common/wire/event_table.h"
#include "daemon/engine/alerts.h"
#include "daemon/engine/arm.h"
#include "daemon/engine/attributes.h"
#include "daemon/engine/cases.h"
#include "daemon/engine/event_rows.h"
#include "daemon/engine/record.h"
#include "daemon/engine/state.h"
#include "daemon/engine/take_shared.h"
#include "daemon/engine/units.h"
#include "daemon/store/rows/attribute_row.h"
#include "daemon/store/rows/case_row.h"
#include "daemon/store/rows/history_row.h"

/* The same matter again: one case ends, another goes on, and each names the other. */

/* The body and reference of the letter, and the earlier day of answer. */
static void carry_letter(struct engine *engine, struct work *from, struct work *into)
{
    const struct rd_value *theirs = case_attributes(engine, from)->values;
    struct rd_value *mine = case_attributes(engine, into)->values;
    uint32_t unit = into->row->unit;
    static const enum rd_event_key NAMES[] = {RD_KEY_BODY, RD_KEY_REF};
    for (size_t i = 0; i < RD_COUNT(NAMES); i++) {
        if (theirs[NAMES[i]].type != RD_NIL) {
            mine[NAMES[i]] = theirs[NAMES[i]];
        }
    }
    rd_time by = value_due(engine, &theirs[RD_KEY_ANSWER_BY], unit);
    rd_time present = value_due(engine, &mine[RD_KEY_ANSWER_BY], unit);
    if (by != RD_TIME_NONE && (present == RD_TIME_NONE || by < present)) {
        mine[RD_KEY_ANSWER_BY] = theirs[RD_KEY_ANSWER_BY];
    }
    into->are_attributes_dirty = true;
    struct instant letter = from->row->moments[RD_MOMENT_FORWARDED];
    take_letter(engine, into,
            letter.wall != RD_TIME_NONE ? letter : instant_of(engine, from->row->received));
}

/* The note names the other case. */
static void note_other(
        struct engine *engine, struct work *work, enum history_what what, struct work *other)
{
    case_history(engine, work,
            &(struct history_row){.what = what,
                    .code = (uint32_t)engine->event->type,
                    .time = engine->own.wall,
                    .taken = engine->now.wall,
                    .seq = engine->seq,
                    .by = event_str(engine, RD_KEY_BY),
                    .sender = engine->sender->name,
                    .note = rd_arena_printf(&engine->arena, "%s case %llu (%.*s): %.*s",
                            what == HISTORY_EVENT ? "into" : "from",
                            (unsigned long long)other->row->number,
                            RD_FMT(case_subject_told(engine, other)),
                            RD_FMT(event_str(engine, RD_KEY_REASON)))});
}

bool take_merged(struct engine *engine, struct take *take)
{
    struct work *work = take->work, *into = take->into;
    bool was_decided = work->row->was_decided;
    bool is_letter = work->row->kind == CASE_COMPLAINT && case_view(engine, work).is_regulator;
    note_other(engine, work, HISTORY_EVENT, into);
    take_end(engine, work, CASE_CLOSED, engine->own);
    work->row->gone_into = into->row->number;
    if (!was_decided) {
        take_outcome(engine, work);
    }
    note_other(engine, into, HISTORY_JOINED, work);
    if (is_letter) {
        carry_letter(engine, work, into);
    }
    struct alert_draft draft = alert_draft_of(RD_ALERT_CASE_MERGED, RD_INFO, into->row->unit);
    draft.extra =
            (struct rd_reason){.code = RD_STR("merged"), .detail = case_subject_told(engine, work)};
    (void)alert_send(engine, into, &draft);
    return true;
}
