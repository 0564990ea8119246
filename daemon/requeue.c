#include "daemon/requeue.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

static uint64_t number_of(const struct taking *asked)
{
    return (uint64_t)asked->event.data[RD_KEY_NUMBER].integer;
}

/* Returns false. */
static bool refuse(struct taking *asked, const char *code, const char *what)
{
    (void)rd_reject_set(&asked->reject, code, "data.number", "dead letter %" PRIu64 " %s",
            number_of(asked), what);
    taking_refuse(asked);
    return false;
}

/* Whether the event that asks will be accepted once its letter is. False: it has its receipt. */
static bool may_ask(struct edge *edge, struct taking *asked)
{
    struct rd_receipt receipt;
    if (engine_is_known(edge->engine, &asked->sender, &asked->event, &receipt)) {
        asked->receipt = receipt;
        return false;
    }
    if (engine_has_number(edge->engine, &asked->event)) {
        (void)rd_reject_set(&asked->reject, "conflict", "sequence",
                "sequence %" PRIu64 " of this source was taken with another id",
                asked->event.sequence);
        taking_refuse(asked);
        return false;
    }
    return true;
}

static bool find_letter(struct edge *edge, struct taking *asked, struct dead_letter *ret_letter)
{
    if (!dead_letters_get(&edge->dead.letters, number_of(asked), ret_letter)) {
        return refuse(asked, "bad_value", "is not there: dead.list tells which are kept");
    }
    if (ret_letter->event.len == 0) {
        return refuse(asked, "bad_value", "has no event any more: its customer was forgotten");
    }
    return true;
}

/* Its sender is gone, or it is an event that nobody sends for another. */
static bool check_letter(struct taking *asked, const struct taking *letter, struct rd_str sender)
{
    char what[192];
    if (!letter->rights.is_all && letter->rights.client == NULL) {
        struct rd_str name = rd_str_cut(sender, 64);
        (void)snprintf(what, sizeof what,
                name.len > 0 ? "came from %.*s, which is no client any more: nobody's rights are "
                               "left to take it under"
                             : "came without a key%.*s: nobody's rights are there to take it under",
                RD_FMT(name));
        return refuse(asked, "forbidden", what);
    }
    if (letter->is_decoded && letter->event.type == RD_EVENT_APPROVAL_GIVEN) {
        return refuse(
                asked, "forbidden", "is a second person's yes, which nobody gives for another");
    }
    if (letter->is_decoded && letter->event.type == RD_EVENT_DEAD_REQUEUED) {
        return refuse(asked, "forbidden", "asks for another letter: name that one");
    }
    return true;
}

/* Of one source the letter's event would take the id of the event that asks, or leave its place in
 * the sequence taken or too old: only one of the two could be accepted. */
static bool check_apart(struct taking *asked, const struct taking *letter)
{
    bool is_one_id = rd_str_eq(asked->event.id, letter->event.id);
    if (!letter->is_decoded || !rd_str_eq(asked->event.source, letter->event.source) ||
            (asked->event.sequence == 0 && !is_one_id)) {
        return true;
    }
    (void)rd_reject_set(&asked->reject, "conflict", is_one_id ? "id" : "sequence",
            "dead letter %" PRIu64 " is of this event's own source: ask with another id, and "
            "without a sequence or as another source",
            number_of(asked));
    taking_refuse(asked);
    return false;
}

/* What asks is refused as its letter is. */
static void refuse_as_letter(struct taking *asked, const struct rd_reject *why)
{
    (void)rd_reject_set(&asked->reject, why->code, why->field, "dead letter %" PRIu64 ": %s",
            number_of(asked), why->message);
    taking_refuse(asked);
}

/* A receipt with what came of the letter's event, for the event that asked. */
static void answer(struct edge *edge, const struct taking *asked, struct rd_receipt *receipt)
{
    receipt->id = asked->event.id;
    if (receipt->status == RD_ACCEPTED) {
        receipt->seq = engine_counts(edge->engine).event_seq + 1;
    }
    if (!rights_is_everywhere(&asked->rights)) {
        receipt->warning = NULL; /* a rule's findings are its sender's and operators' */
    }
}

bool requeue_take(struct edge *edge, struct taking *asked, struct requeue *requeue, int64_t stop_us)
{
    struct taking *letter = &requeue->letter;
    struct dead_letter row;
    requeue->frame = NULL;
    enum taking_verdict verdict = taking_check(edge, asked, stop_us);
    if (verdict != TAKING_FIT || !may_ask(edge, asked) || !find_letter(edge, asked, &row)) {
        return verdict != TAKING_LATER;
    }
    struct rd_str sender = engine_sender_of(row.sender).name;
    char *frame = rd_str_dup(row.event); /* its row may go while it is taken */
    taking_begin(letter, (struct rd_str){frame, row.event.len});
    letter->rights = rights_of_sender(edge->config, edge->first.config, sender, edge->clock.wall);
    letter->asker = &asked->rights;
    guard_end(edge->guard, GUARD_TURN);
    taking_read(edge, letter);
    if (check_letter(asked, letter, sender) && check_apart(asked, letter)) {
        verdict = taking_check(edge, letter, stop_us);
        if (verdict == TAKING_FIT) {
            taking_apply(edge, letter);
        }
        if (verdict != TAKING_LATER && letter->receipt.status == RD_REJECTED) {
            refuse_as_letter(asked, letter->receipt.error);
        } else if (verdict != TAKING_LATER) {
            requeue->frame = frame;
            answer(edge, asked, &letter->receipt);
            return true;
        }
    }
    free(frame);
    return verdict != TAKING_LATER;
}

void requeue_end(struct edge *edge, struct taking *asked, struct requeue *requeue)
{
    if (requeue->letter.receipt.status == RD_ACCEPTED) {
        taking_apply(edge, asked);
        RD_ASSERT(asked->receipt.status == RD_ACCEPTED); /* may_ask() and check_apart() saw to it */
    }
    free(requeue->frame);
}
