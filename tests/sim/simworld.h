/* tests/sim/simworld.h — the real engine, store and journal in two folders, driven by records.
 *
 * A world is a state directory with a journal beside it. What is applied is journalled as the edge
 * does it; every alert told is kept, so that a crash or a replay can be held against it. */
#pragma once

#include "common/wire/pack.h"
#include "daemon/engine/engine.h"
#include "daemon/journal/journal.h"
#include "daemon/store/store.h"

enum { WORLD_WHAT_MAX = 512 };

struct world;

/* An empty world below `dir`, which is made or emptied. Exits with a message where that fails: a
 * test without its folder has nothing to say. */
struct world *world_new(const char *dir);
void world_free(struct world *world);
struct engine *world_engine(struct world *world);
struct store_view *world_view(struct world *world); /* after world_flush(): all is in the tables */

/* ret_what is empty, or says what went wrong. */
void world_configure(struct world *world, const struct engine_time *at, struct rd_str text,
        char ret_what[static WORLD_WHAT_MAX]);
/* The receipt, then the alerts, packed at the end of `out` as an array of two. */
void world_event(struct world *world, const struct engine_time *at,
        const struct engine_sender *sender, struct rd_str bytes, struct rd_buf *out);
/* How many timers fired, then the alerts. */
void world_tick(struct world *world, const struct engine_time *at, struct rd_buf *out);

/* Journal durable, then a checkpoint waited for; or one only begun. */
void world_flush(struct world *world);
void world_seal(struct world *world);
/* Dies without a checkpoint and comes back: the journal's tail is replayed, every alert of it must
 * be byte for byte the one told before. */
void world_crash(struct world *world, char ret_what[static WORLD_WHAT_MAX]);
/* The journal made durable and remembered: a power cut may come at any byte written from here on.
 * No checkpoint may be begun before the cut. */
void world_mark(struct world *world);
/* The power goes when `permille` of what the journal's files have changed since the mark is on
 * disk: the rest is as it was. Comes back as after a crash; what was lost was told to nobody. */
void world_cut(struct world *world, uint64_t permille, char ret_what[static WORLD_WHAT_MAX]);
uint64_t world_records(struct world *world); /* number of the journal's last record */
/* The whole journal applied to an empty state: the same alerts, the same rows. */
void world_replay(struct world *world, char ret_what[static WORLD_WHAT_MAX]);
