#include "common/base/arena.h"

#include <stdalign.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ALIGN = 16, BLOCK_MIN = 1 << 16, PRINTED_FIRST = 128 };

/* Blocks up to and including `current` are in use; those after it are free. */
struct rd_arena_block {
    struct rd_arena_block *next;
    size_t cap, used;
    alignas(ALIGN) uint8_t bytes[];
};

#ifdef REDRESS_PARANOID
/* Overwrites the memory, so that a pointer kept over the reset fails at once and not some day. */
static void spoil(struct rd_arena_block *block)
{
    memset(block->bytes, 0xdd, block->used);
}
#else
static void spoil(struct rd_arena_block *block)
{
    (void)block;
}
#endif

void rd_arena_init(struct rd_arena *arena, size_t limit_bytes)
{
    *arena = (struct rd_arena){.limit_bytes = limit_bytes};
}

void rd_arena_done(struct rd_arena *arena)
{
    for (struct rd_arena_block *block = arena->first; block != NULL;) {
        struct rd_arena_block *next = block->next;
        free(block);
        block = next;
    }
    *arena = (struct rd_arena){.limit_bytes = arena->limit_bytes};
}

void rd_arena_reset(struct rd_arena *arena)
{
    for (struct rd_arena_block *block = arena->first; block != NULL; block = block->next) {
        spoil(block);
        block->used = 0;
        if (block == arena->current) {
            break;
        }
    }
    arena->current = arena->first;
    arena->used_bytes = 0;
}

static struct rd_arena_block *block_new(size_t size)
{
    size_t cap = BLOCK_MIN;
    while (cap < size) {
        cap *= 2;
    }
    struct rd_arena_block *block = malloc(sizeof *block + cap);
    if (block == NULL) {
        rd_oom();
    }
    *block = (struct rd_arena_block){.cap = cap};
    return block;
}

/* Makes a block with room for `size` the current one: the first free one that is large enough, else
 * a new one. Sizes are powers of two, so that however turns differ, few blocks are ever made. */
static __attribute__((noinline)) void advance(struct rd_arena *arena, size_t size)
{
    struct rd_arena_block **behind = arena->current != NULL ? &arena->current->next : &arena->first;
    struct rd_arena_block **link = behind;
    while (*link != NULL && (*link)->cap < size) {
        link = &(*link)->next;
    }
    struct rd_arena_block *block = *link;
    if (block != NULL) {
        *link = block->next;
    } else {
        block = block_new(size);
    }
    block->next = *behind;
    *behind = block;
    arena->current = block;
}

void *rd_arena_alloc(struct rd_arena *arena, size_t size)
{
    RD_ASSERT(size <= arena->limit_bytes);
    size_t rounded = (size + (size == 0) + ALIGN - 1) & ~(size_t)(ALIGN - 1);
    RD_ASSERT(rounded <= arena->limit_bytes - arena->used_bytes);
    struct rd_arena_block *block = arena->current;
    if (__builtin_expect(block == NULL || block->cap - block->used < rounded, 0)) {
        advance(arena, rounded);
        block = arena->current;
    }
    void *memory = block->bytes + block->used;
    block->used += rounded;
    arena->used_bytes += rounded;
    return memory;
}

void *rd_arena_zalloc(struct rd_arena *arena, size_t size)
{
    return memset(rd_arena_alloc(arena, size), 0, size);
}

struct rd_str rd_arena_dup(struct rd_arena *arena, struct rd_str text)
{
    char *copy = rd_arena_alloc(arena, text.len + 1);
    if (text.len > 0) {
        memcpy(copy, text.ptr, text.len);
    }
    copy[text.len] = '\0';
    return (struct rd_str){.ptr = copy, .len = text.len};
}

struct rd_str rd_arena_printf(struct rd_arena *arena, const char *format, ...)
{
    va_list args;
    char first[PRINTED_FIRST]; /* most are short: printed once */
    va_start(args, format);
    int length = vsnprintf(first, sizeof first, format, args);
    va_end(args);
    RD_ASSERT(length >= 0);
    size_t size = (size_t)length + 1;
    if (size <= sizeof first) {
        return rd_arena_dup(arena, (struct rd_str){.ptr = first, .len = size - 1});
    }
    char *text = rd_arena_alloc(arena, size);
    va_start(args, format);
    (void)vsnprintf(text, size, format, args);
    va_end(args);
    return (struct rd_str){.ptr = text, .len = size - 1};
}
