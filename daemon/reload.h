/* daemon/reload.h — SIGHUP: the configuration again, all or nothing, between two turns.
 *
 * Timers and windows are kept. What only a start can change (state, listen, security, limits of the
 * sockets and the store) keeps its old value, and a line says so. A refused file changes nothing.
 */
#pragma once

#include "daemon/edge.h"

/* Begins to read the file, on a thread of its own. Asked for again meanwhile, it is read again. */
void reload_begin(struct edge *edge);
/* To call when edge->loader.fd is readable: takes what was read into force, or refuses it, and
 * tells the service manager. */
void reload_end(struct edge *edge);
