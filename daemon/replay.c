#include "daemon/replay.h"

bool replay_adjust_time(struct rd_event *event, rd_time now)
{
    if (event->time == RD_TIME_NONE || event->time <= now) {
        return false;
    }
    event->ahead_us = event->time - now;
    event->time = now;
    return true;
}

static const char *replay_event(struct engine *engine, struct rd_tree *tree,
        const struct journal_record *record, const struct engine_time *at)
{
    struct rd_event event;
    struct rd_reject reject = {.code = NULL};
    struct rd_receipt receipt;
    struct engine_sender sender = engine_sender_of(record->sender);
    if (record->is_erased) {
        return "its event was erased: only a store that has it already can go on from here";
    }
    if (!rd_event_decode(tree, record->body, JOURNAL_BODY_MAX, &event, &reject)) {
        return "its event cannot be read any more";
    }
    /* The journal keeps the event as it came; the door cut a time in the future before the engine
     * saw it, and so must the replay. */
    (void)replay_adjust_time(&event, at->wall);
    engine_event(engine, at, &sender, &event, &receipt);
    if (receipt.status != RD_ACCEPTED || receipt.seq != record->event_seq) {
        return "its event gives another receipt than the first time";
    }
    return NULL;
}

/* The record's bytes are what they were and the engine is pure: a difference here means another
 * program or another store than those that wrote it, and going on would tell untruths. */
const char *replay_record(struct engine *engine, struct rd_tree *tree,
        const struct journal_record *record, struct replay_step *ret_step)
{
    struct engine_time at = {.wall = record->wall,
            .steady = record->steady,
            .is_grace = (record->flags & JOURNAL_FLAG_GRACE) != 0};
    *ret_step = (struct replay_step){.is_applied = true};
    if (record->engine != ENGINE_NUMBER) {
        return "it was written by another engine: that version leaves no such record if it is "
               "stopped in order";
    }
    switch (record->kind) {
    case JOURNAL_EVENT:
        return replay_event(engine, tree, record, &at);
    case JOURNAL_TICK:
        /* A tick that fires nothing is never journalled, so here it must fire something. */
        ret_step->fired = engine_tick(engine, &at);
        return ret_step->fired > 0 ? NULL : "its tick fires nothing now";
    case JOURNAL_CONFIG:
        return engine_configure(engine, &at, record->body) == 0
                       ? NULL
                       : "its configuration cannot be read any more";
    case JOURNAL_TELL: {
        struct engine_tell tell;
        if (engine_tell_unpack(record->body, &tell) < 0) {
            return "the alert that the daemon wrote in it cannot be read";
        }
        engine_tell(engine, &at, &tell);
        return NULL;
    }
    case JOURNAL_ERASED:
        return engine_erased(engine, &at, record->body) == 0
                       ? NULL
                       : "what was erased by it cannot be read any more";
    case JOURNAL_START:
    case JOURNAL_SWITCH:
        ret_step->is_applied = false;
        return NULL;
    case JOURNAL_DEAD_LETTER:
        return "a dead letter stands among the events: this is another journal";
    }
    return "it is of no kind that this program knows";
}
