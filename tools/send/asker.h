/* tools/send/asker.h — is a row's event one that the daemon would take? Asked before it is sent, so
 * that a slip of a clerk becomes no dead letter.
 *
 * Each event is decoded here. The desk is asked (event.check) about the first of each kind and
 * unit: what it finds wrong then, a unit that there is not, is wrong with all of them. What depends
 * on other events, such as an unknown case, is left to the daemon. */
#pragma once

#include "common/client/desk.h"
#include "tools/shared/ends.h"

struct asker;

/* `needs_desk`: if no desk answers in time the error is printed and NULL returned; without it
 * events are only decoded then. */
struct asker *asker_new(
        struct rd_client *client, const struct ends *ends, int64_t wait_us, bool needs_desk);
void asker_free(struct asker *asker); /* NULL: nothing */
bool asker_has_desk(const struct asker *asker);
/* True: nothing is known against it. False: *why. */
bool asker_judge(struct asker *asker, struct rd_str event, struct rd_reject *why);
enum asker_known { ASKER_NEW, ASKER_SAME, ASKER_OTHERWISE };
/* The same with all that the desk says of this very event. 0, or said and an exit status; why->code
 * tells. *ret_known, if not NULL: whether its id was taken before, and with the same content. */
int asker_check(struct asker *asker, struct rd_str event, struct rd_reject *why,
        enum asker_known *ret_known);
