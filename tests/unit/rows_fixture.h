/* tests/unit/rows_fixture.h — a store of a test's own, whose tables are compared in hex. */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "common/base/arena.h"
#include "common/base/buf.h"
#include "daemon/store/store.h"
#include "tests/scratch.h"

struct bench {
    struct scratch scratch;
    struct store *store;
    struct store_view *view;
    struct rd_arena arena;
};

static int open_bench(void **state)
{
    struct bench *bench = calloc(1, sizeof *bench);
    RD_ASSERT(bench != NULL);
    bench->scratch = scratch_make();
    struct store_options options = {.dir = bench->scratch.path, .map_bytes_max = 64 << 20};
    char what[256] = "";
    RD_ASSERT(store_open(&options, &bench->store, what) == 0);
    bench->view = store_live(bench->store);
    rd_arena_init(&bench->arena, 1 << 20);
    *state = bench;
    return 0;
}

static int close_bench(void **state)
{
    struct bench *bench = *state;
    store_close(bench->store);
    rd_arena_done(&bench->arena);
    scratch_remove(&bench->scratch);
    free(bench);
    return 0;
}

static void put_hex(struct rd_buf *buf, struct rd_str bytes)
{
    for (size_t i = 0; i < bytes.len; i++) {
        rd_buf_printf(buf, "%02x", (unsigned)(uint8_t)bytes.ptr[i]);
    }
}

/* All rows of a table, one after the other: "key > value; key > value". Spaces of `want` are for
 * the eye. */
static void expect(struct bench *bench, enum store_table table, const char *want)
{
    struct store_scan scan;
    struct rd_str key, value;
    struct rd_buf got, plain;
    rd_buf_init(&got, 1 << 20);
    rd_buf_init(&plain, 1 << 20);
    store_scan_begin(&scan, bench->view, table, (struct rd_str){0});
    while (store_scan_next(&scan, &key, &value)) {
        if (got.len > 0) {
            rd_buf_put_u8(&got, ';');
        }
        put_hex(&got, key);
        rd_buf_put_u8(&got, '>');
        put_hex(&got, value);
    }
    store_scan_end(&scan);
    for (; *want != 0; want++) {
        if (*want != ' ') {
            rd_buf_put_u8(&plain, (uint8_t)*want);
        }
    }
    rd_buf_put_u8(&got, 0);
    rd_buf_put_u8(&plain, 0);
    assert_string_equal((const char *)got.ptr, (const char *)plain.ptr);
    rd_buf_done(&got);
    rd_buf_done(&plain);
}
