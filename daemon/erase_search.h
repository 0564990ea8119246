/* daemon/erase_search.h — what is to be erased is looked for while the daemon serves: by a thread
 * of low priority, over all of journal and archive. The doors close later, and then for no longer
 * than it takes to overwrite what was found. */
#pragma once

#include "daemon/edge.h"
#include "daemon/erase_note.h"

struct erase_search;

/* Of what the last checkpoint has. NULL: there is no thread to be had now. */
struct erase_search *erase_search_begin(struct edge *edge);
/* It has ended; before that nothing else may be asked. */
bool erase_search_is_done(const struct erase_search *search);
/* 0, or -EBADMSG, -errno with what it says for a person. */
int erase_search_error(const struct erase_search *search, const char **ret_what);
const struct erase_plan *erase_search_plan(const struct erase_search *search);
/* How many jobs it looked for. */
size_t erase_search_jobs(const struct erase_search *search);
/* Journal and archive have every record from the first on, no dead letter was ever let go, and none
 * of all these speaks of the customers: then no freed page, no spare segment and no snapshot can
 * either, as nothing of them ever came in but the events that ask. */
bool erase_search_is_nothing(const struct erase_search *search);
/* Waits for the thread. Before store and journal are closed. Accepts NULL. */
void erase_search_end(struct erase_search *search);
/* Removes what a search, or an erasure, that was killed left in a state's folder. */
void erase_scratch_path(const char *state, char ret_path[static EDGE_STATE_PATH_MAX]);
void erase_scratch_remove(const char *path);
