/* daemon/show.h — the desk is shown what is durable, without a checkpoint and without a copy.
 *
 * When a question waits, the turn takes a still of the live view between two records, and hands it
 * over as soon as the last of those records is durable: the next batches go on meanwhile. */
#pragma once

#include "daemon/edge.h"

/* Once a turn, with no record at work. */
void show_serve(struct edge *edge);
/* Tells the desk the present facts; before its door opens, too. */
void show_publish(struct edge *edge);
