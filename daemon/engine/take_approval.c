#include "daemon/engine/approvals.h"
#include "daemon/engine/arm.h"
#include "daemon/engine/cases.h"
#include "daemon/engine/event_rows.h"
#include "daemon/engine/events.h"
#include "daemon/engine/step.h"
#include "daemon/engine/target.h"

/* approval.given: the second person agrees. */

/* Two keys of one person count as one; keys that name no person are distinguished by client. */
static bool is_same_person(const struct engine_sender *a, const struct engine_sender *b)
{
    return rd_str_eq(a->name, b->name) ||
           (a->person.len > 0 && b->person.len > 0 && rd_str_eq(a->person, b->person));
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
    if (is_same_person(engine->sender, &approval->sender)) {
        return rd_reject_set(take->reject, "forbidden", "data.event",
                "whoever sent an event does not approve it: another person's key must say yes");
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
    struct take waited = {.rule = event_rule(approval->event.type), .reject = &reject};
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
