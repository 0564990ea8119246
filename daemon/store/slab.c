#include "daemon/store/slab.h"

#include <sanitizer/asan_interface.h>
#include <stdlib.h>
#include <sys/mman.h>

enum { BLOCK_BYTES = 2 * 1024 * 1024, PIECE_ALIGN = 8 };

struct slab_block {
    size_t size; /* of bytes */
    uint64_t bytes[];
};

enum { BLOCK_ROOM = BLOCK_BYTES - sizeof(struct slab_block) };

void *huge_alloc(size_t size)
{
    void *bytes = NULL;
    if (size < BLOCK_BYTES) {
        bytes = malloc(size);
    } else {
        size = (size + BLOCK_BYTES - 1) / BLOCK_BYTES * BLOCK_BYTES;
        bytes = aligned_alloc(BLOCK_BYTES, size);
    }
    if (bytes == NULL) {
        rd_oom();
    }
    if (size >= BLOCK_BYTES) {
        int r = madvise(bytes, size, MADV_HUGEPAGE);
        (void)r; /* without huge pages it is only slower */
    }
    return bytes;
}

static struct slab_block *block_new(size_t size)
{
    size_t total = size <= BLOCK_ROOM ? BLOCK_BYTES : size + sizeof(struct slab_block);
    struct slab_block *block = huge_alloc(total);
    block->size = total - sizeof *block;
    return block;
}

static void slab_insert(struct slab *slab, size_t at, struct slab_block *block)
{
    if (slab->count == slab->cap) {
        size_t cap = slab->cap == 0 ? 16 : slab->cap * 2;
        struct slab_block **blocks = realloc(slab->blocks, cap * sizeof(struct slab_block *));
        if (blocks == NULL) {
            rd_oom();
        }
        slab->blocks = blocks;
        slab->cap = cap;
    }
    for (size_t i = slab->count; i > at; i--) {
        slab->blocks[i] = slab->blocks[i - 1];
    }
    slab->blocks[at] = block;
    slab->count++;
}

/* Marks the bytes after the mark as free, so that ASan finds code that still borrows from them.
 * Does nothing without ASan. */
static void slab_poison(const struct slab *slab, struct slab_mark mark)
{
    for (size_t i = mark.current; i < slab->count && i <= slab->current; i++) {
        struct slab_block *block = slab->blocks[i];
        size_t from = i == mark.current ? mark.used : 0;
        ASAN_POISON_MEMORY_REGION((uint8_t *)block->bytes + from, block->size - from);
    }
}

void slab_done(struct slab *slab)
{
    for (size_t i = 0; i < slab->count; i++) {
        free(slab->blocks[i]);
    }
    free(slab->blocks);
    *slab = (struct slab){0};
}

void slab_reset(struct slab *slab)
{
    slab_poison(slab, (struct slab_mark){0});
    size_t kept = 0;
    for (size_t i = 0; i < slab->count; i++) {
        if (slab->blocks[i]->size > BLOCK_ROOM) {
            free(slab->blocks[i]);
        } else {
            slab->blocks[kept++] = slab->blocks[i];
        }
    }
    slab->count = kept;
    slab->current = slab->used = slab->bytes = 0;
}

static void *slab_alloc_slow(struct slab *slab, size_t size)
{
    size_t next = slab->count == 0 ? 0 : slab->current + 1;
    if (next == slab->count || slab->blocks[next]->size < size) {
        slab_insert(slab, next, block_new(size));
    }
    slab->current = next;
    slab->used = size;
    slab->bytes += size;
    ASAN_UNPOISON_MEMORY_REGION(slab->blocks[next]->bytes, size);
    return slab->blocks[next]->bytes;
}

void *slab_alloc(struct slab *slab, size_t size)
{
    size = (size + PIECE_ALIGN - 1) / PIECE_ALIGN * PIECE_ALIGN;
    if (slab->count == 0 || slab->blocks[slab->current]->size - slab->used < size) {
        return slab_alloc_slow(slab, size);
    }
    void *piece = (uint8_t *)slab->blocks[slab->current]->bytes + slab->used;
    slab->used += size;
    slab->bytes += size;
    ASAN_UNPOISON_MEMORY_REGION(piece, size);
    return piece;
}

struct slab_mark slab_marked(const struct slab *slab)
{
    return (struct slab_mark){.current = slab->current, .used = slab->used, .bytes = slab->bytes};
}

void slab_pop(struct slab *slab, struct slab_mark mark)
{
    RD_ASSERT(mark.current < slab->current ||
              (mark.current == slab->current && mark.used <= slab->used));
    slab_poison(slab, mark);
    slab->current = mark.current;
    slab->used = mark.used;
    slab->bytes = mark.bytes;
}
