/* tools/send/state.h — which rows were taken, over many runs: a file of fingerprints.
 *
 *   redress-send state 2
 *   0123456789abcdef0123456789abcdef
 *   …
 *   sequence 2000
 *
 * A row is known by what it says, so an export may have its newest row first, grow, or bear another
 * name each night. The file is appended to and synced; a last line that a crash has cut is dropped.
 */
#pragma once

#include "tools/send/input.h"

struct state;

/* The file, or a new one. NULL: said. */
struct state *state_open(const char *path);
void state_close(struct state *state); /* NULL: nothing */
bool state_has(const struct state *state, const uint8_t print[static INPUT_PRINT_BYTES]);
/* Taken. `sequence`: the last one given; 0: none. In the file with the next state_save(). */
void state_add(
        struct state *state, const uint8_t print[static INPUT_PRINT_BYTES], uint64_t sequence);
uint64_t state_sequence(const struct state *state); /* the last one given, over all runs */
RD_MUST_USE int state_save(struct state *state);    /* 0, -errno */
