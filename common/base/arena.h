/* common/base/arena.h — memory that is freed all at once: a turn's, a configuration's.
 *
 * Blocks are kept over a reset, so that a steady state does not call malloc. Allocation never
 * returns NULL: over `limit_bytes` it is our bug (inputs are limited) and asserts.
 * Alignment: 16. Not thread-safe. */
#pragma once

#include "common/base/base.h"

struct rd_arena_block;
struct rd_arena {
    struct rd_arena_block *first, *current;
    size_t used_bytes, limit_bytes;
};

void rd_arena_init(struct rd_arena *arena, size_t limit_bytes);
void rd_arena_done(struct rd_arena *arena);
void rd_arena_reset(struct rd_arena *arena);

void *rd_arena_alloc(struct rd_arena *arena, size_t size); /* not cleared */
void *rd_arena_zalloc(struct rd_arena *arena, size_t size);
/* A copy, followed by a NUL that is not counted in len. */
struct rd_str rd_arena_dup(struct rd_arena *arena, struct rd_str text);
struct rd_str rd_arena_printf(struct rd_arena *arena, const char *format, ...) RD_PRINTF(2, 3);
#define RD_ARENA_ARRAY(arena, type, count)                                                         \
    ((type *)rd_arena_zalloc((arena), sizeof(type) * (size_t)(count)))
