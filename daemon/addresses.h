/* daemon/addresses.h — the addresses of all doors: taken before anything is read, listened at when
 * the doors open, looked at each second. Source: redressd(8), "FILES". */
#pragma once

#include "daemon/address.h"
#include "daemon/edge.h"

enum { ADDRESSES_LIST_MAX = 16 }; /* endpoints of a door (schema_edge.c) */
enum addresses_door { DOOR_INTAKE, DOOR_PULL, DOOR_FEED, DOOR_DESK, DOOR_COUNT };

/* Locks every ipc address; waits for a predecessor that is ending. 0 or an exit status of
 * sysexits.h, the reason logged. */
RD_MUST_USE int addresses_take(struct edge *edge);
/* Makes the sockets. 0 or an exit status. */
RD_MUST_USE int addresses_listen(struct edge *edge);
/* What a door binds: each endpoint, and the descriptor that listens there already, or -1. */
struct endpoints addresses_of(const struct edge *edge, enum addresses_door door);
/* A socket that is gone is made again; one that somebody replaced too, unless somebody listens
 * there. Each is logged and alarmed once, and logged again when what hinders it has changed. */
void addresses_look(struct edge *edge);
/* Whether the lock of an address was removed or replaced; ret_path is the first such lock. */
bool addresses_has_lost(const struct addresses *addresses, char ret_path[static ADDRESS_LOCK_MAX]);
/* The path of the first socket by which this daemon cannot be reached; NULL: there is none.
 * Borrowed. */
const char *addresses_deaf(const struct addresses *addresses);
/* Removes the sockets that are ours, and gives the locks back; after the doors are closed. */
void addresses_free(struct addresses *addresses);
