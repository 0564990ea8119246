/* tools/send/state.h — which rows were taken, over many runs: a file of fingerprints.
 *
 *   redress-send state 4
 *   given 00112233445566778899aabbccddeeff 2000
 *   0123456789abcdef0123456789abcdef 00112233445566778899aabbccddeeff
 *   …
 *   sequence 2000
 *
 * A line is what a row says, and its id; or an id and the number that its event was given, which
 * stands there before the event leaves: whatever becomes of the run, it is sent under no other.
 * A row is known by what it says, so an export may have its
 * newest row first, grow, or bear another name each night. Of an id the last line counts: what was
 * said of it before is not known any more, so that a row that is corrected back is sent. Files of
 * versions before, without given numbers or ids, are read and gone on with. It is appended to and
 * synced; a last line that a crash has cut is dropped. One run at a time has it.
 */
#pragma once

#include "tools/send/seen.h"

struct state;

/* The file, or a new one. NULL: said. */
struct state *state_open(const char *path);
void state_close(struct state *state); /* NULL: nothing */
bool state_has(const struct state *state, const struct print *print);
/* Whether something else was said of that id last. */
bool state_differs(const struct state *state, const struct print *print, const struct print *id);
/* Taken. `sequence`: the last one given; 0: none. In the file with the next state_save(). */
void state_add(
        struct state *state, const struct print *print, const struct print *id, uint64_t sequence);
uint64_t state_sequence(const struct state *state); /* the last one given, over all runs */
/* The number that was given to the id; 0: none. */
uint64_t state_given(const struct state *state, const struct print *id);
/* In the file with the next state_save(), which comes before the event is sent. */
void state_give(struct state *state, const struct print *id, uint64_t sequence);
RD_MUST_USE int state_save(struct state *state); /* 0, -errno */
