/* daemon/store/slab.h — memory of an overlay: allocated piece by piece, released back to a mark or
 * as a whole.
 *
 * Blocks of 2 MiB are kept over a reset, so that a steady state does not call malloc; a piece that
 * needs a bigger block gets its own, freed at the reset.
 * Alignment of a piece: 8. Not thread-safe. */
#pragma once

#include "common/base/base.h"

/* Bytes for free(), never NULL, not cleared; from 2 MiB on in huge pages where the kernel gives
 * them: at half a million rows the page walks would cost as much as the look-ups. */
void *huge_alloc(size_t size);

struct slab_block;
struct slab {
    struct slab_block **blocks;
    size_t count, cap; /* of blocks */
    size_t current;    /* the block being filled */
    size_t used;       /* in it */
    size_t bytes;      /* given since the reset */
};

struct slab_mark {
    size_t current, used, bytes;
};

void slab_done(struct slab *slab); /* a zeroed slab is an empty one */
void slab_reset(struct slab *slab);
void *slab_alloc(struct slab *slab, size_t size); /* not cleared, never NULL */
struct slab_mark slab_marked(const struct slab *slab);
void slab_pop(struct slab *slab, struct slab_mark mark); /* takes back all given since */
