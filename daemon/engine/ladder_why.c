#include "daemon/engine/ladder_why.h"

#include "daemon/engine/arm.h"
#include "daemon/engine/due.h"
#include "daemon/engine/ladder_items.h"
#include "daemon/engine/record.h"
#include "daemon/engine/title_words.h"
#include "daemon/engine/titles.h"
#include "daemon/engine/units.h"
#include "daemon/store/rows/case_row.h"

/* As the case's unit reads its clock on the wall. */
static struct rd_str moment_text(struct engine *engine, const struct work *work, rd_time at)
{
    uint8_t room[64];
    struct rd_buf buf;
    rd_buf_init_in(&buf, room, sizeof room, 256);
    title_put_moment(&buf, title_language_of(engine->plan->language),
            unit_calendar(engine, work->row->unit), at, engine->now.wall);
    struct rd_str text = rd_arena_dup(&engine->arena, rd_buf_str(&buf));
    rd_buf_done(&buf);
    return text;
}

/* Nobody could have answered it yet: a held alert goes out with the rung that was held after it. */
static bool is_told_now(struct engine *engine, struct work *work, const struct rung_call *call)
{
    struct due due = call_answer_due(engine, work, call);
    return call->sent.wall > engine->now.wall - RD_MINUTE_US &&
           timer_wall(engine, due.at, due.is_steady) > engine->now.wall;
}

/* Of the highest rung below that was told and asks for an acknowledgement, if nobody has given it
 * to that one or a later one: whoever was told before now, as it may stand in for one that was
 * closed. */
static const struct rung_call *silent_call(struct engine *engine, struct work *work, uint8_t rung)
{
    const struct case_ladder *ladder = &work->row->ladder;
    const struct rung_call *found = NULL;
    for (uint32_t i = 0; i < ladder->call_count; i++) {
        const struct rung_call *call = &ladder->calls[i];
        if (call->rung >= rung || !call->has_ack || call->is_held || call->seq == 0) {
            continue;
        }
        bool is_better = found == NULL || call->rung > found->rung;
        if (found != NULL && call->rung == found->rung && !found->is_acked) {
            is_better = call->is_acked ||
                        (is_told_now(engine, work, found) && !is_told_now(engine, work, call));
        }
        found = is_better ? call : found;
    }
    return found != NULL && !found->is_acked ? found : NULL;
}

static struct rd_str by_hand(struct engine *engine)
{
    struct rd_str by = event_str(engine, RD_KEY_BY), reason = event_str(engine, RD_KEY_REASON);
    bool is_zh = title_language_of(engine->plan->language) == TITLE_ZH;
    return rd_arena_printf(
            &engine->arena, is_zh ? "%.*s上报：%.*s" : "by %.*s: %.*s", RD_FMT(by), RD_FMT(reason));
}

static struct rd_str by_silence(
        struct engine *engine, struct work *work, const struct rung_call *call)
{
    struct rd_str unit = unit_label(engine, call->unit);
    struct rd_str since = moment_text(engine, work, call->sent.wall);
    bool is_zh = title_language_of(engine->plan->language) == TITLE_ZH;
    if (is_told_now(engine, work, call)) {
        return rd_arena_printf(
                &engine->arena, is_zh ? "%.*s刚刚接到预警" : "%.*s is told only now", RD_FMT(unit));
    }
    return rd_arena_printf(&engine->arena,
            is_zh ? "%.*s自%.*s起未确认" : "%.*s has not acknowledged since %.*s", RD_FMT(unit),
            RD_FMT(since));
}

/* What the ladder waits for has not come. */
static struct rd_str by_time(struct engine *engine, const struct work *work)
{
    const struct rd_plan_ladder *plan = ladder_of(work);
    const struct case_ladder *ladder = &work->row->ladder;
    enum title_language language = title_language_of(engine->plan->language);
    struct rd_str wanted =
            plan->has_until ? title_awaited(language, plan->until) : (struct rd_str){0};
    if (wanted.len == 0 || ladder->state != LADDER_RUNNING) {
        return (struct rd_str){0};
    }
    struct rd_str since = moment_text(engine, work, ladder->start.wall);
    return language == TITLE_ZH
                   ? rd_arena_printf(&engine->arena, "自%.*s起%.*s", RD_FMT(since), RD_FMT(wanted))
                   : rd_arena_printf(
                             &engine->arena, "%.*s since %.*s", RD_FMT(wanted), RD_FMT(since));
}

bool rung_is_by_hand(const struct engine *engine)
{
    return engine->event != NULL && engine->cause == NULL &&
           engine->event->type == RD_EVENT_ESCALATED;
}

struct rd_str rung_why(struct engine *engine, struct work *work, uint8_t rung)
{
    if (rung_is_by_hand(engine)) {
        return by_hand(engine);
    }
    if (engine->cause != NULL && rd_str_is(rd_str_of(engine->cause), "chase")) {
        return title_unanswered(title_language_of(engine->plan->language));
    }
    if (rung == 0) {
        return (struct rd_str){0};
    }
    const struct rung_call *silent = silent_call(engine, work, rung);
    return silent != NULL ? by_silence(engine, work, silent) : by_time(engine, work);
}
