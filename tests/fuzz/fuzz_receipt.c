/* What reads as a receipt is written and read again as the same. */
#include "common/wire/receipt.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { TIMES_MAX = 64, FLOOR_BYTES = 4096 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct rd_str bytes = {.ptr = (const char *)data, .len = size};
    RD_CLEANUP(rd_tree_freep)
    struct rd_tree *tree = rd_tree_new();
    RD_CLEANUP(rd_arena_done)
    struct rd_arena arena;
    rd_arena_init(&arena, TIMES_MAX * size + FLOOR_BYTES); /* more would assert */
    struct rd_receipt receipt, again;
    rd_node root;
    if (rd_tree_read(tree, bytes, &root, NULL) != 0 ||
            rd_receipt_unpack(root, &arena, &receipt) != 0) {
        return 0;
    }
    RD_CLEANUP(rd_buf_done)
    struct rd_buf once, twice;
    rd_buf_init(&once, TIMES_MAX * size + FLOOR_BYTES);
    rd_buf_init(&twice, TIMES_MAX * size + FLOOR_BYTES);
    rd_receipt_pack(&once, &receipt);
    RD_ASSERT(once.error == 0);
    RD_CLEANUP(rd_tree_freep)
    struct rd_tree *second = rd_tree_new();
    RD_CLEANUP(rd_arena_done)
    struct rd_arena other;
    rd_arena_init(&other, TIMES_MAX * once.len + FLOOR_BYTES);
    int r = rd_tree_read(second, rd_buf_str(&once), &root, NULL);
    RD_ASSERT(r == 0);
    r = rd_receipt_unpack(root, &other, &again);
    RD_ASSERT(r == 0);
    rd_receipt_pack(&twice, &again);
    RD_ASSERT(rd_str_eq(rd_buf_str(&once), rd_buf_str(&twice)));
    return 0;
}
