#include "common/text/fold.h"
#include "daemon/engine/approvals.h"
#include "daemon/engine/arm.h"
#include "daemon/engine/cases.h"
#include "daemon/engine/event_rows.h"
#include "daemon/engine/events.h"
#include "daemon/engine/record.h"
#include "daemon/engine/step.h"
#include "daemon/engine/target.h"
#include "daemon/store/rows/source_row.h"

/* approval.given: the second person agrees. */

static bool is_same(struct engine *engine, struct rd_str a, struct rd_str b)
{
    return a.len > 0 && b.len > 0 &&
           rd_str_eq(rd_fold(a, &engine->arena), rd_fold(b, &engine->arena));
}

/* Two keys of one person count as one, and so do two events that name one person; keys that name no
 * person are distinguished by client. */
static bool is_same_person(struct engine *engine, const struct approval *asked)
{
    const struct engine_sender *a = engine->sender, *b = &asked->sender;
    struct rd_str by_a = event_str(engine, RD_KEY_BY), by_b = asked->event.data[RD_KEY_BY].bytes;
    return rd_str_eq(a->name, b->name) || is_same(engine, a->person, b->person) ||
           is_same(engine, by_a, by_b) || is_same(engine, by_a, b->person) ||
           is_same(engine, a->person, by_b);
}

/* Whoever may open the socket sends as the same address, the one who asked among them. */
static bool is_anybody(const struct engine_sender *sender)
{
    return rd_str_starts(sender->name, RD_STR("ipc:")) && sender->person.len == 0;
}

/* Of a key that many may hold nobody knows that it is not the asking person who holds it here. */
static bool may_be_same(const struct engine_sender *sender, const struct approval *asked)
{
    return sender->person.len == 0 && (asked->sender.person.len > 0 || is_anybody(&asked->sender));
}

/* What the number names, and whether this key's owner may say yes. */
bool find_approval(struct engine *engine, struct take *take)
{
    uint64_t seq = (uint64_t)engine->event->data[RD_KEY_EVENT].integer;
    struct approval *approval = RD_ARENA_ARRAY(&engine->arena, struct approval, 1);
    if (!approval_find(engine, seq, approval)) {
        return rd_reject_set(take->reject, "bad_value", "data.event",
                "no event with the number %llu waits for a second person", (unsigned long long)seq);
    }
    if (is_same_person(engine, approval)) {
        return rd_reject_set(take->reject, "forbidden", "data.event",
                "whoever sent an event does not approve it: another person's key must say yes");
    }
    if (is_anybody(engine->sender)) {
        return rd_reject_set(take->reject, "forbidden", "data.event",
                "what comes by an ipc address may be from anybody who can open it, so nobody knows "
                "that this is a second person: approve it with a key");
    }
    if (may_be_same(engine->sender, approval)) {
        return rd_reject_set(take->reject, "forbidden", "data.event",
                "this key names nobody, so nobody knows that it is not the person who asked: "
                "approve it with a key that has a person (clients)");
    }
    take->approval = approval;
    return true;
}

/* Puts the waiting event in the place of the one at work. */
static bool apply_waiting(
        struct engine *engine, const struct approval *approval, struct take *ret_take)
{
    const struct rd_event *event = engine->event;
    const struct engine_sender *sender = engine->sender;
    const struct instant own = engine->own;
    const uint64_t seq = engine->seq;
    engine->event = &approval->event;
    engine->sender = &approval->sender;
    engine->own = instant_of(engine, approval->own);
    engine->seq = approval->seq;
    engine->has_customer = engine->has_contacts = false;
    bool is_taken = step_apply(engine, ret_take);
    engine->event = event;
    engine->sender = sender;
    engine->own = own;
    engine->seq = seq;
    engine->has_customer = engine->has_contacts = false;
    return is_taken;
}

bool take_approval(struct engine *engine, struct take *take)
{
    const struct approval *approval = take->approval;
    struct rd_reject reject = {0};
    struct source_first first;
    struct take waited = {.rule = event_rule(approval->event.type),
            .known = known_look(engine, &approval->event, &first),
            .reject = &reject};
    approval_end(engine, approval->seq);
    if (!apply_waiting(engine, approval, &waited)) {
        return rd_reject_set(take->reject, reject.code, "data.event",
                "the event that waited cannot be taken any more: %s", reject.message);
    }
    engine->effect = approval->event.type;
    take->case_number = waited.case_number;
    take->silence = waited.silence;
    if (waited.work != NULL) {
        case_history_event(engine, waited.work, HISTORY_EVENT);
    }
    return true;
}
