/* daemon/reload.h — SIGHUP: the configuration again, all or nothing, between two turns.
 *
 * Timers and windows are kept. What only a start can change (state, listen, security, limits of the
 * sockets and the store) keeps its old value, and a line says so. A refused file changes nothing.
 */
#pragma once

#include "daemon/edge.h"

/* True if the new configuration is in force; else edge->refused says why it is not. */
bool reload(struct edge *edge);
