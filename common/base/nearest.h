/* common/base/nearest.h — the nearest of some names to one that was written: for "did you mean X?".
 *
 *   struct rd_nearest nearest = rd_nearest_of(written);
 *   rd_nearest_try(&nearest, name);   for each name that would have been right
 *   rd_nearest_is_close(&nearest)     then nearest.best is worth a hint
 *
 * Pure: no allocation. Names over 64 bytes are never near. */
#pragma once

#include "common/base/base.h"

struct rd_nearest {
    struct rd_str text; /* what was written */
    struct rd_str best; /* borrowed from the names tried; empty: none yet */
    size_t distance;    /* letters to change, add, drop or swap with their neighbour */
};

struct rd_nearest rd_nearest_of(struct rd_str text);
void rd_nearest_try(struct rd_nearest *nearest, struct rd_str name);
/* At most half of the longer name's letters differ: closer to a slip than to another word. */
bool rd_nearest_is_close(const struct rd_nearest *nearest);
/* "; did you mean X?" for the end of a message, or an empty text. Returns room. */
enum { RD_NEAREST_HINT_MAX = 96 };
const char *rd_nearest_hint(
        const struct rd_nearest *nearest, char room[static RD_NEAREST_HINT_MAX]);
