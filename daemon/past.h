/* daemon/past.h — the state as it was at an instant, for the desk's questions "as of".
 *
 * Nothing is kept in versions: a thread of low priority replays the journal up to that instant into
 * a scratch store, from the newest snapshot before it, or from the beginning; where the last such
 * state lies nearer, from that one. The desk goes on meanwhile and asks again. There is one such
 * state at a time; it goes when nobody has asked for it for a while.
 *
 * The store lies in the state folder, has no name from the moment on that it is open, and leaves
 * the disk room (PAST_RESERVE_BYTES). */
#pragma once

#include "daemon/desk/desk.h"

#define PAST_RESERVE_BYTES (UINT64_C(512) << 20)

enum {
    PAST_IDLE_LOOKS = 300,  /* calls of past_look() after which an unused state goes */
    PAST_UNSERVED_ASKS = 64 /* so often another instant waits for one that is made but unserved */
};

struct past;
struct past *past_new(const char *state, struct journal *journal);
void past_free(struct past *past); /* stops the thread; before the journal is closed */

/* On the desk's thread, as desk_options.past. */
enum desk_past past_ask(
        void *context, const struct desk_past_wish *wish, struct desk_past_state *ret_state);
void past_look(struct past *past); /* now and then, on the desk's thread */
