/* Arenas: alignment, blocks that outlive a reset, large pieces among small ones. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/arena.h"

enum { LIMIT = 1 << 24 };

static void test_pieces_are_aligned_and_apart(void **state)
{
    (void)state;
    static const size_t sizes[] = {0, 1, 15, 16, 17, 100, 65536, 65537, 1000000, 3};
    struct rd_arena arena;
    rd_arena_init(&arena, LIMIT);
    uint8_t *at[RD_COUNT(sizes)];
    for (size_t i = 0; i < RD_COUNT(sizes); i++) {
        at[i] = rd_arena_alloc(&arena, sizes[i]);
        assert_int_equal((uintptr_t)at[i] % 16, 0);
        memset(at[i], (int)i, sizes[i]);
    }
    for (size_t i = 0; i < RD_COUNT(sizes); i++) {
        for (size_t k = 0; k < sizes[i]; k++) {
            assert_int_equal(at[i][k], i);
        }
    }
    rd_arena_done(&arena);
}

static void test_a_reset_keeps_the_blocks(void **state)
{
    (void)state;
    struct rd_arena arena;
    rd_arena_init(&arena, LIMIT);
    void *first[3] = {0};
    for (int turn = 0; turn < 3; turn++) {
        static const size_t sizes[] = {40000, 200000, 50000};
        for (size_t i = 0; i < RD_COUNT(sizes); i++) {
            void *memory = rd_arena_alloc(&arena, sizes[i]);
            if (turn == 0) {
                first[i] = memory;
            }
            assert_ptr_equal(memory, first[i]);
        }
        assert_int_equal(arena.used_bytes, 40000 + 200000 + 50000);
        rd_arena_reset(&arena);
        assert_int_equal(arena.used_bytes, 0);
    }
    rd_arena_done(&arena);
}

static void test_zalloc_clears_used_memory(void **state)
{
    (void)state;
    struct rd_arena arena;
    rd_arena_init(&arena, LIMIT);
    memset(rd_arena_alloc(&arena, 1000), 0xff, 1000);
    rd_arena_reset(&arena);
    const uint32_t *row = RD_ARENA_ARRAY(&arena, uint32_t, 250);
    for (size_t i = 0; i < 250; i++) {
        assert_int_equal(row[i], 0);
    }
    rd_arena_done(&arena);
}

static void test_texts(void **state)
{
    (void)state;
    struct rd_arena arena;
    rd_arena_init(&arena, LIMIT);
    struct rd_str copy = rd_arena_dup(&arena, (struct rd_str){.ptr = "abcdef", .len = 3});
    assert_int_equal(copy.len, 3);
    assert_string_equal(copy.ptr, "abc");
    struct rd_str empty = rd_arena_dup(&arena, (struct rd_str){0});
    assert_int_equal(empty.len, 0);
    assert_string_equal(empty.ptr, "");
    struct rd_str text = rd_arena_printf(&arena, "case %d: %s", 7, "投诉");
    assert_string_equal(text.ptr, "case 7: 投诉");
    assert_int_equal(text.len, strlen("case 7: 投诉"));
    rd_arena_done(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(test_pieces_are_aligned_and_apart),
            cmocka_unit_test(test_a_reset_keeps_the_blocks),
            cmocka_unit_test(test_zalloc_clears_used_memory),
            cmocka_unit_test(test_texts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
