/* Laws of the scan: what it takes, msgpack-c reads with at most 64 times its bytes; written again
 * and read again it is the same. */
#include <errno.h>
#include <malloc.h>

#include "common/wire/pack.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
size_t __sanitizer_get_current_allocated_bytes(void) __attribute__((weak));

enum { TIMES_MAX = 64, FLOOR_BYTES = 64 * 1024 };

static size_t allocated_bytes(void)
{
    return __sanitizer_get_current_allocated_bytes != NULL
                   ? __sanitizer_get_current_allocated_bytes()
                   : mallinfo2().uordblks;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct rd_str bytes = {.ptr = (const char *)data, .len = size};
    RD_CLEANUP(rd_tree_freep)
    struct rd_tree *tree = rd_tree_new();
    rd_node root = NULL;
    const char *what = NULL;
    size_t before = allocated_bytes();
    int r = rd_tree_read(tree, bytes, &root, &what);
    RD_ASSERT(allocated_bytes() <= before + TIMES_MAX * size + FLOOR_BYTES);
    RD_ASSERT((r == 0) == (what == NULL));
    if (r == -EBADMSG) {
        RD_ASSERT(root == NULL);
        return 0;
    }
    RD_ASSERT(r == 0 || r == -EILSEQ);
    RD_ASSERT(rd_pack_span(bytes) == size);
    RD_CLEANUP(rd_buf_done)
    struct rd_buf once, twice;
    rd_buf_init(&once, 8 * size + 64);
    rd_buf_init(&twice, 8 * size + 64);
    rd_pack_node(&once, root);
    RD_ASSERT(once.error == 0);
    RD_ASSERT(once.len <= size); /* the shortest forms */
    RD_ASSERT(rd_tree_read(tree, rd_buf_str(&once), &root, NULL) == r);
    rd_pack_node(&twice, root);
    RD_ASSERT(rd_str_eq(rd_buf_str(&once), rd_buf_str(&twice)));
    return 0;
}
