/* daemon/store/room.h — what the room's files see of a store. */
#pragma once

#include "daemon/store/dbenv.h"

const struct dbenv *room_env(const struct store *store);
uint64_t room_seed(const struct store *store); /* of overlay_hash() */
