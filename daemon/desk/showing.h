/* daemon/desk/showing.h — how the desk's thread comes to see what is durable now.
 *
 *   desk   showing_ask(): a question came         turn   showing_take(): a still of the live view,
 *   desk   showing_look(): what may be read       turn   and, once all of it is durable,
 *   desk   showing_return(): done with it         turn   showing_hand()
 *
 * What is handed over was taken after every question that it covers was asked, and nothing of it
 * can be lost any more. One side view goes to and fro; between showing_take() and showing_return()
 * the questions that come wait for the next one. */
#pragma once

#include "daemon/engine/engine.h"
#include "daemon/store/store.h"

struct showing;

/* 0 or -errno of the side view. */
RD_MUST_USE int showing_new(struct store *store, struct showing **ret_showing);
void showing_free(struct showing *showing); /* both threads are done; before the store is closed */

/* ---- the desk's thread ---- */
/* The number of a question that comes now. The caller then wakes the turn. */
uint64_t showing_ask(struct showing *showing);
/* The number up to which questions are covered by what may be read now; 0: nothing may. */
uint64_t showing_look(struct showing *showing);
/* While showing_look() is not 0: the view, and what it holds. */
struct store_view *showing_view(struct showing *showing, struct engine_counts *ret_counts);
void showing_return(struct showing *showing);
/* Somebody waits for a checkpoint. */
void showing_want_checkpoint(struct showing *showing);

/* ---- the turn's ---- */
/* Takes what `live` shows, of these counts. False: nobody asked, or the view is not back, or it
 * cannot be read (then the desk is told nothing, and its questions run out). */
bool showing_take(
        struct showing *showing, struct store_view *live, const struct engine_counts *counts);
void showing_hand(struct showing *showing);
bool showing_is_checkpoint_wanted(struct showing *showing); /* since the last look */
